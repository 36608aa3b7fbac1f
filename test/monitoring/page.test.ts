import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { quarantined, run, storedMessage } from './operator.ts'
import { FakeAccess } from '../http/fake-access.ts'
import { buildEvent } from '../event.ts'
import { store } from '../store-events.ts'
import { signIn, visit } from '../visit.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

async function request(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const allHeaders = { Accept: BROWSER, Cookie: await signIn(), ...headers }
  return app.request(`https://receiver.example.com${path}`, { headers: allHeaders }, env)
}

it('is a page for a browser with a session', async () => {
  const page = await visit('/status')
  expect(page.status).toBe(200)
  expect(page.headers.get('Content-Type')).toMatch(/^text\/html/)
  expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
  const text = await page.text()
  expect(text).toMatch(/href="\/status"[^>]*aria-current="page"[^>]*>Status</)
  expect(text).toContain('No problems found')
  const stranger = await request('/status', { Cookie: '' })
  expect(stranger.status).toBe(401)
  expect(await stranger.text()).toContain('Read token')
})

it('warns of Access in front of the webhook, if Access is used', async () => {
  const access = await FakeAccess.start()
  const headers = { Accept: BROWSER, 'Cf-Access-Jwt-Assertion': await access.sign() }
  const bindings = { ...env, ...access.settings }
  const page = await app.request('https://receiver.example.com/status', { headers }, bindings)
  expect(await page.text()).toContain('data-webhook="/webhooks/yespo" hidden')
  expect(await (await visit('/status')).text()).not.toContain('data-webhook')
})

it('is JSON for programs, regardless of what they accept', async () => {
  const Authorization = 'Bearer read-token-for-tests'
  for (const headers of [{ Authorization }, { Authorization, Accept: '*/*' }]) {
    expect(await (await request('/status', headers)).json()).toMatchObject({ status: 'ok' })
  }
  const unknown = await request('/status', { Accept: 'application/json' })
  expect([unknown.status, unknown.headers.get('Content-Type')]).toEqual([401, 'application/json'])
})

it('shows problems first, as text', async () => {
  await run(
    "INSERT INTO alerts VALUES ('silence', ?, 1700000000000, NULL)",
    storedMessage('Nothing <b>new</b>'),
  )
  await quarantined(Date.now(), 'why')
  const text = await (await visit('/status')).text()
  expect(text).toContain('Nothing &lt;b&gt;new&lt;/b&gt;')
  expect(text.indexOf('Nothing &lt;b')).toBeLessThan(text.indexOf('Last stored'))
  expect(text).toContain('<time datetime="2023-11-14T22:13:20.000Z">')
  expect(text).toContain('<a href="/quarantine">1</a>')
  expect(text).toMatch(/READ_TOKEN<\/dt><dd>set</)
  expect(text).not.toContain('read-token-for-tests')
})

const WRITTEN = '<dt>Rows written</dt><dd>'

it.each([
  ['free', 69_999, `${WRITTEN}69,999 of the free plan’s 100,000 (70.0%)</dd>`],
  ['free', 70_000, `${WRITTEN}<span class="warn">⚠ Close to the limit: 70,000 of the free plan’s`],
  ['free', 165_000, `${WRITTEN}<span class="bad">✘ Limit reached: 165,000 of the free plan’s`],
  ['neither', 165_000, `${WRITTEN}<span class="bad">✘ Limit reached: 165,000 of the free plan’s`],
  ['paid', 165_000, `${WRITTEN}165,000</dd>`],
])('warns in words and color of the daily quota on the plan %s: %i', async (plan, rows, said) => {
  const today = Math.floor(Date.now() / 86_400_000) * 86_400_000
  await run(`INSERT INTO usage VALUES (${today}, ${rows}, 0, 0, 1000, 0, 0, NULL)`)
  const changed = { CLOUDFLARE_PLAN: plan } as Partial<Env>
  const page = await visit('/status', { changed })
  expect((await page.text()).replaceAll(/\s+/g, ' ')).toContain(said)
})

it('is linked from the overview while there is a problem', async () => {
  await store(buildEvent())
  expect(await (await visit('/')).text()).not.toContain('your attention')
  await run(
    "INSERT INTO alerts VALUES ('silence', ?1, 1, NULL), ('database', ?1, 1, NULL)",
    storedMessage('x'),
  )
  const text = await (await visit('/')).text()
  expect(text).toContain('2 problems need your attention')
})
