import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'

const TIME_LIMIT_MS = 10_000
const PAUSE_MS = 3_000
const PATIENCE_MS = 90_000 // a new workers.dev subdomain takes up to a minute

// Cloudflare's numbers, in a page of its own: the Worker throws, or uses too much processor time.
const WORKER_FAILS = ['1101', '1102']

const answer = z.object({ status: z.literal('ok'), send: z.string() })

/**
 * What a webhook's URL answers: as it should; something else, which stays so until someone changes it; or nothing
 * yet, which may be a matter of minutes.
 */
export type Asked = { state: 'ready' | 'blocked' | 'absent'; why: string }

/** What asking needs; a test has its own. */
export type AskDeps = {
  get: (url: string) => Promise<Response>
  wait: (ms: number) => Promise<unknown>
  now: () => number
}

const REAL: AskDeps = {
  get: (url) => fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIME_LIMIT_MS) }),
  wait: setTimeout,
  now: () => Date.now(),
}

/** Asks with GET, as Yespo does when a webhook is saved, until there is an answer or a minute and a half is over. */
export async function askWebhook(url: string, deps: AskDeps = REAL): Promise<Asked> {
  const end = deps.now() + PATIENCE_MS
  for (;;) {
    const asked = await askOnce(url, deps)
    if (asked.state !== 'absent' || deps.now() + PAUSE_MS > end) return asked
    await deps.wait(PAUSE_MS)
  }
}

async function askOnce(url: string, { get }: AskDeps): Promise<Asked> {
  try {
    return await judge(await get(url))
  } catch (error) {
    return { state: 'absent', why: explainFailure(error) }
  }
}

async function judge(response: Response): Promise<Asked> {
  const { status, headers } = response
  const text = await response.text()
  if (status === 200) {
    if (answer.safeParse(parse(text)).success) return { state: 'ready', why: 'answers 200' }
    return {
      state: 'blocked',
      why: 'answers 200, but not as the receiver does: something else is at this address',
    }
  }
  const blocked = (why: string): Asked => ({ state: 'blocked', why: `answers ${status}: ${why}` })
  const location = headers.get('Location') ?? ''
  if (
    /\.cloudflareaccess\.com\b/.test(location) ||
    /^Cloudflare-Access/i.test(headers.get('WWW-Authenticate') ?? '')
  ) {
    return blocked(`Cloudflare Access asks for a login, which Yespo cannot give. Add a policy "Bypass, Everyone" for the path
/webhooks/yespo (one.dash.cloudflare.com, Access, Applications), or switch Access off for this Worker`)
  }
  if (headers.get('cf-mitigated') === 'challenge') {
    return blocked(`Bot Fight Mode, or a rule of the firewall, asks for a browser, which Yespo is not. Switch Bot Fight Mode off for
the domain (dash.cloudflare.com, the domain, Security, Settings), or let Yespo use the workers.dev address`)
  }
  if (status >= 300 && status < 400)
    return blocked(`it sends elsewhere, to ${location || 'no address'}`)
  if (status === 401 || status === 403)
    return blocked(`a rule of the firewall, or something else before the receiver`)
  const code = /error code: (\d{3,4})/.exec(text)?.[1] ?? ''
  if (WORKER_FAILS.includes(code))
    return blocked('the receiver itself fails; npx wrangler tail shows why')
  const what = status === 404 ? 'nothing is there yet' : 'it is not set up yet, or Cloudflare fails'
  return { state: 'absent', why: `answers ${status}: ${what}${code === '' ? '' : ` (${code})`}` }
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
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'is not known to DNS yet'
  if (/CERT|SSL|TLS|EPROTO/.test(code)) return 'has no valid certificate yet'
  if (name === 'TimeoutError') return 'does not answer within 10 seconds'
  return `cannot be reached${code === '' ? '' : ` (${code})`}`
}
