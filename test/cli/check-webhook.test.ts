import { expect, it } from 'vitest'
import { checkWebhook } from '../../src/cli/check-webhook.ts'

const URL = 'https://hooks.example.com/webhooks/yespo'
const READY = () => Response.json({ status: 'ok', send: 'POST, a JSON array' })

function fail(code: string, name = 'TypeError') {
  const cause = Object.assign(new Error(code), { code })
  return () => Promise.reject(Object.assign(new Error('fetch failed', { cause }), { name }))
}

/** Checks a webhook that gives these responses in order, the last forever. @returns also how long it waited */
async function check(...responses: (() => Response | Promise<Response>)[]) {
  let [now, calls] = [0, 0]
  const result = await checkWebhook(URL, {
    get: async () => (responses[calls++] ?? responses.at(-1) ?? READY)(),
    wait: async (ms) => (now += ms),
    now: () => now,
  })
  return { ...result, seconds: now / 1_000, calls }
}

const html =
  (status: number, body: string, headers = {}) =>
  () =>
    new Response(body, { status, headers: { 'Content-Type': 'text/html', ...headers } })
const redirect = (to: string) => () =>
  new Response(null, { status: 302, headers: { Location: to } })

it('accepts the response of the receiver at once', async () => {
  expect(await check(READY)).toEqual({ state: 'ready', why: 'responds 200', seconds: 0, calls: 1 })
})

it.each([
  ['a host that is not in DNS yet', fail('ENOTFOUND'), /not in DNS yet/],
  ['a name server that is busy', fail('EAI_AGAIN'), /not in DNS yet/],
  [
    'a certificate that is being issued',
    fail('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'),
    /certificate/,
  ],
  ['a host that does not respond', fail('', 'TimeoutError'), /within 10 seconds/],
  ['a refused connection', fail('ECONNREFUSED'), /cannot be reached \(ECONNREFUSED\)/],
  [
    'workers.dev before it knows the Worker',
    html(404, 'error code: 1042'),
    /404: nothing.*\(1042\)/,
  ],
  ['a domain without an origin', html(530, '<p>error code: 1016</p>'), /530: .*\(1016\)/],
  ['an outage', html(503, 'no'), /responds 503/],
])('waits for a minute and a half for %s', async (_, respond, why) => {
  expect(await check(respond, respond, READY)).toMatchObject({
    state: 'ready',
    seconds: 6,
    calls: 3,
  })
  const never = await check(respond)
  expect(never).toMatchObject({ state: 'absent', why: expect.stringMatching(why), seconds: 90 })
})

it.each([
  [
    'Access',
    redirect('https://team.cloudflareaccess.com/cdn-cgi/access/login/x'),
    /Access.*Bypass/s,
  ],
  ['Cloudflare Access', html(403, '', { 'WWW-Authenticate': 'Cloudflare-Access' }), /Access/],
  ['Bot Fight Mode', html(403, 'Just a moment', { 'cf-mitigated': 'challenge' }), /Bot Fight Mode/],
  ['a firewall rule', html(403, 'error code: 1020'), /403: a firewall rule/],
  ['a site that redirects elsewhere', redirect('https://www.example.com/'), /www\.example\.com/],
  ['a page of another site', html(200, '<h1>Welcome</h1>'), /not like the receiver/],
  ['JSON of another site', () => Response.json({ status: 'ok' }), /not like the receiver/],
  ['a Worker that throws', html(500, 'error code: 1101'), /the receiver itself fails/],
])('reports at once %s', async (_, respond, why) => {
  const result = await check(respond, READY)
  expect(result).toMatchObject({ state: 'blocked', why: expect.stringMatching(why), seconds: 0 })
})
