import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { CREDENTIALS, postWith } from '../receiver.ts'
import { ORIGIN, signIn } from '../visit.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const BACK = '<a href="/">Back to overview</a>'

/** Sends a browser's request, with a session unless the headers have another cookie. */
async function request(
  path: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  changed: Partial<Env> = {},
): Promise<{ response: Response; page: string }> {
  const headers = { Accept: BROWSER, Cookie: await signIn(), Origin: ORIGIN, ...init.headers }
  const response = await app.request(
    `${ORIGIN}${path}`,
    { ...init, headers },
    { ...env, ...changed },
  )
  return { response, page: (await response.text()).replaceAll(/\s+/g, ' ') }
}

/** A database whose statements all fail. */
function failing(message: string): D1Database {
  const fail = () => Promise.reject(new Error(message))
  const statement = { bind: () => statement, all: fail, first: fail, run: fail, raw: fail }
  return { prepare: () => statement, batch: fail } as unknown as D1Database
}

describe('an unknown URL', () => {
  it.each(['/nothing', '/recent/a/b', '/reports/foo', '/assets/0/style.css', '/%zz', '/.env'])(
    'shows a page with a link back: %s',
    async (path) => {
      const { response, page } = await request(path)
      expect(response.status).toBe(404)
      expect(response.headers.get('Content-Type')).toMatch(/^text\/html/)
      expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(page).toContain('<h1>Not found</h1>')
      expect(page).toContain('<nav aria-label="Pages">')
      expect(page).toContain(BACK)
    },
  )

  it('shows nothing more without a session', async () => {
    const { response, page } = await request('/nothing', { headers: { Cookie: '' } })
    expect(response.status).toBe(404)
    expect(page).not.toContain('<nav')
    expect(page).toContain(BACK)
  })

  it('shows that page for a form, too', async () => {
    const { response, page } = await request('/nothing', { method: 'POST' })
    expect(response.status).toBe(404)
    expect(page).toContain(BACK)
  })

  it.each([
    { Accept: '*/*' },
    { Accept: 'application/json' },
    { Accept: BROWSER, Authorization: 'Bearer read-token-for-tests' },
  ])('is JSON for a program: %j', async (headers) => {
    const response = await app.request(`${ORIGIN}/nothing`, { headers }, env)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: { code: 'not_found', message: 'Not found.' } })
  })
})

describe('a page that cannot be shown', () => {
  it.each([
    ['/recent/nothing', 404, 'Events'],
    ['/contact/404', 404, 'Contacts'],
    ['/erasures/7', 404, 'Contacts'],
    ['/coverage?days=1', 400, 'Status'],
    ['/quarantine?more=x', 400, 'Quarantine'],
  ])('%s has the menu of the other pages, with status %i', async (path, status, view) => {
    const { response, page } = await request(path)
    expect(response.status).toBe(status)
    expect(page).toContain(`aria-current="page">${view}</a>`)
    expect(page).toContain('role="alert"')
    expect(page).toContain(BACK)
  })

  it.each(['/recent', '/status', '/coverage'])('accepts no form at %s', async (path) => {
    const { response, page } = await request(path, { method: 'POST' })
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe('GET, HEAD')
    expect(page).toContain(BACK)
  })

  it('says that the session is read-only', async () => {
    const { response, page } = await request(
      '/coverage/cancel',
      { method: 'POST', body: new URLSearchParams() },
      { OPERATE_TOKEN: 'operate-token-for-tests' },
    )
    expect(response.status).toBe(403)
    expect(page).toContain('aria-current="page">Status</a>')
    expect(page).toContain('Sign in with OPERATE_TOKEN')
  })

  it('shows no details of an unexpected error', async () => {
    const { response, page } = await request('/recent', {}, { DB: failing('secret words') })
    expect(response.status).toBe(500)
    expect(page).toContain(BACK)
    expect(page).not.toContain('secret words')
  })
})

describe('an invalid form', () => {
  it.each(['/', '/campaigns', '/bounces'])('keeps a reversed period at %s', async (path) => {
    const query = 'first=2026-03-02&last=2026-03-01&mediaType=email&from="Shop"'
    const { response, page } = await request(`${path}?${query}`)
    expect(response.status).toBe(400)
    expect(page).toContain('<nav aria-label="Pages">')
    expect(page).toContain('“From” must be earlier than “to”.')
    expect(page).toContain('name="first" value="2026-03-02"')
    expect(page).toContain('name="last" value="2026-03-01"')
    expect(page).toContain('type="hidden" name="mediaType" value="email"')
    expect(page).toContain('type="hidden" name="from" value="&quot;Shop&quot;"')
  })

  it("has the days of a link's moments in the viewer's time zone", async () => {
    const cookie = `${await signIn()}; zone=Asia%2FKathmandu`
    const query = 'since=2026-03-02T20:00Z&until=2026-03-01T20:00Z'
    const { page } = await request(`/?${query}`, { headers: { Cookie: cookie } })
    expect(page).toContain('name="first" value="2026-03-03"')
    expect(page).toContain('name="last" value="2026-03-02"')
  })

  it('does not keep invalid parameters without a field, or unknown ones', async () => {
    const { response, page } = await request(
      '/campaigns?sort=oldest&by=tags&x=1&period=week&cursor=7',
    )
    expect(response.status).toBe(400)
    expect(page).toContain('type="hidden" name="by" value="tags"')
    expect(page).not.toMatch(/name="(sort|x|period|cursor)"/)
  })

  it('keeps an invalid number along with the other filters', async () => {
    const { response, page } = await request(
      '/recent?messageId=abc&contactId=7&activityStatus=READ',
    )
    expect(response.status).toBe(400)
    expect(page).toContain('name="messageId" value="abc"')
    expect(page).toContain('name="contactId" value="7"')
    expect(page).toContain('<option value="READ" selected="">')
    expect(page).toContain('“messageId” must be a whole number')
  })

  it('does not keep an email address from the URL', async () => {
    const { response, page } = await request('/recent?email=who@example.com&sms=380441234567')
    expect(response.status).toBe(400)
    expect(page).not.toMatch(/who@example\.com|380441234567/)
  })

  it('keeps the requested period of a sync', async () => {
    const fields = { since: '2026-03-02T10:30', until: '2026-03-01T09:15' }
    const { response, page } = await request('/coverage/sync', {
      method: 'POST',
      body: new URLSearchParams(fields),
    })
    expect(response.status).toBe(400)
    expect(page).toContain('“From” must be earlier than “to”.')
    expect(page).toContain('name="since" value="2026-03-02T10:30"')
    expect(page).toContain('name="until" value="2026-03-01T09:15"')
    expect(page).toContain('action="/coverage/sync"')
  })
})

describe('a database that is not migrated', () => {
  const withoutTable = async (act: () => Promise<void>) => {
    await env.DB.prepare('ALTER TABLE activity RENAME TO elsewhere').run()
    try {
      await act()
    } finally {
      await env.DB.prepare('ALTER TABLE elsewhere RENAME TO activity').run()
    }
  }

  it.each(['/', '/recent', '/status'])('is named as the cause at %s', async (path) => {
    await withoutTable(async () => {
      const { response, page } = await request(path)
      expect(response.status).toBe(503)
      expect(page).toContain('<h1>The database is not migrated</h1>')
      expect(page).toContain('Run `npm run deploy`, or `npm start` for a local receiver.')
    })
  })

  it.each(['/activity', '/activity.csv', '/status', '/contacts/1'])(
    'has its own error code at %s',
    async (path) => {
      await withoutTable(async () => {
        const headers = { Authorization: 'Bearer read-token-for-tests' }
        const response = await app.request(`${ORIGIN}${path}`, { headers }, env)
        expect(response.status).toBe(503)
        expect(response.headers.get('Retry-After')).toBe('60')
        expect(await response.json()).toMatchObject({ error: { code: 'database_not_migrated' } })
      })
    },
  )

  it('does not affect the webhook: the queue accepts events, or Yespo repeats them', async () => {
    await withoutTable(async () => {
      const ACTIVITY_QUEUE = { send: async () => {} } as unknown as Queue
      const headers = { Authorization: CREDENTIALS }
      expect((await postWith({ ACTIVITY_QUEUE }, [buildEvent()], headers)).status).toBe(200)
      const down = { ACTIVITY_QUEUE: faultyQueue(new Error('down')) }
      const rejected = await postWith(down, [buildEvent()], headers)
      expect(rejected.status).toBe(503)
      expect(await rejected.json()).toMatchObject({ error: { code: 'unavailable' } })
    })
  })
})

it('says when the used-up row quota of the free plan is reset', async () => {
  const DB = failing("Your account has exceeded D1's free tier daily row read limit. Upgrade")
  const headers = { Authorization: 'Bearer read-token-for-tests' }
  const response = await app.request(`${ORIGIN}/activity`, { headers }, { ...env, DB })
  expect(response.status).toBe(503)
  expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
  expect(await response.json()).toMatchObject({ error: { code: 'daily_limit_reached' } })
})
