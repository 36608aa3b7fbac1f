import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { basic, CREDENTIALS } from '../receiver.ts'
import { watchLog } from '../watch-log.ts'
import { PATIENT } from '../patience.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      /** A limit of three a minute. */
      TIGHT: RateLimit
    }
  }
}

const ORIGIN = 'https://receiver.example.com'
const ALLOWED = 3

/** A limiter that allows a total number of requests per key. */
class Counter {
  readonly keys: string[] = []

  limit({ key }: { key: string }): Promise<{ success: boolean }> {
    this.keys.push(key)
    return Promise.resolve({ success: this.keys.filter((each) => each === key).length <= ALLOWED })
  }
}

/** Real time, because all tests share the limit of one log line a minute. */
let minute = Date.now()
let failures: Counter
let reading: Counter
const log = watchLog()

beforeEach(() => {
  failures = new Counter()
  reading = new Counter()
})

afterEach(() => vi.useRealTimers())

/** An entrance, with valid and invalid credentials. */
type Entrance = {
  name: string
  method: 'GET' | 'POST'
  path: string
  wrong: Record<string, string>
  right: Record<string, string>
  rejected: number
  admitted: number
  settings?: Partial<Env>
  /** Whether the credentials are in the form rather than in headers. */
  isForm?: boolean
}

const read = {
  right: bearer('read-token-for-tests'),
  wrong: bearer('guess'),
  rejected: 401,
  admitted: 200,
}
const hook = { method: 'POST', path: '/webhooks/yespo', admitted: 200 } as const
const withKey = { WEBHOOK_HEADERS: 'X-Key: one' }
const operating = { OPERATE_TOKEN: 'operate-token-for-tests' }

const ENTRANCES: Entrance[] = [
  {
    ...hook,
    name: 'the webhook',
    wrong: { Authorization: basic('yespo:guess') },
    right: { Authorization: CREDENTIALS },
    rejected: 401,
  },
  {
    ...hook,
    name: 'the webhook, by a header',
    wrong: { Authorization: CREDENTIALS, 'X-Key': 'guess' },
    right: { Authorization: CREDENTIALS, 'X-Key': 'one' },
    rejected: 403,
    settings: withKey,
  },
  { ...read, name: 'the read API', method: 'GET', path: '/activity' },
  { ...read, name: 'the read API without a token', method: 'GET', path: '/activity', wrong: {} },
  {
    ...read,
    name: 'what only the operator may',
    method: 'POST',
    path: '/rebuild',
    wrong: bearer('read-token-for-tests'),
    right: bearer('operate-token-for-tests'),
    settings: operating,
  },
  {
    name: 'the pages',
    method: 'POST',
    path: '/sign-in',
    wrong: { token: 'guess' },
    right: { token: 'read-token-for-tests' },
    rejected: 401,
    admitted: 303,
    isForm: true,
  },
]

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` }
}

async function attempt(
  entrance: Entrance,
  which: 'wrong' | 'right',
  address: string | undefined = '192.0.2.1',
  changed: Partial<Env> = {},
): Promise<Response> {
  const headers = {
    Origin: ORIGIN,
    ...(address && { 'CF-Connecting-IP': address }),
    ...(!entrance.isForm && entrance[which]),
  }
  const body = entrance.isForm ? new URLSearchParams(entrance[which]) : '[]'
  const init = { method: entrance.method, headers, ...(entrance.method === 'POST' && { body }) }
  const limits = { FAILED_CREDENTIALS: failures, READING: reading }
  return app.request(`${ORIGIN}${entrance.path}`, init, {
    ...env,
    ...entrance.settings,
    ...limits,
    ...changed,
  })
}

describe.each(ENTRANCES)('$name', (entrance) => {
  it('responds 429 to wrong credentials after too many attempts', async () => {
    for (let n = 0; n < ALLOWED; n++)
      expect((await attempt(entrance, 'wrong')).status).toBe(entrance.rejected)
    const response = await attempt(entrance, 'wrong')
    expect(response.status).toBe(429)
    expect(response.headers.get('Retry-After')).toBe('60')
    const text = await response.text()
    expect(text).toContain('Too many failed sign-ins from this address')
    if (entrance.isForm) expect(response.headers.get('Content-Type')).toMatch(/^text\/html/)
    else expect(JSON.parse(text)).toMatchObject({ error: { code: 'too_many_failures' } })
  })

  it.each(['wrong', 'right'] as const)(
    'logs the number of rejected requests in few lines; the rest of a minute with the next %s one',
    async (which) => {
      vi.useFakeTimers({ now: (minute += 10 * 60_000), toFake: ['Date'] })
      for (let n = 0; n < ALLOWED; n++) await attempt(entrance, 'wrong')
      const before = log.lines.length // includes lines of other tests
      for (let n = 0; n < 123; n++) await attempt(entrance, 'wrong')
      const logged = () => log.lines.slice(before).map((line) => JSON.parse(line))
      const rejected = (count: number) => ({ event: 'too_many_failures', rejected: count })
      expect(logged()).toEqual([rejected(1), rejected(9), rejected(90)])
      vi.setSystemTime(Date.now() + 60_000)
      await attempt(entrance, which, '192.0.2.77')
      expect(logged().slice(3)[0]).toEqual(rejected(23))
      await attempt(entrance, 'right', '192.0.2.78')
      expect(logged().filter(({ event }) => event === 'too_many_failures')).toHaveLength(4)
    },
  )

  it('never counts valid credentials', async () => {
    for (let n = 0; n < ALLOWED; n++) await attempt(entrance, 'wrong')
    for (let n = 0; n < ALLOWED; n++) {
      expect((await attempt(entrance, 'right')).status).toBe(entrance.admitted)
    }
    expect(failures.keys).toHaveLength(ALLOWED)
  })

  it('accepts valid credentials after any failures: the webhook at once, others after a minute', async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] })
    for (let n = 0; n < ALLOWED + 2; n++) await attempt(entrance, 'wrong')
    const isWebhook = entrance.path === hook.path
    expect((await attempt(entrance, 'right')).status).toBe(isWebhook ? entrance.admitted : 429)
    expect((await attempt(entrance, 'right', '192.0.2.9')).status).toBe(entrance.admitted)
    vi.setSystemTime(Date.now() + 60_000)
    expect((await attempt(entrance, 'right')).status).toBe(entrance.admitted)
  })

  it.each([
    ['is missing', undefined],
    ['throws', { limit: () => fail() }],
    ['fails', { limit: () => Promise.reject(new Error('down')) }],
  ])('works with a limiter that %s', async (_case, limiter) => {
    const limits = { FAILED_CREDENTIALS: limiter, READING: limiter } as Partial<Env>
    for (let n = 0; n < ALLOWED + 2; n++) {
      expect((await attempt(entrance, 'wrong', '192.0.2.1', limits)).status).toBe(entrance.rejected)
      expect(log.lines).toHaveLength(n + 1)
    }
    expect((await attempt(entrance, 'right', '192.0.2.1', limits)).status).toBe(entrance.admitted)
  })

  it('does not wait for a limiter that hangs', async () => {
    const limiter = { limit: () => new Promise<never>(() => {}) }
    const limits = { FAILED_CREDENTIALS: limiter, READING: limiter }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const statuses: number[] = []
    for (const which of ['wrong', 'right'] as const) {
      void attempt(entrance, which, '192.0.2.1', limits).then(({ status }) => statuses.push(status))
    }
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(1_000)
      expect(statuses.sort()).toEqual([entrance.rejected, entrance.admitted].sort())
    }, PATIENT)
  })
})

describe('failures', () => {
  it('are counted by IP address, at all entrances together', async () => {
    for (const entrance of ENTRANCES.slice(0, ALLOWED)) await attempt(entrance, 'wrong')
    for (const entrance of ENTRANCES) expect((await attempt(entrance, 'wrong')).status).toBe(429)
    for (const entrance of ENTRANCES.slice(0, ALLOWED)) {
      expect((await attempt(entrance, 'wrong', '2001:db8::1')).status).toBe(entrance.rejected)
    }
  })

  it.each([
    ['2001:db8:0:5::1', '2001:db8::5:ffff:0:0:1', true],
    ['2001:DB8:0:5:a:b:c:d', '2001:0db8:0000:0005::', true],
    ['2001:db8:0:5::1', '2001:db8:0:6::1', false],
    ['2001:db8::1', '2001:db8:0:1::1', false],
    ['::1', '0:0:0:0:1:2:3:4', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
    ['192.0.2.1', '192.0.2.2', false],
  ])('from %s and %s are counted together: %s', async (one, other, isSame) => {
    const [entrance] = ENTRANCES
    for (const address of [one, other]) if (entrance) await attempt(entrance, 'wrong', address)
    expect(failures.keys[0] === failures.keys[1]).toBe(isSame)
  })

  it('without an IP address are counted together', async () => {
    for (const entrance of ENTRANCES) await attempt(entrance, 'wrong', '')
    expect(new Set(failures.keys)).toEqual(new Set(['no address']))
  })

  it('are counted by the binding in wrangler.toml', async () => {
    const [entrance] = ENTRANCES
    const statuses: number[] = []
    // The limiter's minute may end meanwhile, but with so many requests, at least one exceeds the limit.
    while (entrance && statuses.length < 2 * ALLOWED + 2) {
      const limits = { FAILED_CREDENTIALS: env.TIGHT }
      statuses.push((await attempt(entrance, 'wrong', '198.51.100.7', limits)).status)
    }
    expect(statuses.slice(0, ALLOWED)).toEqual([401, 401, 401])
    expect(statuses).toContain(429)
  })
})

describe('reading', () => {
  const get = (path: string, headers: Record<string, string>, changed: Partial<Env> = {}) =>
    app.request(`${ORIGIN}${path}`, { headers }, { ...env, READING: reading, ...changed })

  it('is limited by the token, which is not passed to the limiter', async () => {
    for (const path of ['/activity', '/contacts?email=a@example.com', '/suppressions']) {
      expect((await get(path, bearer('read-token-for-tests'))).status).toBe(200)
    }
    const response = await get('/activity', bearer('read-token-for-tests'))
    expect(response.status).toBe(429)
    expect(response.headers.get('Retry-After')).toBe('60')
    expect(await response.json()).toMatchObject({ error: { code: 'too_many_requests' } })
    expect(new Set(reading.keys).size).toBe(1)
    expect(reading.keys.join()).not.toContain('read-token-for-tests')
    const several = { READ_TOKEN: 'olena: read-token-for-tests, taras: another-token-for-tests' }
    expect((await get('/activity', bearer('another-token-for-tests'), several)).status).toBe(200)
  })

  it('is limited for the operator, too', async () => {
    const entrance = ENTRANCES[4]
    const statuses: number[] = []
    while (entrance && statuses.length <= ALLOWED)
      statuses.push((await attempt(entrance, 'right')).status)
    expect(statuses).toEqual([200, 200, 200, 429])
  })

  it('is not counted if the token is wrong', async () => {
    await get('/activity', bearer('guess'))
    expect(reading.keys).toEqual([])
  })

  it('does not limit the webhook or the pages of a session', async () => {
    const signIn = ENTRANCES[5]
    const cookie =
      signIn && (await attempt(signIn, 'right')).headers.get('Set-Cookie')?.split(';')[0]
    for (let n = 0; n <= ALLOWED; n++) {
      expect((await get('/', { Cookie: cookie ?? '' })).status).toBe(200)
      expect((await attempt(ENTRANCES[0] ?? fail(), 'right')).status).toBe(200)
    }
    expect(reading.keys).toEqual([])
  })
})

function fail(): never {
  throw new Error('down')
}
