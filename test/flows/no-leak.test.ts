import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import packageJson from '../../package.json'
import { app } from '../../src/routes.ts'
import { D1_ERRORS, faultyQueue } from '../faulty.ts'
import { CREDENTIALS } from '../receiver.ts'
import { watchLog } from '../watch-log.ts'

const ORIGIN = 'https://receiver.example.com'
const SECRET = 'someone@example.com'

const VERSIONS = [packageJson.version, ...Object.values(packageJson.dependencies)].map((version) =>
  version.replaceAll('.', '\\.'),
)

/** Text that reveals how the receiver works. */
const LEAK = new RegExp(
  [
    SECRET,
    '(?<!\\w)at [\\w.<]+ ?\\(|node_modules|file://|\\.tsx?\\b|\\bstack\\b',
    '\\b(?:hono|zod|wrangler|workerd|miniflare|sqlite|temporal-polyfill|hyparquet|D1_ERROR)\\b',
    '\\b(?:TypeError|SyntaxError|RangeError|ZodError)\\b',
    `(?<![\\d.])v?(?:${VERSIONS.join('|')})(?![\\d.])`,
  ].join('|'),
  'i',
)
const REVEALING = /^(?:server|via|x-powered-by|x-aspnet.*|x-runtime|x-.*version)$/

const thrown = new TypeError(
  `${SECRET} (hono 4.13.19)\n    at consume (/receiver/src/store/save.ts:1:1)`,
)
const broken = databaseThat(thrown)
const away = databaseThat(D1_ERRORS.lost())
const exceeded = { limit: () => Promise.resolve({ success: false }) }

function databaseThat(error: Error): D1Database {
  const fail = () => {
    throw error
  }
  return { prepare: fail, batch: fail } as unknown as D1Database
}

const hook = { Authorization: CREDENTIALS }
const read = { Authorization: 'Bearer read-token-for-tests' }
const form = { Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded' }
const down = { ACTIVITY_QUEUE: faultyQueue(thrown), DB: broken }

type Requested = [
  status: number,
  what: string,
  init?: { headers?: Record<string, string>; body?: string },
  changed?: Partial<Env>,
]

watchLog()

const REQUESTS: Requested[] = [
  [200, 'GET /health'],
  [200, 'GET /docs'],
  [200, 'GET /webhooks/yespo'],
  [200, 'POST /webhooks/yespo', { headers: hook, body: '[5]' }],
  [200, 'GET /activity', { headers: read }],
  [200, 'GET /activity.csv', { headers: read }],
  [400, 'POST /webhooks/yespo', { headers: hook, body: '[{"a":1},]' }],
  [400, 'GET /activity?limit=x', { headers: read }],
  [400, 'GET /activity?cursor=x', { headers: read }],
  [401, 'POST /webhooks/yespo', { body: '[]' }],
  [401, 'GET /activity'],
  [401, 'POST /rebuild', { body: '' }],
  [401, 'GET /recent'],
  [401, 'POST /sign-in', { headers: form, body: 'token=guess' }],
  [403, 'POST /webhooks/yespo', { headers: hook, body: '[]' }, { WEBHOOK_HEADERS: 'X-Key: one' }],
  [403, 'POST /sign-in', { headers: { ...form, Origin: 'https://evil.example.com' }, body: 'a=b' }],
  [404, 'GET /nothing-here'],
  [404, 'GET /activity/AAAAAAAAAAAAAAAAAAAAAA', { headers: read }],
  [405, 'PUT /webhooks/yespo', { body: '[]' }],
  [405, 'DELETE /activity', { headers: read }],
  [405, 'POST /recent', { headers: form, body: 'a=b' }],
  [413, 'POST /webhooks/yespo', { headers: hook, body: '[1,2,3]' }, { MAX_BODY_BYTES: '3' }],
  [413, 'POST /sign-in', { headers: form, body: `token=${'a'.repeat(30_000)}` }],
  [429, 'POST /webhooks/yespo', { body: '[]' }, { FAILED_CREDENTIALS: exceeded }],
  [429, 'GET /activity', {}, { FAILED_CREDENTIALS: exceeded }],
  [429, 'GET /activity', { headers: read }, { READING: exceeded }],
  [429, 'POST /sign-in', { headers: form, body: 'token=x' }, { FAILED_CREDENTIALS: exceeded }],
  [500, 'GET /activity', { headers: read }, { DB: broken }],
  [500, 'GET /activity.ndjson', { headers: read }, { DB: broken }],
  [500, 'POST /rebuild', { headers: read, body: '' }, { DB: broken }],
  [503, 'GET /activity', { headers: read }, { DB: away }],
  [503, 'GET /activity', { headers: read }, { READ_TOKEN: '' }],
  [503, 'POST /webhooks/yespo', { headers: hook, body: '[5]' }, down],
  [503, 'POST /webhooks/yespo', { headers: hook, body: '[]' }, { WEBHOOK_PASSWORD: '' }],
  [503, 'GET /recent', {}, { READ_TOKEN: '' }],
]

async function request(
  what: string,
  init: Requested[2] = {},
  settings: object = env,
): Promise<Response> {
  const [method = '', path = ''] = what.split(' ')
  return app.request(`${ORIGIN}${path}`, { method, ...init }, settings)
}

async function expectNoLeak(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status)
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  expect(headers.filter((line) => REVEALING.test(line.split(':')[0] ?? ''))).toEqual([])
  expect(headers.join('\n')).not.toMatch(LEAK)
  expect(await response.text()).not.toMatch(LEAK)
}

it.each(REQUESTS)('a %i of %s reveals nothing internal', async (...requested) => {
  const [status, what, init, changed] = requested
  await expectNoLeak(await request(what, init, { ...env, ...changed }), status)
})

it('an exception in the webhook is not revealed', async () => {
  const settings = Object.defineProperty({ ...env }, 'ACTIVITY_QUEUE', {
    get: () => {
      throw thrown
    },
  })
  const init = { headers: hook, body: '[5]' }
  await expectNoLeak(await request('POST /webhooks/yespo', init, settings), 500)
})

it.each(['/', '/now', '/recent', '/bounces', '/campaigns', '/quarantine'])(
  'an exception in the page %s is not revealed',
  async (path) => {
    const signedIn = await request('POST /sign-in', {
      headers: form,
      body: 'token=read-token-for-tests',
    })
    const cookie = signedIn.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const settings = { ...env, DB: broken }
    const response = await request(
      `GET ${path}`,
      { headers: { Accept: 'text/html', Cookie: cookie } },
      settings,
    )
    await expectNoLeak(response, 500)
  },
)

it('detects a leak', () => {
  expect(thrown.message).toMatch(LEAK)
  expect(String(new Error('x').stack)).toMatch(LEAK)
  expect('X-Made-With: Hono').toMatch(LEAK)
  expect(`{"version":"${packageJson.version}"}`).toMatch(LEAK)
})
