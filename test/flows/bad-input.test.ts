import { format } from 'node:util'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import {
  basic,
  clearTables,
  CREDENTIALS,
  listQuarantine,
  post,
  postWith,
  read,
  type Responded,
  type Taken,
} from '../receiver.ts'
import { rebuild } from '../rebuild.ts'
import { PATIENT } from '../patience.ts'

const MARK = 'marked@example.com' // sent, but never logged
const SECRETS = /marked@|pass:word-for-tests|read-token-for-tests|cGFzczp3b3Jk|eWVzcG86/ // also Base64-encoded for Basic
const logged: string[] = []

beforeAll(() => {
  for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, level).mockImplementation((...values) => void logged.push(format(...values)))
  }
})

afterAll(async () => {
  // Personal data passes through everything: the queue, both tables and the API.
  const personal = { email: MARK, messageName: MARK, [MARK]: MARK }
  await post([buildEvent(personal), { ...personal, activityStatus: MARK }, MARK])
  await vi.waitFor(async () => {
    expect(await (await read('/activity?limit=500')).text()).toContain(MARK)
    expect((await listQuarantine()).filter(({ sent }) => String(sent).includes(MARK))).not.toEqual(
      [],
    )
    expect(logged.some((line) => /"consumed".*"events":[1-9]/.test(line))).toBe(true)
  }, PATIENT)
  vi.restoreAllMocks()
  expect(logged.filter((line) => line.includes('"rejected"')).length).toBeGreaterThan(500)
  expect(logged.filter((line) => SECRETS.test(line))).toEqual([])
})

// On a slow machine, the same body may be repeated for so long that it is quarantined instead of rejected.
const QUARANTINED_BODY = /^the body is (?!an (?:object with the key|array inside))/

/** Expects a documented response to a body. @returns undefined if the body cannot be parsed */
async function expectResponse(response: Response): Promise<Taken | undefined> {
  const body = await response.json<Taken & { error?: { code: string; message: string } }>()
  if (response.status === 400) {
    expect(body.error?.code).toBe('not_json')
    expect(body.error?.message).toMatch(/^The body is /)
    return undefined
  }
  expect(response.status).toBe(200)
  if (QUARANTINED_BODY.test(body.quarantined[0]?.reason ?? '')) return undefined
  expect(body.accepted + body.quarantined.length).toBe(body.received)
  return body
}

/** Any UTF-16 code unit, even a lone surrogate, which JSON allows. */
const codeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code))

const name = fc.oneof(
  fc.constantFrom(...PARAMETERS.map((parameter) => parameter.name as string)),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
  fc.constantFrom(
    'READ',
    '2023-09-14T08:30:03',
    '2023-02-31T00:00:00',
    MARK,
    '\ud800',
    2 ** 60,
    -0,
  ),
)
const eventLike = fc.dictionary(name, value, { maxKeys: 8 })
const body = fc.oneof(fc.array(fc.oneof(eventLike, value), { maxLength: 4 }), eventLike, value)

/** JSON with a few bytes changed, removed or inserted. */
const brokenJson = fc
  .tuple(body, fc.nat(), fc.nat(3), fc.uint8Array({ maxLength: 3 }))
  .map(([json, at, cut, put]) => {
    const bytes = Buffer.from(JSON.stringify(json))
    const index = at % (bytes.length + 1)
    return new Uint8Array(
      Buffer.concat([bytes.subarray(0, index), put, bytes.subarray(index + cut)]),
    )
  })

describe('bodies', () => {
  it('that are JSON are accepted, or rejected as neither array nor object', async () => {
    await fc.assert(
      fc.asyncProperty(body, async (json) => {
        const response = await expectResponse(await post(JSON.stringify(json)))
        expect(response !== undefined).toBe(typeof json === 'object' && json !== null)
      }),
      { numRuns: 1_000 },
    )
  }, 300_000)

  it('of random bytes get a documented response, and block nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(brokenJson, fc.uint8Array({ maxLength: 100 })), async (bytes) => {
        await expectResponse(await post(bytes))
      }),
      { numRuns: 1_000 },
    )
    expect(await expectResponse(await post([buildEvent()]))).toMatchObject({ accepted: 1 })
  }, 300_000)

  it.each([
    [
      '[{"activityStatus":"READ","activityStatus":"READ","activityDateTime":"2023-09-14T08:30:03"}]',
      1,
    ],
    ['\ufeff[ ]', 0],
    ['{"activityStatus":"READ","activityDateTime":"2023-09-14T08:30:03","n":1e400,"m":-0}', 1],
    ['\t[\r\n{"activityDateTime":"2023-09-14T08:30:03" , "activityStatus" : "\\u0052EAD"}\n]\n', 1],
    [`[${'['.repeat(100_000)}${']'.repeat(100_000)}]`, 0],
    [
      `[{"activityStatus":"READ","activityDateTime":"2023-09-14T08:30:03","${'k'.repeat(100_000)}":1}]`,
      1,
    ],
    [`{"a":${'9'.repeat(100_000)}}`, 0],
    ['[null,true,"",0,-1.5e-10,[],{}]', 0],
  ])('in unusual formats are accepted (%#)', async (text, accepted) => {
    // Of those, the free plan's edge defers the large ones.
    const paid = { CLOUDFLARE_PLAN: 'paid' } as const
    expect(await expectResponse(await postWith(paid, text))).toMatchObject({ accepted })
  })

  it('have every string stored unchanged, or quarantined', async () => {
    const strings = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: codeUnit }),
        fc.string({ unit: 'grapheme' }),
      ),
      { minLength: 20, maxLength: 20 },
    )
    await fc.assert(
      fc.asyncProperty(strings, async (texts) => {
        await clearTables()
        const events = texts.map((text) => buildEvent({ messageName: text, [`x${text}`]: text }))
        const direct = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }
        const response = await expectResponse(await postWith(direct, JSON.stringify(events)))
        const quarantined = new Set(response?.quarantined.map(({ index }) => index))
        const items = (await listQuarantine()).map((row) => [row['elementIndex'], row['sent']])
        expect(items).toEqual(
          [...quarantined].map((index) => [index, JSON.stringify(events[index])]),
        )
        expect(quarantined).toEqual(
          new Set([...texts.keys()].filter((i) => !texts[i]?.isWellFormed())),
        )
        const page = await (await read('/activity?limit=500')).json<{ activity: Responded[] }>()
        const stored = new Map(
          page.activity.map((activity) => [activity['iid'], rebuild(activity)]),
        )
        for (const [index, event] of events.entries()) {
          if (!quarantined.has(index)) expect(stored.get(event['iid'])).toEqual(event)
        }
      }),
      { numRuns: 100 },
    )
  }, 300_000)
})

const ascii = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
})
const headerValue = fc.oneof(ascii, fc.base64String(), fc.constantFrom('', 'é', 'x'.repeat(5_000)))

describe('credentials', () => {
  const offered = fc.oneof(
    headerValue,
    headerValue.map((text) => `Basic ${text}`),
    fc
      .tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
      .map((pair) => basic(pair.join(':'))),
    fc
      .constantFrom('yespo', 'YESPO', '')
      .chain((login) => ascii.map((text) => basic(`${login}:${text}`))),
    fc.constantFrom(
      `Bearer ${CREDENTIALS.slice(6)}`,
      `${CREDENTIALS}=`,
      `${CREDENTIALS} x`,
      `x ${CREDENTIALS}`,
    ),
  )

  it('are rejected if they are not exactly the valid ones', async () => {
    await fc.assert(
      fc.asyncProperty(offered, async (value) => {
        fc.pre(value !== CREDENTIALS)
        const response = await postWith({}, [], { Authorization: value })
        expect(response.status).toBe(401)
        expect(response.headers.get('WWW-Authenticate')).toMatch(/^Basic /)
      }),
      { numRuns: 2_000 },
    )
  })

  it('are rejected if they are given twice', async () => {
    const headers = new Headers()
    for (const value of [CREDENTIALS, CREDENTIALS]) headers.append('Authorization', value)
    expect(
      (await app.request('/webhooks/yespo', { method: 'POST', headers, body: '[]' }, env)).status,
    ).toBe(401)
  })

  it('of any text are accepted', async () => {
    const text = (minLength: number) =>
      fc.string({ unit: 'binary', minLength }).map((each) => each.toWellFormed())
    const secret = text(17).filter((each) => !/[\r\n]$/.test(each))
    await fc.assert(
      fc.asyncProperty(
        text(1).filter((each) => !/:|[\r\n]$/.test(each)),
        secret,
        async (login, password) => {
          const changed = { WEBHOOK_LOGIN: login, WEBHOOK_PASSWORD: password }
          const response = await postWith(changed, [], {
            Authorization: basic(`${login}:${password}`),
          })
          expect(response.status).toBe(200)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('required headers', () => {
  it('are accepted only with their exact value', async () => {
    const changed = { WEBHOOK_HEADERS: 'X-Key: key' }
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(headerValue, fc.constantFrom('key', 'KEY', 'key,key')),
        async (value) => {
          const headers = { Authorization: CREDENTIALS, 'X-Key': value }
          expect((await postWith(changed, [], headers)).status).toBe(value === 'key' ? 200 : 403)
        },
      ),
      { numRuns: 500 },
    )
  })
})

it('are rejected if they are repeated', async () => {
  const headers = new Headers({ Authorization: CREDENTIALS })
  for (const value of ['key', 'key']) headers.append('X-Key', value)
  const changed = { ...env, WEBHOOK_HEADERS: 'X-Key: key' }
  expect(
    (await app.request('/webhooks/yespo', { method: 'POST', headers, body: '[]' }, changed)).status,
  ).toBe(403)
})

describe('the read API', () => {
  it('accepts only the token', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          headerValue,
          headerValue.map((text) => `Bearer ${text}`),
        ),
        async (value) => {
          const response = await app.request(
            '/activity',
            { headers: { Authorization: value } },
            env,
          )
          expect(response.status).toBe(401)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('finds nothing by an invalid ID', async () => {
    const id = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.webPath(),
      fc.constantFrom('%zz', '%', '%00', '..'),
    )
    await fc.assert(
      fc.asyncProperty(id, async (text) => {
        const raw = ['%zz', '%', '%00', '..'] // not a path, or another one
        const path = raw.includes(text) ? text : encodeURIComponent(text)
        const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
        const response = await app.request(`/activity/${path}`, init, env)
        // Empty or with dots, the path is another: the list, or a page that needs a session.
        const others = /^\.{0,2}$/.test(text) ? [text === '..' ? 401 : 200] : []
        expect([404, ...others]).toContain(response.status)
      }),
      { numRuns: 500 },
    )
  })
})

describe('query parameters', () => {
  const known = fc.constantFrom(
    'activityStatus',
    'mediaType',
    'contactId',
    'since',
    'until',
    'limit',
    'cursor',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer().map(String),
    fc.constantFrom(
      'READ',
      '2024-01-01',
      '1704067201000.AAAAAAAAAAAAAAAAAAAAAA',
      "' OR 1=1 --",
      '1e9',
      'NaN',
    ),
  )

  const isTime = (value: string) => /^(0|[1-9]\d{9}|[1-9]\d{12}|2024-01-01)$/.test(value.trim())

  const RULES: Record<string, (value: string) => boolean> = {
    activityStatus: (value) => value.split(',').every((item) => item.trim() !== ''),
    mediaType: (value) => value.split(',').every((item) => item.trim() !== ''),
    contactId: (value) => /^-?\d{1,18}$/.test(value), // longer ones do not occur here
    since: isTime,
    until: isTime,
    limit: (value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 500,
    cursor: (value) => /^-?\d{1,16}\.[\da-f]{32}$/.test(value),
  }
  const isInvalid = (key: string, values: string[]) =>
    values.length > 1 || !Object.hasOwn(RULES, key) || !RULES[key]?.(values[0] ?? '')

  it('are served, or rejected by name', async () => {
    const pairs = fc.array(
      fc.tuple(fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: text }), text),
    )
    await fc.assert(
      fc.asyncProperty(pairs, async (parameters) => {
        const query = new URLSearchParams(parameters)
        const init = { headers: { Authorization: 'Bearer read-token-for-tests' } }
        const response = await app.request(`/activity?${query}`, init, env)
        const content = await response.json<{
          activity?: unknown[]
          error?: { parameter: string }
        }>()
        const wrong = [...new Set(query.keys())].filter((key) => isInvalid(key, query.getAll(key)))
        // Each is valid by itself, but together they may be a reversed period.
        if (query.has('since') && query.has('until') && response.status === 400) wrong.push('since')
        if (wrong.length === 0) expect(content.activity).toBeInstanceOf(Array)
        else expect(wrong).toContain(content.error?.parameter)
        expect(response.status).toBe(wrong.length === 0 ? 200 : 400)
      }),
      { numRuns: 2_000 },
    )
  })
})
