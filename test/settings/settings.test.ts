import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import {
  accessSettings,
  archiveSettings,
  describeSettings,
  syncSettings,
  webhookSettings,
} from '../../src/settings/settings.ts'
import { buildEvent } from '../event.ts'
import { count, CREDENTIALS, postWith } from '../receiver.ts'

const six = Array.from({ length: 6 }, (_, i) => `X-${i}: secret-value-of-headers`).join('\n')

const HEADERS_ALONE = {
  WEBHOOK_LOGIN: '',
  WEBHOOK_PASSWORD: '',
  WEBHOOK_HEADERS: 'X-Key: secret-value-of-headers\nX-Shop: one',
}

it.each<[string, Partial<Env>]>([
  ['WEBHOOK_LOGIN', { WEBHOOK_LOGIN: '', WEBHOOK_PASSWORD: '' }],
  ['WEBHOOK_PASSWORD', { WEBHOOK_PASSWORD: '' }],
  ['WEBHOOK_LOGIN', { WEBHOOK_LOGIN: '' }],
  ['WEBHOOK_LOGIN', { WEBHOOK_LOGIN: 'a:b' }],
  ['WEBHOOK_PASSWORD', { WEBHOOK_PASSWORD: 'secret-value-15' }],
  ['WEBHOOK_PASSWORD_PREVIOUS', { WEBHOOK_LOGIN_PREVIOUS: 'old' }],
  [
    'WEBHOOK_PASSWORD_PREVIOUS',
    { WEBHOOK_LOGIN_PREVIOUS: 'old', WEBHOOK_PASSWORD_PREVIOUS: 'secret-value-15' },
  ],
  ['WEBHOOK_LOGIN_PREVIOUS', { WEBHOOK_PASSWORD_PREVIOUS: 'a-previous-secret-value' }],
  ['WEBHOOK_HEADERS', { ...HEADERS_ALONE, WEBHOOK_HEADERS: 'X-Key: secret-value-15\nX-Shop: one' }],
  [
    'WEBHOOK_HEADERS_PREVIOUS',
    { ...HEADERS_ALONE, WEBHOOK_HEADERS_PREVIOUS: 'X-Key: secret-value-15' },
  ],
  ['WEBHOOK_HEADERS', { WEBHOOK_HEADERS: six }],
  ['WEBHOOK_HEADERS', { WEBHOOK_HEADERS: 'secret-value' }],
  ['WEBHOOK_HEADERS', { WEBHOOK_HEADERS: 'X Y: secret-value' }],
  ['WEBHOOK_HEADERS', { WEBHOOK_HEADERS: 'X-Key:' }],
  ['WEBHOOK_HEADERS', { WEBHOOK_HEADERS: 'X-Key: secret-value\nx-key: secret-value' }],
  ['WEBHOOK_HEADERS_PREVIOUS', { WEBHOOK_HEADERS_PREVIOUS: six }],
  ['LABEL_HEADERS', { LABEL_HEADERS: 'X Shop' }],
  ['LABEL_HEADERS', { LABEL_HEADERS: 'X-Shop, authorization' }],
  ['LABEL_HEADERS', { LABEL_HEADERS: 'Cookie' }],
  ['LABEL_HEADERS', { LABEL_HEADERS: 'x-key', WEBHOOK_HEADERS: 'X-Key: secret-value' }],
  ['LABEL_HEADERS', { LABEL_HEADERS: 'x-key', WEBHOOK_HEADERS_PREVIOUS: 'X-Key: secret-value' }],
  ['WEBHOOK_HEADERS', { WEBHOOK_HEADERS: 'Authorization: secret-value' }],
  ['YESPO_TIME_ZONE', { YESPO_TIME_ZONE: 'Mars/Olympus' }],
  ['MAX_BODY_BYTES', { MAX_BODY_BYTES: '10 MB' }],
  ['MAX_BODY_BYTES', { MAX_BODY_BYTES: '0' }],
  ['MAX_BODY_BYTES', { MAX_BODY_BYTES: '-1' }],
  ['MAX_BODY_BYTES', { MAX_BODY_BYTES: '1e30' }],
])('rejects everyone and names %s: %j', async (setting, changed) => {
  for (const headers of [{ Authorization: CREDENTIALS }, {}]) {
    const response = await postWith(changed, [buildEvent()], headers)
    const text = await response.text()
    expect(response.status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'not_configured', setting } })
    expect(text).not.toMatch(/secret-value|pass:word-for-tests|Mars/)
  }
  expect(await count('activity')).toBe(0)
})

it.each<Partial<Env>>([
  {
    WEBHOOK_HEADERS: six.split('\n').slice(1).join('\r\n'),
    WEBHOOK_LOGIN: '',
    WEBHOOK_PASSWORD: '',
  },
  // With a password, they need not be secret.
  { WEBHOOK_HEADERS: 'X-0: secret-value-of-headers', WEBHOOK_HEADERS_PREVIOUS: 'X-0: old' },
  { YESPO_TIME_ZONE: ' Europe/Kyiv ' },
  { YESPO_TIME_ZONE: '', MAX_BODY_BYTES: '', LABEL_HEADERS: ' , ' },
])('works with %j', async (changed) => {
  const headers = Object.fromEntries(six.split('\n').map((line) => line.split(': ')))
  const response = await postWith(changed, [], { ...headers, Authorization: CREDENTIALS })
  expect(response.status).toBe(200)
})

it('accepts a number instead of a text', async () => {
  const changed = { MAX_BODY_BYTES: 5 as unknown as string }
  expect((await postWith(changed, [])).status).toBe(200)
  expect((await postWith(changed, [buildEvent()])).status).toBe(413)
})

it.each<[string, Partial<Env>, string]>([
  ['READ_TOKEN', { READ_TOKEN: 'a token-for-the-tests' }, 'has white space'],
  ['READ_TOKEN', { READ_TOKEN: 'read-tokens-15-' }, 'has fewer than 16 characters'],
  ['READ_TOKEN', { READ_TOKEN: '🔑'.repeat(15) }, 'has fewer than 16 characters'],
  [
    'READ_TOKEN',
    { READ_TOKEN: 'olena: read-token-for-tests, taras: old' },
    'has fewer than 16 characters in entry 2',
  ],
  [
    'READ_TOKEN',
    { READ_TOKEN: 'olena: read-token-for-tests\nanother-token-for-tests' },
    'has no "name: token" in entry 2',
  ],
  [
    'READ_TOKEN',
    { READ_TOKEN: 'read-token-for-tests,another-token-for-tests' },
    'has no "name: token" in entry 1',
  ],
  [
    'READ_TOKEN',
    { READ_TOKEN: 'olena: read-token for-tests, taras: another-token-for-tests' },
    'has white space in entry 1',
  ],
  ...[
    'olena@tests.example.com',
    '380501234567',
    'x\u0000y',
    'x"y',
    'x\u202ey',
    ' ',
    'o'.repeat(41),
  ].map((name): [string, Partial<Env>, string] => [
    'READ_TOKEN',
    { READ_TOKEN: `${name}: read-token-for-tests` },
    'has a name that is not 1 to 40 letters',
  ]),
  [
    'READ_TOKEN',
    { READ_TOKEN: 'Operate: read-token-for-tests' },
    'has the name "operate", which OPERATE_TOKEN has',
  ],
  [
    'READ_TOKEN',
    { READ_TOKEN: 'olena: read-token-for-tests\nOlena: another-token-for-tests' },
    'has a name twice',
  ],
  [
    'READ_TOKEN',
    { READ_TOKEN: 'olena: read-token-for-tests\ntaras: read-token-for-tests' },
    'has a token twice',
  ],
])('rejects all readers if %s is invalid: %j', async (setting, changed, words) => {
  for (const token of [changed.READ_TOKEN ?? '', 'read-token-for-tests', 'old']) {
    const headers = { Authorization: `Bearer ${token.replaceAll(/[^ -~]/g, '')}` }
    const response = await app.request('/activity', { headers }, { ...env, ...changed })
    expect(response.status).toBe(503)
    const { error } = await response.json<{ error: { setting: string; message: string } }>()
    expect(error.setting).toBe(setting)
    expect(error.message).toContain(words)
    expect(error.message).not.toMatch(/tests|read-tokens|olena|38050/)
  }
})

it('works without the settings that have a default', async () => {
  const { YESPO_TIME_ZONE, MAX_BODY_BYTES, LABEL_HEADERS, ...rest } = env
  const init = { method: 'POST', headers: { Authorization: CREDENTIALS }, body: '[]' }
  expect((await app.request('/webhooks/yespo', init, rest)).status).toBe(200)
})

it('requires READ_TOKEN only if it is needed', async () => {
  const unset = { ...env, READ_TOKEN: '' }
  const response = await app.request('/activity', {}, unset)
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ error: { setting: 'READ_TOKEN' } })
  expect((await postWith({ READ_TOKEN: '' }, [])).status).toBe(200)
  expect((await app.request('/health', {}, unset)).status).toBe(200)
})

it('takes tokens in lines or comma-separated, with names in any script', async () => {
  const READ_TOKEN = '\r\nОлена:  read-token-for-tests ,\r\n\r\nPower BI: a:token/for+tests==, \n'
  for (const token of ['read-token-for-tests', 'a:token/for+tests==']) {
    const headers = { Authorization: `Bearer ${token}` }
    const response = await app.request('/activity', { headers }, { ...env, READ_TOKEN })
    expect(response.status).toBe(200)
  }
})

it.each<[Partial<Env>, string]>([
  [{ ACCESS_TEAM_DOMAIN: 'https://team.cloudflareaccess.com' }, 'ACCESS_AUDIENCE is missing'],
  [{ ACCESS_AUDIENCE: 'a'.repeat(64) }, 'ACCESS_TEAM_DOMAIN is missing'],
  [{ ACCESS_OPERATOR_GROUPS: 'admins' }, 'ACCESS_TEAM_DOMAIN is missing'],
  [{ ACCESS_AUDIENCE: 'secret-value' }, 'ACCESS_AUDIENCE is not'],
  [{ ACCESS_TEAM_DOMAIN: 'http://secret-value.cloudflareaccess.com' }, 'ACCESS_TEAM_DOMAIN is not'],
  [{ ACCESS_TEAM_DOMAIN: 'https://secret-value.example.com' }, 'ACCESS_TEAM_DOMAIN is not'],
  [
    { ACCESS_TEAM_DOMAIN: 'https://x.cloudflareaccess.com.secret-value.com' },
    'ACCESS_TEAM_DOMAIN is not',
  ],
])('lets nobody in by Access with %j, but by a token', async (changed, words) => {
  const bindings = { ...env, ...changed }
  expect(() => accessSettings(bindings)).toThrow(words)
  expect(() => accessSettings(bindings)).not.toThrow('secret-value')
  const request = (headers: HeadersInit, more: Partial<Env> = {}) =>
    app.request('/activity', { headers }, { ...bindings, ...more })
  expect((await request({ Authorization: 'Bearer read-token-for-tests' })).status).toBe(200)
  expect((await request({ 'Cf-Access-Jwt-Assertion': 'x.y.z' })).status).toBe(503)
  const withoutToken = await request({}, { READ_TOKEN: '' })
  expect(withoutToken.status).toBe(503)
  expect(await withoutToken.text()).toContain(words)
})

describe('OPERATE_TOKEN', () => {
  const get = (token: string, changed: Partial<Env>) =>
    app.request(
      '/activity',
      { headers: { Authorization: `Bearer ${token}` } },
      { ...env, ...changed },
    )

  it('also grants reading, like the read tokens', async () => {
    const changed = {
      OPERATE_TOKEN: 'operate-token-for-tests',
      READ_TOKEN: 'new: read-token-for-tests, old: earlier-token-for-tests',
    }
    for (const token of [
      'operate-token-for-tests',
      'read-token-for-tests',
      'earlier-token-for-tests',
    ]) {
      expect((await get(token, changed)).status).toBe(200)
    }
    expect((await get('other', changed)).status).toBe(401)
    expect((await get('', { OPERATE_TOKEN: '' })).status).toBe(401)
  })

  it.each(['operate token for tests', ' '.repeat(16), 'operate-token-1'])(
    'does not prevent reading if it is %j',
    async (wrong) => {
      expect((await get('read-token-for-tests', { OPERATE_TOKEN: wrong })).status).toBe(200)
      const init = { method: 'POST', headers: { Authorization: 'Bearer read-token-for-tests' } }
      const rejected = await app.request('/rebuild', init, { ...env, OPERATE_TOKEN: wrong })
      expect(rejected.status).toBe(503)
      expect(await rejected.json()).toMatchObject({ error: { setting: 'OPERATE_TOKEN' } })
    },
  )

  it('does not grant reading if no read token is set', async () => {
    const changed = { READ_TOKEN: '', OPERATE_TOKEN: 'operate-token-for-tests' }
    expect((await get('operate-token-for-tests', changed)).status).toBe(503)
  })
})

it('rejects an unknown time zone', async () => {
  expect(() => webhookSettings({ ...env, YESPO_TIME_ZONE: 'Mars/Olympus' })).toThrow(
    'The setting YESPO_TIME_ZONE is not a time zone',
  )
})

describe('YESPO_API_URL', () => {
  const withUrl = (url: string) => ({ ...env, YESPO_API_KEY: 'api-key', YESPO_API_URL: url })

  it.each([
    ['https://user:secret-value@api.example.com/api', 'has a login or password before an "@"'],
    ['https://user@api.example.com/api', 'has a login or password before an "@"'],
    ['https://api.example.com/api?key=secret-value', 'has a "?" or a "#"'],
    ['https://api.example.com/api?', 'has a "?" or a "#"'],
    ['https://api.example.com/api#secret-value', 'has a "?" or a "#"'],
    ['http://api.example.com/secret-value', 'begins with http://'],
    ['http://localhost.example.com/secret-value', 'begins with http://'],
    ['ftp://localhost/secret-value', 'is not an https:// URL'],
    ['secret-value', 'is not an https:// URL'],
  ])('is rejected without quoting it: %s', (url, words) => {
    const message = expect.toSatisfy((text: string) => {
      return text.startsWith(`The setting YESPO_API_URL ${words}`) && !text.includes('secret-value')
    })
    expect(() => syncSettings(withUrl(url))).toThrow(expect.objectContaining({ message }))
    expect(describeSettings(withUrl(url)).YESPO_API_URL).toBeNull()
  })

  it.each([
    'https://api.example.com:8443/api',
    'http://localhost:9000/api',
    'http://127.0.0.1:9000',
    'http://[::1]:9000/api/',
  ])('may be %s', (url) => expect(syncSettings(withUrl(url))?.url).toBe(url))

  it("is Yespo's if it is empty", () => {
    expect(syncSettings(withUrl(' '))?.url).toBe('https://esputnik.com/api')
  })
})

describe("the archive's catalog", () => {
  const all = {
    CATALOG_URL: 'https://catalog.example.com/account',
    CATALOG_WAREHOUSE: 'house',
    CATALOG_TOKEN: 'token',
  }

  it('is in the bucket, unless there are a URL, a warehouse and a token', () => {
    expect(archiveSettings({ ...env })).toEqual({ bucketName: 'yespo-archive', catalog: undefined })
    const catalog = { url: all.CATALOG_URL, warehouse: 'house', token: 'token' }
    expect(archiveSettings({ ...env, ...all })).toMatchObject({ catalog })
  })

  it.each(Object.keys(all))('is invalid without %s', (name) => {
    expect(() => archiveSettings({ ...env, ...all, [name]: '' })).toThrow(
      `The setting ${name} is missing`,
    )
  })
})
