import { env, exports } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { PAGES } from '../../src/page-routes.tsx'
import { buildEvent } from '../event.ts'
import { clearTables, count } from '../receiver.ts'
import { store } from '../store-events.ts'

const ORIGIN = 'https://receiver.example.com'

beforeEach(clearTables)

function submit(
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return exports.default.fetch(`${ORIGIN}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: ORIGIN, ...headers },
    body: new URLSearchParams(fields),
  })
}

function show(path: string, headers: Record<string, string> = {}, changed: Partial<Env> = {}) {
  const init = { headers: { Accept: 'text/html', ...headers } }
  return app.request(`${ORIGIN}${path}`, init, { ...env, ...changed })
}

async function cookieOf(token = 'read-token-for-tests'): Promise<string> {
  const response = await submit('/sign-in', { token })
  return response.headers.get('Set-Cookie')?.split(';')[0] ?? ''
}

afterEach(() => vi.useRealTimers())

describe('before signing in', () => {
  it.each(Object.keys(PAGES))('%s shows only the sign-in form', async (path) => {
    const response = await show(path.replaceAll(/:\w+(?:\{[^}]+\})?/g, '1'))
    const page = await response.text()
    expect(response.status).toBe(401)
    expect(page).toContain('name="token"')
    expect(page).not.toMatch(/<nav|Quarantine|Overview|webhooks/)
  })

  it.each(['/contact', '/search', '/sign-out'])('a form sent to %s has no effect', async (path) => {
    const response = await submit(path, { name: 'contact@example.com' })
    expect(response.status).toBe(401)
    expect(response.headers.get('Set-Cookie')).toBeNull()
  })

  it('continues to the requested page', async () => {
    const form = await (await show('/?period=week')).text()
    expect(form).toContain('name="to" value="/?period=week"')
    const response = await submit('/sign-in', {
      token: 'read-token-for-tests',
      to: '/?period=week',
    })
    expect(response.headers.get('Location')).toBe(
      '/signed-in?to=/?period=week&just=now'.replace(
        '/?period=week',
        encodeURIComponent('/?period=week'),
      ),
    )
  })

  it.each([
    'https://evil.example.com/',
    '//evil.example.com/',
    '/\\evil.example.com/',
    '/.//evil.example.com/',
    '/..//evil.example.com/',
    '/%2e//evil.example.com/',
    'javascript:alert(1)',
    '',
  ])('never redirects to %j', async (to) => {
    const response = await submit('/sign-in', { token: 'read-token-for-tests', to })
    expect(new URL(response.headers.get('Location') ?? '', ORIGIN).searchParams.get('to')).toBe('/')
    const cookie = await cookieOf()
    const redirect = await show(`/signed-in?to=${encodeURIComponent(to)}`, { Cookie: cookie })
    expect(redirect.headers.get('Location')).toBe('/')
  })

  it('retries a link from another site once, because the browser sent no cookie', async () => {
    const page = await (await show('/?period=week', { 'Sec-Fetch-Site': 'cross-site' })).text()
    expect(page).toContain(`content="0; url=/signed-in?to=${encodeURIComponent('/?period=week')}"`)
    expect(await (await show('/?period=week')).text()).not.toContain('http-equiv')
  })
})

describe('signing in', () => {
  it('sets a cookie that scripts cannot read and other sites do not send', async () => {
    const response = await submit('/sign-in', { token: ' read-token-for-tests\n' })
    const cookie = response.headers.get('Set-Cookie') ?? ''
    expect(response.status).toBe(303)
    expect(cookie).toMatch(/^__Host-session=\d{13}\.[\w-]{36}\.[\w-]{43}; /)
    expect(cookie.split('; ').slice(1).sort()).toEqual(
      ['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Strict', 'Secure'].sort(),
    )
    expect(cookie).not.toContain('read-token-for-tests')
    expect((await show('/', { Cookie: cookie.split(';')[0] ?? '' })).status).toBe(200)
  })

  it('rejects another token, and says which one is needed', async () => {
    const response = await submit('/sign-in', { token: 'wrong' })
    expect(response.status).toBe(401)
    expect(response.headers.get('Set-Cookie')).toBeNull()
    expect(await response.text()).toContain('READ_TOKEN')
  })

  it('rejects a form from another site', async () => {
    const headers = { Origin: 'https://evil.example.com', 'Sec-Fetch-Site': 'cross-site' }
    const response = await submit('/sign-in', { token: 'read-token-for-tests' }, headers)
    expect(response.status).toBe(403)
    expect(response.headers.get('Set-Cookie')).toBeNull()
  })

  it('rejects an invalid form with an explanation', async () => {
    const response = await exports.default.fetch(`${ORIGIN}/sign-in`, {
      method: 'POST',
      headers: { Origin: ORIGIN, 'Content-Type': 'multipart/form-data; boundary=x' },
      body: 'garbage',
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('This is not a form.')
  })

  it('rejects a form that is too long', async () => {
    expect((await submit('/sign-in', { token: 'x'.repeat(30_000) })).status).toBe(413)
  })

  it('says what to do if the browser stores no cookie', async () => {
    const response = await show('/signed-in?to=%2F&just=now')
    expect(response.status).toBe(401)
    expect(await response.text()).toContain('Allow cookies for this site')
    const local = await app.request('http://localhost/signed-in?to=%2F&just=now', {}, env)
    expect(await local.text()).toContain('Allow cookies for this site')
    const plain = await app.request('http://10.0.0.1/signed-in?to=%2F&just=now', {}, env)
    expect(await plain.text()).toContain('use https://')
  })
})

describe('a session at a loopback address', () => {
  const enter = async (origin: string, token = 'read-token-for-tests') => {
    const init = {
      method: 'POST',
      headers: { Origin: origin },
      body: new URLSearchParams({ token }),
    }
    const response = await app.request(`${origin}/sign-in`, init, env)
    return response.headers.get('Set-Cookie') ?? ''
  }
  const see = async (origin: string, Cookie: string) =>
    (await app.request(`${origin}/recent`, { headers: { Cookie } }, env)).status

  it.each(['localhost:8787', 'a.localhost:8787', '127.0.0.1:8787', '127.9.9.9', '[::1]:8787'])(
    'is kept by browsers that reject secure cookies over http://%s',
    async (host) => {
      const origin = `http://${host}`
      const cookie = await enter(origin)
      expect(cookie).toMatch(/^yespo-session-\d+=\d{13}\.[\w-]{36}\.[\w-]{43}; /)
      expect(cookie.split('; ').slice(1).sort()).toEqual(
        ['HttpOnly', 'Max-Age=2592000', 'Path=/', 'SameSite=Strict'].sort(),
      )
      const [value = ''] = cookie.split(';')
      expect(await see(origin, value)).toBe(200)
      const headers = { Origin: origin, Cookie: value }
      const body = new URLSearchParams()
      const out = await app.request(`${origin}/sign-out`, { method: 'POST', headers, body }, env)
      expect(out.headers.get('Set-Cookie')).toMatch(/^yespo-session-\d+=; Max-Age=0; Path=\//)
    },
  )

  it.each([
    'https://localhost:8787',
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://128.0.0.1',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1:8787',
    'http://receiver.example.com',
    'https://receiver.example.com',
  ])('is invalid at %s, under either name', async (origin) => {
    expect(await enter(origin)).toMatch(/^__Host-session=.*; Secure/)
    const [name = '', value = ''] = (
      (await enter('http://localhost:8787')).split(';')[0] ?? ''
    ).split('=')
    expect(await see('http://localhost:8787', `${name}=${value}`)).toBe(200)
    for (const each of [
      name,
      '__Host-session',
      'session',
      'yespo-session-443',
      'yespo-session-80',
    ]) {
      expect(await see(origin, `${each}=${value}`)).toBe(401)
    }
  })

  it('is separate for each port, because browsers do not distinguish ports', async () => {
    const [one = '', other = ''] = await Promise.all(
      [8787, 9000].map((port) => enter(`http://localhost:${port}`)),
    )
    expect(one.split('=')[0]).not.toBe(other.split('=')[0])
    expect(await see('http://localhost:9000', one.split(';')[0] ?? '')).toBe(401)
  })

  it('does not accept a cookie from another origin', async () => {
    const cookie = (await enter('https://receiver.example.com')).split(';')[0] ?? ''
    expect(await see('https://receiver.example.com', cookie)).toBe(200)
    expect(await see('http://localhost:8787', cookie)).toBe(401)
    expect(await see('http://localhost:8787', cookie.replace('__Host-', 'yespo-') + '-8787')).toBe(
      401,
    )
  })
})

describe('a session', () => {
  it('ends after 30 days', async () => {
    const cookie = await cookieOf()
    vi.useFakeTimers({ now: Date.now() + 30 * 86_400_000 - 60_000, toFake: ['Date'] })
    expect((await show('/', { Cookie: cookie })).status).toBe(200)
    vi.setSystemTime(Date.now() + 60_000)
    expect((await show('/', { Cookie: cookie })).status).toBe(401)
  })

  it('cannot be extended or forged', async () => {
    const [, expiresAt = '', signature = ''] = /=(\d+)\.(.*)/.exec(await cookieOf()) ?? []
    const forged = [`${Number(expiresAt) + 1}.${signature}`, `${expiresAt}.`, expiresAt, 'x.y', '.']
    for (const value of [...forged, `${expiresAt}.${'A'.repeat(43)}`]) {
      expect((await show('/', { Cookie: `__Host-session=${value}` })).status).toBe(401)
    }
  })

  it('continues while its token is one of several, and ends when that is removed', async () => {
    const cookie = await cookieOf()
    const several = { READ_TOKEN: 'new: the-token-after-it, old: read-token-for-tests' }
    expect((await show('/', { Cookie: cookie }, several)).status).toBe(200)
    expect((await show('/', { Cookie: cookie }, { READ_TOKEN: 'the-token-after-it' })).status).toBe(
      401,
    )
  })

  it('ends on sign-out', async () => {
    const cookie = await cookieOf()
    const response = await submit('/sign-out', {}, { Cookie: cookie })
    expect(response.status).toBe(303)
    expect(response.headers.get('Set-Cookie')).toMatch(/^__Host-session=; Max-Age=0;/)
  })

  it('ends on sign-out for every page, and other sessions do not', async () => {
    const [cookie, other] = [await cookieOf(), await cookieOf()]
    await submit('/sign-out', {}, { Cookie: cookie })
    for (const path of ['/', '/now', '/status']) {
      const Accept = 'text/html'
      expect((await show(path, { Cookie: cookie, Accept })).status).toBe(401)
      expect((await show(path, { Cookie: other, Accept })).status).toBe(200)
    }
    expect((await submit('/contact/7/erase', {}, { Cookie: cookie })).status).toBe(401)
  })

  it('that has ended shows no menu anywhere, not even on errors', async () => {
    const [cookie, other] = [await cookieOf(), await cookieOf()]
    await submit('/sign-out', {}, { Cookie: cookie })
    for (const [path, status] of [
      ['/nothing', 404],
      ['/recent/a/b', 404],
    ] as const) {
      const Accept = 'text/html'
      const [ended, ongoing] = [
        await show(path, { Cookie: cookie, Accept }),
        await show(path, { Cookie: other, Accept }),
      ]
      expect([ended.status, ongoing.status]).toEqual([status, status])
      expect(await ended.text()).not.toContain('<nav')
      expect(await ongoing.text()).toContain('<nav')
    }
    const rejected = await submit('/status', {}, { Cookie: cookie, Accept: 'text/html' })
    expect(rejected.status).toBe(405)
    expect(await rejected.text()).not.toContain('<nav')
  })

  it('that has ended is recorded only as long as it would have lasted', async () => {
    await submit('/sign-out', {}, { Cookie: await cookieOf() })
    vi.useFakeTimers({ now: Date.now() + 31 * 86_400_000, toFake: ['Date'] })
    await submit('/sign-out', {}, { Cookie: await cookieOf() })
    expect(await count('ended_sessions')).toBe(1)
  })

  it('is not accepted by the read API, which needs the token', async () => {
    expect((await show('/activity', { Cookie: await cookieOf() })).status).toBe(401)
  })
})

describe('every form', () => {
  it.each(['application/json', 'text/plain', ''])('rejects the content type %j', async (type) => {
    await store(buildEvent({ contactId: 7 }))
    const Cookie = await cookieOf()
    const response = await exports.default.fetch(`${ORIGIN}/contact/7/erase`, {
      method: 'POST',
      headers: { Cookie, Origin: ORIGIN, 'Content-Type': type },
      body: '{}',
      redirect: 'manual',
    })
    expect(response.status).toBe(415)
    expect(await count('activity')).toBe(1)
  })
})

it('forbids browsers to guess content types', async () => {
  for (const path of ['/health', '/webhooks/yespo', '/activity', '/openapi.json', '/nowhere']) {
    const response = await exports.default.fetch(`${ORIGIN}${path}`)
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
  }
})

describe('every page', () => {
  it('loads only its own files, and is not cached', async () => {
    const paths = Object.keys(PAGES).map((path) => path.replaceAll(/:\w+(?:\{[^}]+\})?/g, '1'))
    const Cookie = await cookieOf()
    const responses = await Promise.all([
      ...['/', '/sign-in?', '/signed-in'].map((path) => show(path)),
      ...paths.map((path) => show(path, { Cookie })),
      submit('/recent', {}, { Cookie }), // rejected
    ])
    for (const response of responses.filter(({ status }) => status < 300 || status >= 400)) {
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=UTF-8',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      })
      expect(await response.text()).not.toMatch(/<[^>]+ (style|on\w+)=/)
    }
  })

  it('rejects an invalid parameter with an explanation', async () => {
    const response = await show('/?period=year', { Cookie: await cookieOf() })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('“period” must be one of ')
  })

  it('says which setting is missing', async () => {
    const response = await show('/', {}, { READ_TOKEN: '' })
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('The setting READ_TOKEN is missing.')
  })

  it('loads files by names that change with their content, and no others', async () => {
    const page = await (await show('/')).text()
    const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
      ([, path = '']) => path,
    )
    expect(paths).toHaveLength(3)
    paths.push(
      ...['live', 'rows', 'announce'].map((name) =>
        (paths[0] ?? '').replace(/[^/]+$/, `${name}.js`),
      ),
    )
    for (const path of paths) {
      const response = await show(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('Cache-Control')).toContain('immutable')
      expect((await show(path.replace(/[0-9a-f]{12}/, '0123456789ab'))).status).toBe(404)
    }
  })
})
