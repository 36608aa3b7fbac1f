import { env } from 'cloudflare:workers'
import { SignJWT, UnsecuredJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count, CREDENTIALS } from '../receiver.ts'
import { store } from '../store-events.ts'
import { watchLog } from '../watch-log.ts'
import { FakeAccess, USER, type Claims } from './fake-access.ts'

const ORIGIN = 'https://receiver.example.com'
const HTML = { Accept: 'text/html' }

const log = watchLog()
let access: FakeAccess

beforeEach(async () => {
  await clearTables()
  access = await FakeAccess.start()
})
afterEach(() => vi.useRealTimers())

type More = {
  method?: string
  headers?: Record<string, string>
  changed?: Partial<Env>
  body?: BodyInit
}

function request(path: string, token: string, { headers, changed, ...init }: More = {}) {
  return app.request(
    `${ORIGIN}${path}`,
    { ...init, headers: { 'Cf-Access-Jwt-Assertion': token, ...headers } },
    { ...env, ...access.settings, ...changed },
  )
}

const erase = (token: string, headers: Record<string, string> = {}) =>
  request('/contacts/7', token, { method: 'DELETE', headers })

const messageOf = async (response: Response) =>
  (await response.json<{ error: { message: string } }>()).error.message

describe('Cloudflare Access', () => {
  it('lets people read, by the API and on pages, also without any token', async () => {
    const token = await access.sign()
    for (const changed of [{}, { READ_TOKEN: '', OPERATE_TOKEN: '' }]) {
      expect((await request('/activity', token, { changed })).status).toBe(200)
      const page = await request('/contact', token, { changed, headers: HTML })
      expect(page.status).toBe(200)
      expect(await page.text()).toContain('<nav')
    }
    expect(access.requests).toBe(1)
  })

  it.each<[string, Claims, number]>([
    ['nobody without a group', {}, 403],
    ['no other group', { groups: ['Mail'], custom: { groups: ['Mail operators '] } }, 403],
    ['no group as an email address', { custom: { groups: ['chief@example.com'] } }, 403],
    ['no email address as a group', { email: 'Mail operators' }, 403],
    ['no groups of another form', { custom: { groups: [{ name: 'Mail operators' }] } }, 403],
    ['no other custom claim', { custom: { team: 'Mail operators' } }, 403],
    ['a group', { custom: { groups: ['Mail', 'Mail operators'] } }, 200],
    ['a single group', { custom: { groups: 'Mail operators' } }, 200],
    ['a group at the top', { groups: ['Mail operators'] }, 200],
    ['an email address in any case', { email: 'Chief@Example.com' }, 200],
    ['a service token', { sub: '', email: undefined, common_name: 'robot.access' }, 200],
    ['no other service token', { sub: '', common_name: 'robot2.access' }, 403],
  ])('lets %s operate', async (_, claims, status) => {
    await store(buildEvent({ contactId: 7 }))
    expect((await erase(await access.sign(claims))).status).toBe(status)
    expect(await count('activity')).toBe(status === 200 ? 0 : 1)
  })

  it('lets nobody operate if no group is set', async () => {
    const token = await access.sign({ custom: { groups: ['Mail operators', ''] }, email: '' })
    const changed = { ACCESS_OPERATOR_GROUPS: ' , ', OPERATE_TOKEN: '' }
    const response = await request('/rebuild', token, { method: 'POST', changed })
    expect(response.status).toBe(403)
    expect(await messageOf(response)).toContain('ACCESS_OPERATOR_GROUPS')
  })

  it('shows buttons for changes to operators only, and accepts only their forms', async () => {
    await store(buildEvent({ contactId: 7 }))
    const viewer = await access.sign()
    const operator = await access.sign({ groups: ['Mail operators'] })
    const show = async (token: string) =>
      (await request('/contact/7', token, { headers: HTML })).text()
    expect(await show(viewer)).not.toContain('href="/contact/7/erase"')
    expect(await show(operator)).toContain('href="/contact/7/erase"')
    const form = {
      method: 'POST',
      body: new URLSearchParams({ suppressions: 'erase', word: 'erase' }),
    }
    const headers = { Origin: ORIGIN, ...HTML }
    const rejected = await request('/contact/7/erase', viewer, { ...form, headers })
    expect(rejected.status).toBe(403)
    expect(await rejected.text()).toContain('ACCESS_OPERATOR_GROUPS')
    const crossSite = { ...headers, Origin: 'https://evil.example.com' }
    const forged = await request('/contact/7/erase', operator, { ...form, headers: crossSite })
    expect(forged.status).toBe(403)
    expect(await count('activity')).toBe(1)
    expect((await request('/contact/7/erase', operator, { ...form, headers })).status).toBe(303)
    expect(await count('activity')).toBe(0)
  })

  it.each<Record<string, string>>([
    { Origin: 'https://evil.example.com' },
    { Origin: 'null' },
    { Origin: 'http://receiver.example.com' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('rejects API requests that a browser sends for another site: %j', async (headers) => {
    await store(buildEvent({ contactId: 7 }))
    const token = await access.sign({ groups: ['Mail operators'] })
    expect((await erase(token, headers)).status).toBe(403)
    expect((await request('/activity.csv', token, { headers })).status).toBe(403)
    expect(await count('activity')).toBe(1)
    const own = { Origin: ORIGIN, 'Sec-Fetch-Site': 'same-origin' }
    expect((await erase(token, own)).status).toBe(200)
  })

  it('is not asked if a bearer token is sent: that counts alone', async () => {
    const token = await access.sign({ groups: ['Mail operators'] })
    const wrong = await request('/activity', token, { headers: { Authorization: 'Bearer wrong' } })
    expect(wrong.status).toBe(401)
    expect(access.requests).toBe(0)
    const headers = { Authorization: 'Bearer read-token-for-tests' }
    expect((await request('/rebuild', token, { method: 'POST', headers })).status).toBe(401)
  })

  it('leads to its own sign-out', async () => {
    const form = { method: 'POST', body: new URLSearchParams(), headers: { Origin: ORIGIN } }
    const response = await request('/sign-out', await access.sign(), form)
    expect(await response.text()).toContain('content="0; url=/cdn-cgi/access/logout"')
  })
})

describe('a token of Access is rejected', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const tokens: Record<string, () => Promise<string>> = {
    'for another application': () => access.sign({ aud: ['a'.repeat(64)] }),
    'for no application': () => access.sign({ aud: undefined }),
    'of another team': () => access.sign({ iss: 'https://other.cloudflareaccess.com' }),
    'of no team': () => access.sign({ iss: undefined }),
    'that has expired': () => access.sign({ exp: now() - 1 }),
    'that never expires': () => access.sign({ exp: undefined }),
    'that is not valid yet': () => access.sign({ nbf: now() + 60 }),
    'that names nobody': () => access.sign({ sub: '' }),
    'with a key that is not published': async () => {
      await access.rotateKey({ isSecret: true })
      return access.sign()
    },
    'with another key under a published ID': async () => {
      const [header = ''] = (await access.sign()).split('.')
      const { kid } = JSON.parse(atob(header))
      await access.rotateKey({ isSecret: true })
      return access.sign({}, { kid })
    },
    'without a signature': async () => {
      const [, payload = ''] = (await access.sign()).split('.')
      return `${btoa('{"alg":"none"}')}.${payload}.`
    },
    'without an algorithm': async () =>
      new UnsecuredJWT({ sub: USER }).setExpirationTime('1m').encode(),
    'signed with a shared secret': () =>
      new SignJWT({ sub: USER })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1m')
        .sign(new TextEncoder().encode('a'.repeat(64))),
    'that was changed': async () => {
      const [header, payload = '', signature] = (await access.sign()).split('.')
      const claims = { ...JSON.parse(atob(payload)), groups: ['Mail operators'] }
      return `${header}.${btoa(JSON.stringify(claims)).replace(/=+$/, '')}.${signature}`
    },
    'that is not a token': async () => 'x.y.z',
    'that is empty': async () => '',
  }

  it.each(Object.keys(tokens))('%s', async (name) => {
    const token = (await tokens[name]?.()) ?? ''
    expect((await request('/activity', token)).status).toBe(401)
    const page = await request('/contact', token, { headers: HTML })
    expect(page.status).toBe(401)
    expect(await page.text()).not.toContain('<nav')
    const error = await request('/nothing', token, { headers: HTML })
    expect(await error.text()).not.toContain('<nav')
  })

  it('and the message says which setting to check', async () => {
    const respond = async (claims: Claims) =>
      messageOf(await request('/activity', await access.sign(claims)))
    expect(await respond({ aud: ['a'.repeat(64)] })).toContain('ACCESS_AUDIENCE')
    expect(await respond({ iss: 'https://x.cloudflareaccess.com' })).toContain('ACCESS_TEAM_DOMAIN')
    expect(await respond({ exp: 1 })).toContain('has expired')
    expect(log.lines.join()).toContain('ERR_JWT_EXPIRED')
    expect(log.lines.join()).not.toMatch(/olena|example\.com|eyJ/)
  })

  it('and counted like a wrong token', async () => {
    const keys: string[] = []
    const limit = async ({ key }: RateLimitOptions) => {
      keys.push(key)
      return { success: keys.length < 3 }
    }
    const changed = { FAILED_CREDENTIALS: { limit } }
    const headers = { 'CF-Connecting-IP': '192.0.2.1', ...HTML }
    const token = await access.sign({ exp: 1 })
    const statuses: number[] = []
    for (const path of ['/contact', '/activity', '/contact']) {
      statuses.push((await request(path, token, { changed, headers })).status)
    }
    expect(statuses).toEqual([401, 401, 429])
    expect(keys).toHaveLength(3)
  })

  it.each(['x.y.z', ''])('and means nothing unless Access is set up: %j', async (token) => {
    const changed = { ACCESS_TEAM_DOMAIN: '', ACCESS_AUDIENCE: '', ACCESS_OPERATOR_GROUPS: '' }
    for (const sent of [token, await access.sign({ groups: ['Mail operators'] })]) {
      expect((await request('/activity', sent, { changed })).status).toBe(401)
      const page = await request('/contact', sent, { changed, headers: HTML })
      expect(page.status).toBe(401)
      expect(await page.text()).toContain('name="token"')
    }
    expect(access.requests).toBe(0)
  })

  it('as a cookie, which nothing verified', async () => {
    const headers = { Cookie: `CF_Authorization=${await access.sign()}` }
    const bindings = { ...env, ...access.settings }
    expect((await app.request(`${ORIGIN}/activity`, { headers }, bindings)).status).toBe(401)
  })
})

describe('the keys of Access', () => {
  it('are loaded again once for a new key, and not for each unknown one', async () => {
    expect((await request('/activity', await access.sign())).status).toBe(200)
    await access.rotateKey()
    vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ['Date'] })
    expect((await request('/activity', await access.sign())).status).toBe(200)
    expect(access.requests).toBe(2)
    await access.rotateKey({ isSecret: true })
    for (let i = 0; i < 5; i++) await request('/activity', await access.sign())
    expect(access.requests).toBe(2)
  })

  const failures: Record<string, FakeAccess['serve']> = {
    'cannot be reached': () => Promise.reject(new TypeError('Network connection lost')),
    'are not found': async () => new Response('', { status: 404 }),
    redirect: async () => new Response('', { status: 302, headers: { Location: '/elsewhere' } }),
    'are not JSON': async () => new Response('<html>'),
    'are no keys': async () => Response.json({}),
    'do not come in time': (signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
        if (signal?.aborted) reject(signal.reason)
      }),
  }

  it.each(Object.keys(failures))('let nobody in if they %s', async (name) => {
    const abort = AbortSignal.abort(new DOMException('too late', 'TimeoutError'))
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(abort)
    access.serve = failures[name] ?? access.serve
    const token = await access.sign({ groups: ['Mail operators'] })
    const response = await request('/activity', token)
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('10')
    expect(await messageOf(response)).toContain('keys of Cloudflare Access could not be loaded')
    const page = await request('/contact', token, { headers: HTML })
    expect(page.status).toBe(503)
    expect(await page.text()).not.toContain('<nav')
    expect(access.requests).toBe(1) // and not for every request
    const headers = { Authorization: 'Bearer read-token-for-tests' }
    expect((await request('/activity', token, { headers })).status).toBe(200)
  })

  it('are tried again after a failure', async () => {
    const serve = access.serve
    access.serve = () => Promise.reject(new TypeError('Network connection lost'))
    expect((await request('/activity', await access.sign())).status).toBe(503)
    access.serve = serve
    vi.useFakeTimers({ now: Date.now() + 6_000, toFake: ['Date'] })
    expect((await request('/activity', await access.sign())).status).toBe(200)
  })
})

it('is nothing to the webhook', async () => {
  const response = await app.request(
    '/webhooks/yespo',
    {
      method: 'POST',
      headers: { Authorization: CREDENTIALS, 'Cf-Access-Jwt-Assertion': 'x' },
      body: '[]',
    },
    { ...env, ...access.settings },
  )
  expect(response.status).toBe(200)
  expect(access.requests).toBe(0)
})
