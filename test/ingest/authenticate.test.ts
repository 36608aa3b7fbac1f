import { describe, expect, it } from 'vitest'
import { basic, postWith } from '../receiver.ts'

const HEADERS = 'X-Key: one: two of a long key\nX-Shop: Київ'
const both = { WEBHOOK_HEADERS: HEADERS }
const headersOnly = { ...both, WEBHOOK_LOGIN: '', WEBHOOK_PASSWORD: '' }
const good = basic('yespo:pass:word-for-tests')

const statusOf = async (changed: Partial<Env>, headers: Record<string, string>) =>
  (await postWith(changed, [], headers)).status

describe('Basic', () => {
  it.each([good, good.replace('Basic', 'bAsIc'), good.replace(' ', '   ')])(
    'accepts %j',
    async (value) => expect(await statusOf({}, { Authorization: value })).toBe(200),
  )

  it.each([
    '',
    'Basic',
    'Basic ',
    good.slice(6),
    good.replace('Basic', 'Bearer'),
    `${good}, ${good}`,
    'Basic %%%',
    `${good}=`, // base64 that only a lenient decoder accepts
    good.replace(/=*$/, '*'),
    'Basic eWVzcG8=', // no colon
    basic('yespo:'),
    basic(':pass:word-for-tests'),
    basic('yespo:pass'),
    basic('yespo:pass:word-for-tests '),
    basic('YESPO:pass:word-for-tests'),
    basic('yespo:pass:word-for-tests\0'),
    basic('undefined:undefined'),
    basic('null:null'),
    basic(':'),
    `Basic ${'A'.repeat(10_000)}`,
  ])('rejects %j with 401', async (value) => {
    const response = await postWith({}, [], { Authorization: value })
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).toMatch(/^Basic realm=/)
    expect(await response.text()).not.toContain('pass:word-for-tests')
  })

  it('rejects a request without credentials, and says what to do', async () => {
    const response = await postWith({}, [], {})
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('switch Authentication on')
  })

  it.each(['a', 'ab', 'abc', 'abcd'])('accepts missing padding: %j', async (end) => {
    const password = `password-for-tests-${end}`
    const changed = { WEBHOOK_PASSWORD: password }
    const padded = basic(`yespo:${password}`)
    const bare = padded.replace(/=+$/, '')
    expect(await statusOf(changed, { Authorization: bare })).toBe(200)
    expect(await statusOf(changed, { Authorization: padded })).toBe(200)
    // No encoder writes more padding, or a part of it.
    expect(await statusOf(changed, { Authorization: `${padded}=` })).toBe(401)
    if (padded.endsWith('==')) {
      expect(await statusOf(changed, { Authorization: padded.slice(0, -1) })).toBe(401)
    }
  })

  it('compares as UTF-8', async () => {
    const changed = { WEBHOOK_LOGIN: 'логін', WEBHOOK_PASSWORD: 'пароль:дуже-довгий-é' }
    expect(await statusOf(changed, { Authorization: basic('логін:пароль:дуже-довгий-é') })).toBe(
      200,
    )
    expect(await statusOf(changed, { Authorization: basic('логін:пароль:дуже-довгий-e') })).toBe(
      401,
    )
  })

  it('ignores a line break at the end of a secret, as a pipe into wrangler leaves it', async () => {
    const changed = { WEBHOOK_LOGIN: 'yespo\n', WEBHOOK_PASSWORD: 'pass:word-for-tests\r\n' }
    expect(await statusOf(changed, { Authorization: good })).toBe(200)
  })
})

describe('headers', () => {
  it.each([
    { 'X-Key': 'one: two of a long key', 'X-Shop': 'Київ' },
    { 'x-key': 'one: two of a long key', 'X-SHOP': ' Київ ' },
  ])('accepts %j without Basic if only headers are set', async (headers) => {
    expect(await statusOf(headersOnly, headers)).toBe(200)
  })

  it.each([
    {},
    { 'X-Key': 'one: two of a long key' },
    { 'X-Key': 'one: two of a long key', 'X-Shop': 'київ' },
    { 'X-Key': '', 'X-Shop': 'Київ' },
    { 'X-Key': 'one: two of a long key, one: two of a long key', 'X-Shop': 'Київ' },
  ])('rejects %j with 403, without naming the header', async (headers) => {
    const response = await postWith(headersOnly, [], headers)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toMatch(/X-Key|X-Shop/i)
  })

  it('requires both if both are set', async () => {
    const headers = { 'X-Key': 'one: two of a long key', 'X-Shop': 'Київ' }
    expect(await statusOf(both, { ...headers, Authorization: good })).toBe(200)
    expect(await statusOf(both, headers)).toBe(401)
    expect(await statusOf(both, { Authorization: good })).toBe(403)
  })
})

describe('rotation', () => {
  const rotating = {
    WEBHOOK_LOGIN: 'new',
    WEBHOOK_PASSWORD: 'the-new-password',
    WEBHOOK_LOGIN_PREVIOUS: 'yespo',
    WEBHOOK_PASSWORD_PREVIOUS: 'pass:word-for-tests',
    WEBHOOK_HEADERS: 'X-Key: the-new-header-value',
    WEBHOOK_HEADERS_PREVIOUS: 'X-Key: the-old-header-value',
  }

  it.each([
    [basic('new:the-new-password'), 'new', 200],
    [good, 'old', 200],
    [good, 'new', 200],
    [basic('new:the-new-password'), 'old', 200],
    [basic('new:pass:word-for-tests'), 'new', 401],
    [basic('yespo:the-new-password'), 'new', 401],
    [good, 'other', 403],
  ])('responds to %s with header %s: %i', async (authorization, key, status) => {
    const headers = { Authorization: authorization, 'X-Key': `the-${key}-header-value` }
    expect(await statusOf(rotating, headers)).toBe(status)
  })

  it('no longer requires Basic if only the previous password is set', async () => {
    const changed = { ...rotating, WEBHOOK_LOGIN: '', WEBHOOK_PASSWORD: '' }
    expect(await statusOf(changed, { 'X-Key': 'the-new-header-value' })).toBe(200)
    expect(await statusOf(changed, { Authorization: good })).toBe(403)
  })
})
