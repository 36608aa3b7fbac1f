import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import { startRun, endRun, listRuns, recordDelay } from '../../src/db/sync/runs.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { ORIGIN, visit, type Visit } from '../visit.ts'

const TASKS = { sendBatch: async () => {} } as unknown as Queue
const READ: Partial<Env> = { YESPO_API_KEY: 'api-key', TASKS }
const OPERATED: Partial<Env> = { ...READ, OPERATE_TOKEN: 'operate-token-for-tests' }

beforeEach(clearTables)

/** Visits a page, by default of a receiver that reads the API. */
function visitReading(path: string, options: Visit = {}): Promise<Response> {
  return visit(path, { changed: READ, ...options })
}

async function show(path: string, options: Visit = {}): Promise<string> {
  const response = await visitReading(path, options)
  const page = await response.text()
  expect(response.status, `${path} ${page}`).toBe(200)
  return page.replaceAll(/\s+/g, ' ')
}

/** The page that an action leads to. */
function showNext({ headers }: Response): Promise<string> {
  const [cookie = ''] = headers.get('Set-Cookie')?.split(';') ?? []
  return show(headers.get('Location') ?? '', { cookie })
}

/** Records the coverage of an hour. */
async function see(at: number, kind: string, ...seen: [number, number, number]): Promise<void> {
  const since = Math.floor(at / HOUR_MS) * HOUR_MS
  await env.DB.prepare('INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?, ?)')
    .bind(since, since + HOUR_MS, kind, 'email', ...seen)
    .run()
}

async function stop(error: string): Promise<void> {
  const number = await startRun(env.DB, 'schedule', { since: 0, until: HOUR_MS }, Date.now())
  await endRun(env.DB, number, 'stopped', error, Date.now())
}

const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)

describe('the overview', () => {
  beforeEach(() => store(buildEvent()))

  it('says unobtrusively that the webhook delivered everything', async () => {
    await see(Date.now() - DAY_MS, 'READ', 1_200, 5, 0)
    expect(await show('/')).toContain(
      '<p class="quiet">The webhook delivered all of the 1,200 events that Yespo’s API lists for the last 7 days.',
    )
  })

  it('says prominently what the webhook missed in the last 7 days', async () => {
    await see(Date.now() - DAY_MS, 'READ', 7, 5, 2)
    await see(Date.now() - 2 * DAY_MS, 'SENT', 1, 0, 0)
    await see(Date.now() - 9 * DAY_MS, 'SENT', 0, 0, 100)
    const page = await show('/')
    expect(page).toMatch(
      /note warn">The webhook missed 2 of the 10 events .* last 7 days: they were filled/,
    )
    expect(page).toContain('href="/coverage"')
  })

  it('says nothing if the API is not read, or has no events', async () => {
    await see(Date.now() - DAY_MS, 'READ', 0, 5, 0)
    expect(await show('/')).not.toContain('Yespo’s API')
    await see(Date.now() - DAY_MS, 'SENT', 7, 5, 2)
    await stop('Some error.')
    expect(await show('/', { changed: {} })).not.toContain('Yespo’s API')
  })

  it('says why the last sync stopped, until one finishes', async () => {
    await stop('Yespo does not accept <the key>.')
    const note = 'stopped: <bdi>Yespo does not accept &lt;the key&gt;.'
    expect(await show('/')).toContain(note)
    const number = await startRun(env.DB, 'schedule', { since: 0, until: HOUR_MS }, Date.now())
    await startRun(env.DB, 'backfill', { since: 0, until: HOUR_MS }, Date.now())
    expect(await show('/')).toContain(note)
    await env.DB.exec(`UPDATE sync_runs SET state = 'finished' WHERE number = ${number}`)
    expect(await show('/')).not.toContain('API stopped')
  })

  it('says nothing about backfills, or without scheduled syncs', async () => {
    const onDemand = { ...READ, YESPO_API_MINUTES: '0' } as unknown as Partial<Env>
    await stop('Some error.')
    expect(await show('/', { changed: onDemand })).not.toContain('API stopped')
    await env.DB.exec("UPDATE sync_runs SET kind = 'backfill'")
    expect(await show('/')).not.toContain('API stopped')
  })

  it('says what a sync is waiting for after an hour without progress, however often it is retried', async () => {
    const now = Date.now()
    const ago = (minutes: number) => now - minutes * 60_000
    const period = { since: 0, until: 4 * HOUR_MS }
    const number = await startRun(env.DB, 'schedule', period, ago(50))
    await recordDelay(env.DB, number, 'Yespo failed <500>')
    expect(await show('/')).not.toContain('waiting')
    await env.DB.exec(
      `UPDATE sync_runs SET beganAt = ${ago(190)}, tries = 2 WHERE number = ${number}`,
    )
    expect(await show('/')).toMatch(
      /note warn">The sync with Yespo’s API has been waiting since <time datetime="[^"]+">[^<]+<\/time>: <bdi>Yespo failed &lt;500&gt;<\/bdi>/,
    )
    expect(await show('/')).toContain(`<time datetime="${new Date(ago(190)).toISOString()}">`)
    await env.DB.exec(`INSERT INTO time_slices VALUES (${number}, 0, ${HOUR_MS})`)
    await env.DB.exec(`UPDATE sync_runs SET tries = 0 WHERE number = ${number}`)
    expect(await show('/')).not.toContain('waiting')
    await env.DB.exec(`UPDATE sync_runs SET tries = 1, delay = NULL WHERE number = ${number}`)
    expect(await show('/')).toContain('reason unknown')
  })

  it('is shown even if a setting of the API is invalid', async () => {
    await show('/', { changed: { ...READ, YESPO_API_URL: 'nowhere' } as unknown as Partial<Env> })
  })
})

describe('the page', () => {
  const now = Date.now()

  it('shows the coverage by day, and of a day by status and channel', async () => {
    await see(now, 'READ', 9_999, 5, 1)
    await see(now, 'OTHER <b>', 3, 0, 0)
    await see(now - DAY_MS, 'READ', 4, 0, 0)
    const page = await show('/coverage')
    const cells = '<td class="right">10,002</td><td class="right">5</td>'
    expect(page).toContain(`days=7&amp;day=${dayOf(now)}`)
    expect(page).toContain(cells)
    expect(page).toMatch(/<a class="warn" href="[^"]+">1<\/a><\/td><td class="right">99\.99%/)
    expect(page).not.toContain('OTHER')
    const day = await show(`/coverage?day=${dayOf(now)}`)
    expect(day).toContain(`<h2>${dayOf(now)}</h2>`)
    expect(day).toContain('OTHER &lt;b&gt;')
    const [since, until] = [dayOf(now), dayOf(now + DAY_MS)].map((text) => `${text}T00:00Z`)
    const missed = `/recent?activityStatus=READ&mediaType=email&since=${since}&until=${until}&origin=api`
    expect(day).toContain(`href="${missed.replaceAll('&', '&amp;')}"`)
    await store(buildEvent({ activityStatus: 'READ', messageName: 'It was told' }))
    expect(await show(missed)).not.toContain('It was told')
    await env.DB.exec(`UPDATE activity SET origin = 'api', occurredAt = ${now}`)
    expect(await show(missed)).toContain('It was told')
    expect(await show(`/coverage?day=${dayOf(now - 3 * DAY_MS)}`)).toContain('of this day')
  })

  it('goes back as far as selected', async () => {
    await see(now - 20 * DAY_MS, 'READ', 4, 0, 0)
    const day = dayOf(now - 20 * DAY_MS)
    expect(await show('/coverage')).not.toContain(day)
    expect(await show('/coverage?days=30')).toContain(day)
  })

  it.each(['days=8', 'day=x', 'day=2026-02-31'])('rejects %s', async (query) =>
    expect((await visitReading(`/coverage?${query}`)).status).toBe(400),
  )

  it('shows the progress of recent syncs, and refreshes that while one is running', async () => {
    await stop('Some error.')
    const stopped = await show('/coverage')
    expect(stopped).toContain('stopped at 0%')
    expect(stopped).toContain('<bdi>Some error.</bdi>')
    expect(stopped).not.toContain('data-live')
    const until = 4 * HOUR_MS
    const number = await startRun(env.DB, 'backfill', { since: 0, until }, now)
    await env.DB.prepare('INSERT INTO time_slices VALUES (?, 0, ?)').bind(number, HOUR_MS).run()
    expect(await show('/coverage')).toContain('data-live="/coverage/syncs"')
    const part = await show('/coverage/syncs')
    expect(part).toMatch(/^<section id="syncs".*<progress value="25".*25%/)
    await recordDelay(env.DB, number, 'Yespo failed (500)')
    expect(await show('/coverage/syncs')).toContain('Waiting: <bdi>Yespo failed (500)</bdi>')
  })

  it('says if the API is not read, and offers no form', async () => {
    const page = await show('/coverage', { changed: {} })
    expect(page).toContain('Set the secret YESPO_API_KEY')
    expect(page).not.toContain('/coverage/sync"')
  })

  it('is JSON for a program, which needs a token', async () => {
    const request = (headers: Record<string, string>) =>
      app.request(`${ORIGIN}/coverage`, { headers }, env)
    expect((await request({})).headers.get('WWW-Authenticate')).toContain('Bearer')
    const response = await request({
      Authorization: 'Bearer read-token-for-tests',
      Accept: 'text/html',
    })
    expect(await response.json()).toMatchObject({ coverage: [] })
  })
})

describe('syncing on demand', () => {
  const since = new Date(Date.now() - 2 * DAY_MS).toISOString().slice(0, 16)

  it('starts with the form, and redirects to the progress', async () => {
    const response = await visitReading('/coverage/sync', { fields: { since, until: '' } })
    expect(response.status).toBe(303)
    const [run] = await listRuns(env.DB, 1)
    expect(run).toMatchObject({ kind: 'backfill', state: 'running' })
    expect(run?.since).toBe(Math.floor(Date.parse(`${since}Z`) / HOUR_MS) * HOUR_MS)
    expect(await showNext(response)).toContain('Sync started')
    const cancelled = await visitReading('/coverage/cancel', { fields: {} })
    expect(await showNext(cancelled)).toContain('1 sync cancelled')
    expect(await listRuns(env.DB, 1)).toMatchObject([{ state: 'cancelled' }])
  })

  it('can be cancelled while a sync runs, and says so if none does', async () => {
    const [path, operator] = ['/coverage', { changed: OPERATED, token: 'operate-token-for-tests' }]
    expect(await show(path)).not.toContain('action="/coverage/cancel"')
    const run = await startRun(env.DB, 'backfill', { since: 0, until: HOUR_MS }, Date.now())
    for (const each of [path, '/coverage/syncs']) {
      expect(await show(each, operator)).toContain('action="/coverage/cancel"')
      expect(await show(each, { changed: OPERATED })).not.toContain('action="/coverage/cancel"')
    }
    await endRun(env.DB, run, 'stopped', 'why', Date.now())
    expect(await show('/coverage/syncs')).not.toContain('action="/coverage/cancel"')
    const cancelled = await visitReading('/coverage/cancel', { fields: {} })
    expect(await show(cancelled.headers.get('Location') ?? '')).toContain('No sync was running.')
  })

  it.each([
    [{}, 400, 'since'],
    [{ since: '2020-01-01T00:00' }, 400, '90 days'],
    [{ since, until: '2020-01-01T00:00' }, 400, '“From” must be earlier than “to”.'],
    [{ since, more: 'x' }, 400, 'more'],
  ])('rejects %j with an explanation', async (fields, status, words) => {
    const response = await visitReading('/coverage/sync', { fields })
    expect([response.status, await response.text()]).toEqual([
      status,
      expect.stringContaining(words),
    ])
    expect(await listRuns(env.DB, 1)).toEqual([])
  })

  it('is rejected without a key', async () => {
    const response = await visitReading('/coverage/sync', { fields: { since }, changed: {} })
    expect(response.status).toBe(409)
  })

  it('does not begin where the queue does not take it', async () => {
    const changed = { ...READ, TASKS: faultyQueue(new Error('down')) }
    expect((await visit('/coverage/sync', { fields: { since }, changed })).status).toBe(500)
    expect(await listRuns(env.DB, 1)).toMatchObject([{ state: 'stopped' }])
  })

  it.each(['/coverage/sync', '/coverage/cancel'])(
    '%s requires permission to operate',
    async (path) => {
      await startRun(env.DB, 'backfill', { since: 0, until: HOUR_MS }, Date.now())
      const fields = { since }
      const elsewhere = { fields, origin: 'https://evil.example.com' }
      expect((await visitReading(path, elsewhere)).status).toBe(403)
      expect((await visitReading(path, { fields, token: 'wrong' })).status).toBe(401)
      const rejected = await visitReading(path, { fields, changed: OPERATED })
      expect([rejected.status, await rejected.text()]).toEqual([
        403,
        expect.stringContaining('Sign in with OPERATE_TOKEN'),
      ])
      expect((await visitReading(path)).status).toBe(405)
      expect(await listRuns(env.DB, 2)).toMatchObject([{ state: 'running' }])
      const operator = { changed: OPERATED, token: 'operate-token-for-tests' }
      expect((await visitReading(path, { ...operator, fields })).status).toBe(303)
    },
  )

  it('shows its form only to those with permission', async () => {
    expect(await show('/coverage', { changed: OPERATED })).not.toContain('/coverage/sync"')
    const operator = { changed: OPERATED, token: 'operate-token-for-tests' }
    expect(await show('/coverage', operator)).toContain('action="/coverage/sync"')
  })
})

it('the API says how many hours were compared, with events or without', async () => {
  const start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 10 * HOUR_MS
  await see(start, 'READ', 5, 0, 1)
  await see(start, 'SENT', 5, 0, 0)
  const number = await startRun(env.DB, 'schedule', { since: start, until: start }, Date.now())
  await env.DB.prepare('INSERT INTO time_slices VALUES (?1, ?2, ?3)')
    .bind(number, start - HOUR_MS, start + 2 * HOUR_MS)
    .run()
  const headers = { Authorization: 'Bearer read-token-for-tests' }
  const path = `/coverage?since=${start - 2 * HOUR_MS}&until=${start + 4 * HOUR_MS}`
  const response = await app.request(`${ORIGIN}${path}`, { headers }, env)
  expect(await response.json()).toMatchObject({
    total: { apiOnly: 1 },
    hours: { past: 6, compared: 3 },
  })
})
