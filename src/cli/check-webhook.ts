import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'

const TIMEOUT_MS = 10_000
const PAUSE_MS = 3_000
const TOTAL_TIMEOUT_MS = 90_000 // a new workers.dev subdomain takes up to a minute

// Cloudflare's error codes: the Worker throws, or uses too much processor time.
const WORKER_ERRORS = ['1101', '1102']

const setupResponse = z.object({ status: z.literal('ok'), send: z.string() })

/**
 * The state of a webhook's URL: ready; blocked until someone changes something; or absent, perhaps only for some
 * minutes.
 */
export type WebhookState = { state: 'ready' | 'blocked' | 'absent'; why: string }

/** Dependencies, for tests. */
export type CheckDeps = {
  get: (url: string) => Promise<Response>
  wait: (ms: number) => Promise<unknown>
  now: () => number
}

const REAL: CheckDeps = {
  get: (url) => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }),
  wait: setTimeout,
  now: () => Date.now(),
}

/** Requests the URL, as Yespo does when a webhook is saved, until it responds, for at most a minute and a half. */
export async function checkWebhook(url: string, deps: CheckDeps = REAL): Promise<WebhookState> {
  const end = deps.now() + TOTAL_TIMEOUT_MS
  for (;;) {
    const result = await checkOnce(url, deps)
    if (result.state !== 'absent' || deps.now() + PAUSE_MS > end) return result
    await deps.wait(PAUSE_MS)
  }
}

async function checkOnce(url: string, { get }: CheckDeps): Promise<WebhookState> {
  try {
    return await judge(await get(url))
  } catch (error) {
    return { state: 'absent', why: explainFailure(error) }
  }
}

async function judge(response: Response): Promise<WebhookState> {
  const { status, headers } = response
  const text = await response.text()
  if (status === 200) {
    if (setupResponse.safeParse(parse(text)).success) return { state: 'ready', why: 'responds 200' }
    return {
      state: 'blocked',
      why: 'responds 200, but not like the receiver: something else is at this URL',
    }
  }
  const blocked = (why: string): WebhookState => ({
    state: 'blocked',
    why: `responds ${status}: ${why}`,
  })
  const location = headers.get('Location') ?? ''
  if (
    /\.cloudflareaccess\.com\b/.test(location) ||
    /^Cloudflare-Access/i.test(headers.get('WWW-Authenticate') ?? '')
  ) {
    return blocked(`Cloudflare Access requires a login, which Yespo does not have. Add a policy "Bypass, Everyone" for the path
/webhooks/yespo (one.dash.cloudflare.com, Access, Applications), or switch Access off for this Worker`)
  }
  if (headers.get('cf-mitigated') === 'challenge') {
    return blocked(`Bot Fight Mode, or a firewall rule, lets only browsers in. Switch Bot Fight Mode off for the domain
(dash.cloudflare.com, the domain, Security, Settings), or let Yespo use the workers.dev URL`)
  }
  if (status >= 300 && status < 400)
    return blocked(`it redirects to ${location || 'an unknown URL'}`)
  if (status === 401 || status === 403)
    return blocked(`a firewall rule, or something else in front of the receiver`)
  const code = /error code: (\d{3,4})/.exec(text)?.[1] ?? ''
  if (WORKER_ERRORS.includes(code))
    return blocked('the receiver itself fails; see npx wrangler tail')
  const reason =
    status === 404 ? 'nothing is there yet' : 'it is not set up yet, or Cloudflare fails'
  return { state: 'absent', why: `responds ${status}: ${reason}${code === '' ? '' : ` (${code})`}` }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function explainFailure(error: unknown): string {
  const { name, cause } = error instanceof Error ? error : { name: '', cause: undefined }
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'is not in DNS yet'
  if (/CERT|SSL|TLS|EPROTO/.test(code)) return 'has no valid certificate yet'
  if (name === 'TimeoutError') return 'does not respond within 10 seconds'
  return `cannot be reached${code === '' ? '' : ` (${code})`}`
}
