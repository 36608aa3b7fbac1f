import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { viewerOf } from '../../src/web/viewer.tsx'
import { requireSession } from '../../src/web/session/session.ts'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { ORIGIN, signIn, visit } from '../visit.ts'
import { watchLog } from '../watch-log.ts'
import { FakeAccess, USER } from './fake-access.ts'

const changed: Partial<Env> = {
  READ_TOKEN: 'olena: read-token-for-tests\nПідтримка: another-token-for-tests',
  OPERATE_TOKEN: 'operate-token-for-tests',
}

const log = watchLog()

beforeEach(async () => {
  await clearTables()
  const person = { email: 'anna.petrenko@example.com', sms: '380671234567' }
  await store(buildEvent({ contactId: 7, ...person }))
})

/** The lines of the log about look-ups. */
const viewed = () =>
  log.lines.filter((line) => line.includes('"viewed"')).map((line) => JSON.parse(line))

function request(path: string, token = 'read-token-for-tests', method = 'GET') {
  const init = { method, headers: { Authorization: `Bearer ${token}` } }
  return app.request(path, init, { ...env, ...changed })
}

describe('a look-up by the API is logged by the name of the token', () => {
  it.each([
    ['/contacts/7', '/contacts/:contactId', '7'],
    ['/contacts/007', '/contacts/:contactId', '7'],
    ['/contacts/7/explain', '/contacts/:contactId/explain', '7'],
    ['/contacts/7/data', '/contacts/:contactId/data', '7'],
    ['/contacts?email=anna.petrenko@example.com', '/contacts', 'search'],
    ['/contacts?sms=0671234567', '/contacts', 'search'],
    ['/contacts?contains=petrenko', '/contacts', 'search'],
    ['/activity?contactId=7,8', '/activity', '7,8'],
    ['/activity.csv?email=anna.petrenko@example.com', '/activity.csv', 'search'],
    ['/reports/people', '/reports/people', 'list'],
    ['/reports/people.csv', '/reports/people.csv', 'list'],
    ['/reports/people.ndjson', '/reports/people.ndjson', 'list'],
    ['/reports/engagement.csv', '/reports/engagement.csv', 'list'],
    ['/suppressions', '/suppressions', 'list'],
  ])('%s', async (path, route, contact) => {
    const response = await request(path)
    expect(response.status).toBe(200)
    await response.text()
    expect(viewed()).toEqual([{ event: 'viewed', viewer: 'olena', route, contact }])
    expect(log.lines.join()).not.toMatch(/petrenko|671234567|token-for-tests/)
  })

  it('whichever token it is', async () => {
    await request('/contacts/7', 'another-token-for-tests')
    await request('/contacts/7', 'operate-token-for-tests')
    expect(viewed().map(({ viewer }) => viewer)).toEqual(['Підтримка', 'operate'])
  })

  it('unless nothing was shown, or no contact was looked up', async () => {
    await request('/contacts/8')
    await request('/contacts/7', 'wrong')
    await request('/contacts/%0a%22evil')
    await request('/activity')
    await request('/reports/engagement')
    await request('/contacts/7', 'operate-token-for-tests', 'DELETE')
    expect(viewed()).toEqual([])
  })
})

describe('a look-up on pages is logged by the name of the token', () => {
  it.each([
    ['/contact/7', '/contact/:contactId', '7'],
    ['/recent?contactId=7', '/recent', '7'],
    ['/contact/7/data', '/contact/:contactId/data', '7'],
    ['/campaigns/people?messageId=1', '/campaigns/people', 'list'],
    ['/campaigns/people.csv', '/campaigns/people.csv', 'list'],
    ['/engagement/contacts.csv', '/engagement/contacts.csv', 'list'],
  ])('%s', async (path, route, contact) => {
    const response = await visit(path, { changed })
    expect(response.status).toBe(200)
    await response.text()
    expect(viewed()).toEqual([{ event: 'viewed', viewer: 'olena', route, contact }])
  })

  it.each(['anna.petrenko@example.com', 'petrenko', '067 123 45 67', 'nobody at all'])(
    'for a search of %s, which is not in the log',
    async (name) => {
      await visit('/contact', { changed, fields: { name } })
      expect(viewed()).toEqual([
        { event: 'viewed', viewer: 'olena', route: '/contact', contact: 'search' },
      ])
      expect(log.lines.join()).not.toMatch(/petrenko|123|nobody/)
    },
  )

  it('unless nothing was shown, no contact was looked up, or a list renews itself', async () => {
    for (const path of ['/contact/8', '/contact', '/recent', '/recent?contactId=7&live=1', '/']) {
      await (await visit(path, { changed })).text()
    }
    await app.request(`${ORIGIN}/contact/7`, { headers: { Accept: 'text/html' } }, env)
    expect(viewed()).toEqual([])
  })
})

it('is logged with the ID of an account of Access, never with its address', async () => {
  const access = await FakeAccess.start()
  const look = async (claims: Parameters<FakeAccess['sign']>[0]) => {
    const headers = { 'Cf-Access-Jwt-Assertion': await access.sign(claims) }
    const bindings = { ...env, ...access.settings }
    expect((await app.request('/contacts/7', { headers }, bindings)).status).toBe(200)
  }
  await look({})
  await look({ sub: '', email: undefined, common_name: 'e367826f93b8d711.access' })
  await look({ sub: 'olena@example.com' })
  await look({ sub: 'a"\n{"event":"viewed"}' })
  const names = viewed().map(({ viewer }) => viewer)
  expect(names.slice(0, 2)).toEqual([USER, 'e367826f93b8d711.access'])
  expect(names.slice(2)).toEqual([
    expect.stringMatching(/^[\w-]{22}$/),
    expect.stringMatching(/^[\w-]{22}$/),
  ])
  expect(log.lines.join()).not.toContain('olena@')
})

describe('the name of the viewer on pages', () => {
  const named = new Hono<{ Bindings: Env }>()
    .use(requireSession)
    .get('/', (context) => context.text(viewerOf(context).name))

  it("is the token's", async () => {
    const Cookie = await signIn('another-token-for-tests', changed)
    const response = await named.request(ORIGIN, { headers: { Cookie } }, { ...env, ...changed })
    expect(await response.text()).toBe('Підтримка')
  })

  it('is the address that Access knows', async () => {
    const access = await FakeAccess.start()
    const headers = { 'Cf-Access-Jwt-Assertion': await access.sign() }
    const response = await named.request(ORIGIN, { headers }, { ...env, ...access.settings })
    expect(await response.text()).toBe('olena@example.com')
  })
})
