import { describe, expect, it } from 'vitest'
import { basic, postWith } from '../receiver.ts'

const HEADERS = 'X-Key: one: two\nX-Shop: Київ'
const both = { WEBHOOK_HEADERS: HEADERS }
const headersOnly = { ...both, WEBHOOK_LOGIN: '', WEBHOOK_PASSWORD: '' }
const good = basic('yespo:pass:word')

const statusOf = async (changed: Partial<Env>, headers: Record<string, string>) =>
  (await postWith(changed, [], headers)).status

describe('Basic', () => {
  it.each([good, good.replace('Basic', 'bAsIc'), good.replace(' ', '   ')])(
    'lets %j in',
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
    `${good}=`, // base64 that only a careless reader takes
    good.replace(/=*$/, '*'),
    'Basic eWVzcG8=', // no colon
    basic('yespo:'),
    basic(':pass:word'),
    basic('yespo:pass'),
    basic('yespo:pass:word '),
    basic('YESPO:pass:word'),
    basic('yespo:pass:word\0'),
    basic('undefined:undefined'),
    basic('null:null'),
    basic(':'),
    `Basic ${'A'.repeat(10_000)}`,
  ])('refuses %j with 401', async (value) => {
    const response = await postWith({}, [], { Authorization: value })
    expect(response.status).toBe(401)
    expect(response.headers.get('WWW-Authenticate')).toMatch(/^Basic realm=/)
    expect(await response.text()).not.toContain('pass:word')
  })

  it('refuses a request without credentials, and says what to do', async () => {
    const response = await postWith({}, [], {})
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('switch Authentication on')
  })

  it.each(['a', 'ab', 'abc', 'abcd'])('may leave the padding out: %j', async (password) => {
    const changed = { WEBHOOK_PASSWORD: password }
    const padded = basic(`yespo:${password}`)
    const bare = padded.replace(/=+$/, '')
    expect(await statusOf(changed, { Authorization: bare })).toBe(200)
    expect(await statusOf(changed, { Authorization: padded })).toBe(200)
    // More, or a part of it, is what no encoder writes.
    expect(await statusOf(changed, { Authorization: `${padded}=` })).toBe(401)
    if (padded.endsWith('==')) {
      expect(await statusOf(changed, { Authorization: padded.slice(0, -1) })).toBe(401)
    }
  })

  it('compares over UTF-8', async () => {
    const changed = { WEBHOOK_LOGIN: 'логін', WEBHOOK_PASSWORD: 'пароль:é' }
    expect(await statusOf(changed, { Authorization: basic('логін:пароль:é') })).toBe(200)
    expect(await statusOf(changed, { Authorization: basic('логін:пароль:e') })).toBe(401)
  })

  it('ignores a line end behind a secret, as a pipe into wrangler leaves it', async () => {
    const changed = { WEBHOOK_LOGIN: 'yespo\n', WEBHOOK_PASSWORD: 'pass:word\r\n' }
    expect(await statusOf(changed, { Authorization: good })).toBe(200)
  })
})

describe('headers', () => {
  it.each([
    { 'X-Key': 'one: two', 'X-Shop': 'Київ' },
    { 'x-key': 'one: two', 'X-SHOP': ' Київ ' },
  ])('lets %j in without Basic where only headers are set', async (headers) => {
    expect(await statusOf(headersOnly, headers)).toBe(200)
  })

  it.each([
    {},
    { 'X-Key': 'one: two' },
    { 'X-Key': 'one: two', 'X-Shop': 'київ' },
    { 'X-Key': '', 'X-Shop': 'Київ' },
    { 'X-Key': 'one: two, one: two', 'X-Shop': 'Київ' },
  ])('refuses %j with 403 and does not say which', async (headers) => {
    const response = await postWith(headersOnly, [], headers)
    expect(response.status).toBe(403)
    expect(await response.text()).not.toMatch(/X-Key|X-Shop/i)
  })

  it('asks for both where both are set', async () => {
    const headers = { 'X-Key': 'one: two', 'X-Shop': 'Київ' }
    expect(await statusOf(both, { ...headers, Authorization: good })).toBe(200)
    expect(await statusOf(both, headers)).toBe(401)
    expect(await statusOf(both, { Authorization: good })).toBe(403)
  })
})

describe('rotation', () => {
  const rotating = {
    WEBHOOK_LOGIN: 'new',
    WEBHOOK_PASSWORD: 'new',
    WEBHOOK_LOGIN_PREVIOUS: 'yespo',
    WEBHOOK_PASSWORD_PREVIOUS: 'pass:word',
    WEBHOOK_HEADERS: 'X-Key: new',
    WEBHOOK_HEADERS_PREVIOUS: 'X-Key: old',
  }

  it.each([
    [basic('new:new'), 'new', 200],
    [good, 'old', 200],
    [good, 'new', 200],
    [basic('new:new'), 'old', 200],
    [basic('new:pass:word'), 'new', 401],
    [basic('yespo:new'), 'new', 401],
    [good, 'other', 403],
  ])('answers %s with header %s: %i', async (authorization, key, status) => {
    const headers = { Authorization: authorization, 'X-Key': key }
    expect(await statusOf(rotating, headers)).toBe(status)
  })

  it('asks for no Basic any more where only the previous one is still set', async () => {
    const changed = { ...rotating, WEBHOOK_LOGIN: '', WEBHOOK_PASSWORD: '' }
    expect(await statusOf(changed, { 'X-Key': 'new' })).toBe(200)
    expect(await statusOf(changed, { Authorization: good })).toBe(403)
  })
})
