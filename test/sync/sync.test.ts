import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import { resumeStuck, startScheduled, startSync } from '../../src/sync/runs.ts'
import { listRuns, pruneRuns } from '../../src/db/sync/runs.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count, list, read } from '../receiver.ts'
import { D1_ERRORS, faultyDatabase } from '../faulty.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { Syncing, serve, type Responder } from './syncing.ts'

const NOW = Date.UTC(2026, 0, 10, 12)
const at = (ms: number) => new Date(ms).toISOString().slice(0, 19)
const START = NOW - 3 * HOUR_MS

/** Events of consecutive seconds. @param each number per second */
function burst(seconds: number, each: number, changes = {}) {
  return Array.from({ length: seconds * each }, (_, index) =>
    buildEvent({ activityDateTime: at(START + Math.floor(index / each) * 1_000), ...changes }),
  )
}

async function findRun(number: number) {
  return (await listRuns(env.DB, 10)).find((each) => each.number === number)
}

async function syncAll(sync: Syncing, since = START, until = NOW) {
  const number = await startSync(sync.env, 'backfill', since, until, NOW)
  await sync.run()
  return findRun(number)
}

type Coverage = {
  coverage: { time: string; share: number | null; kinds: object[] }[]
  total: { both: number; webhookOnly: number; apiOnly: number; share: number | null }
}

async function coverage(): Promise<Coverage> {
  return (await read('/coverage?since=2026-01-01&until=2026-02-01')).json()
}

describe('a sync run', () => {
  it('fills what the webhook missed, stores nothing twice, and records the coverage', async () => {
    const events = burst(10, 1)
    await store(
      ...events.slice(0, 7),
      buildEvent({ activityDateTime: at(START + 5_000), iid: 'webhook' }),
    )
    const finished = await syncAll(new Syncing(serve(events)))
    expect(finished).toMatchObject({ state: 'finished', share: 1, error: null })
    expect(await count('activity')).toBe(11)
    const origins = (await list()).activity.map(({ origin }) => origin)
    expect(origins.filter((origin) => origin === 'api')).toHaveLength(3)
    const { total, coverage: days } = await coverage()
    expect(total).toEqual({ both: 7, webhookOnly: 1, apiOnly: 3, share: 0.7 })
    expect(days).toMatchObject([
      {
        time: '2026-01-10',
        kinds: [{ activityStatus: 'DELIVERED', mediaType: 'email', both: 7 }],
      },
    ])
  })

  it('halves a full slice until none is full', async () => {
    const events = burst(1_500, 3)
    const sync = new Syncing(serve(events))
    expect(await syncAll(sync)).toMatchObject({ state: 'finished', error: null })
    expect(await count('activity')).toBe(4_500)
    expect((await coverage()).total).toMatchObject({ apiOnly: 4_500 })
    expect(sync.waits.every((ms) => ms <= 1_200)).toBe(true)
  })

  it('requests smaller slices on the free plan, but at least a second', async () => {
    const sync = new Syncing(serve(burst(2, 400)), { CLOUDFLARE_PLAN: 'free' })
    expect(await syncAll(sync)).toMatchObject({ state: 'finished', error: null })
    expect(await count('activity')).toBe(800)
    const requested = sync.calls.map(({ searchParams }) => searchParams.get('maxrows'))
    expect(requested[0]).toBe('150')
    expect(requested.filter((rows) => rows === '1000')).toHaveLength(2)
  })

  it('reports a full second, and stores the events that it got', async () => {
    const sync = new Syncing(serve(burst(1, 1_200)))
    const finished = await syncAll(sync)
    expect(finished).toMatchObject({ state: 'finished' })
    expect(finished?.error).toMatch(/^The second 2026-01-10T09:00:00Z has more events/)
    expect(await count('activity')).toBe(1_000)
  })

  it('splits three months into slices that it reads one by one', async () => {
    const sync = new Syncing(serve(burst(3, 1)))
    const until = NOW
    expect(await syncAll(sync, NOW - 20 * DAY_MS, until)).toMatchObject({ state: 'finished' })
    expect(sync.calls).toHaveLength(21) // days; the first and the last are partial
    expect(await count('time_slices')).toBe(0)
  })

  it("recognizes the same event by the API's parameter names, and with the parameters that it adds", async () => {
    const plain = { activityDateTime: at(START), mediaType: 'webpush', email: null }
    const withId = buildEvent({ ...plain, webpush: 'token' })
    const without = buildEvent({ ...plain, iid: null, mobilepush: 'token' })
    await store(withId, without)
    const { webpush, ...one } = withId
    const { mobilepush, ...other } = without
    const extras = { externalRequestId: 'x', statusData: {} }
    const rows = [
      { ...one, webPushToken: webpush, ...extras },
      { ...other, mobPushToken: mobilepush, ...extras },
    ]
    await syncAll(new Syncing(serve(rows)))
    expect(await count('activity')).toBe(2)
    expect((await coverage()).total).toMatchObject({ both: 2, apiOnly: 0 })
  })

  it('changes nothing if slices are delivered twice', async () => {
    const sync = new Syncing(serve(burst(30, 50)))
    const number = await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.deliver()
    sync.messages.push(...sync.messages.map((message) => ({ ...message })))
    await sync.run()
    expect(await findRun(number)).toMatchObject({ state: 'finished', share: 1 })
    expect((await coverage()).total).toMatchObject({ apiOnly: 1_500 })
  })

  it('keeps the coverage of a day whose events were archived', async () => {
    const events = burst(3, 1)
    await store(...events)
    await syncAll(new Syncing(serve(events)))
    const day = Math.floor(START / DAY_MS) * DAY_MS
    await env.DB.batch([
      env.DB.prepare('INSERT INTO archive_days (day) VALUES (?)').bind(day),
      env.DB.prepare('DELETE FROM activity'),
    ])
    expect(await syncAll(new Syncing(serve(events)))).toMatchObject({ state: 'finished' })
    expect((await coverage()).total).toMatchObject({ both: 3, apiOnly: 0 })
    expect(await count('late_arrivals')).toBe(3)
  })

  it('counts what the webhook delivers later as confirmed', async () => {
    const [first, ...others] = burst(4, 1)
    const sync = new Syncing(serve([first ?? {}, ...others]))
    await syncAll(sync)
    expect((await coverage()).total).toMatchObject({ both: 0, apiOnly: 4 })
    await store(...others)
    await store(...others)
    expect((await coverage()).total).toMatchObject({ both: 3, apiOnly: 1 })
    expect((await list('?origin=api')).activity).toHaveLength(4)
    await syncAll(sync)
    expect((await coverage()).total).toMatchObject({ both: 3, apiOnly: 1 })
    await env.DB.exec('DELETE FROM activity')
    await pruneRuns(env.DB, 10, 0)
    expect(await count('confirmed_events')).toBe(0)
  })

  it('counts an hour as it was last read completely, until all its parts are read', async () => {
    const events = Array.from({ length: 990 }, (_, index) =>
      buildEvent({ activityDateTime: at(START + index * 3_600) }),
    )
    await store(...events)
    await syncAll(new Syncing(serve(events)), START, START + HOUR_MS)
    const more = events.slice(0, 20).map((event) => ({ ...event, iid: `more ${event['iid']}` }))
    const sync = new Syncing(serve([...events, ...more]))
    await startSync(sync.env, 'backfill', START, START + HOUR_MS, NOW)
    await sync.deliver()
    const other = sync.messages.splice(1)
    await sync.deliver()
    expect((await coverage()).total).toMatchObject({ both: 990, apiOnly: 0 })
    sync.messages.push(...other)
    await sync.run()
    expect((await coverage()).total).toMatchObject({ both: 990, apiOnly: 20 })
  })

  it('counts no part of an hour twice if it is split differently later', async () => {
    const fewer = Array.from({ length: 1_500 }, (_, index) =>
      buildEvent({ activityDateTime: at(START + Math.floor(index * 2.4) * 1_000) }),
    )
    await store(...fewer)
    await syncAll(new Syncing(serve(fewer)), START, START + HOUR_MS)
    const more = fewer.slice(0, 450).map((event) => ({ ...event, iid: `more ${event['iid']}` }))
    await syncAll(new Syncing(serve([...fewer, ...more])), START, START + HOUR_MS)
    expect((await coverage()).total).toMatchObject({ both: 1_500, apiOnly: 450 })
  })

  it('does not count events as confirmed while their lookup in the archive is pending', async () => {
    const events = burst(5, 1)
    await store(...events.slice(0, 3))
    const sync = new Syncing(serve(events))
    await syncAll(sync)
    const day = Math.floor(START / DAY_MS) * DAY_MS
    await env.DB.batch([
      env.DB.prepare('INSERT INTO archive_days (day) VALUES (?)').bind(day),
      env.DB.prepare('DELETE FROM activity'),
    ])
    await syncAll(sync)
    await store(...events.slice(0, 3))
    expect((await coverage()).total).toMatchObject({ both: 3, apiOnly: 2 })
  })

  it('reads few rows of the earlier coverage', async () => {
    await env.DB.exec(
      `WITH RECURSIVE hours (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM hours WHERE n < 2000)
       INSERT INTO coverage SELECT ${START} - n * ${HOUR_MS}, ${START} - (n - 1) * ${HOUR_MS}, 'READ', 'email', 1, 0, 0 FROM hours`.replaceAll(
        '\n',
        ' ',
      ),
    )
    const { db, rowsRead } = countReads(env.DB)
    const { state } = (await syncAll(new Syncing(serve(burst(3, 1)), { DB: db }))) ?? {}
    expect(state).toBe('finished')
    expect(rowsRead()).toBeLessThan(300)
  })

  it('ends only when everything was read, even if messages are lost and split again', async () => {
    const events = [0, 1, 2, 3, 4, 5].flatMap((hour) =>
      Array.from({ length: 400 }, (_, index) =>
        buildEvent({ activityDateTime: at(NOW - (6 - hour) * HOUR_MS + index * 8_000) }),
      ),
    )
    for (const order of [1, 2, 3, 5, 7]) {
      await clearTables()
      const sync = new Syncing(serve(events))
      const number = await startSync(sync.env, 'backfill', NOW - 6 * HOUR_MS, NOW, NOW)
      await sync.run(4)
      const lost = sync.messages.splice(0)
      await resumeStuck(sync.env, Date.now() + DAY_MS)
      sync.messages.push(...lost)
      while (sync.messages.length > 0) {
        sync.messages.push(...sync.messages.splice(0, order))
        await sync.deliver()
      }
      expect(await findRun(number)).toMatchObject({ state: 'finished', share: 1 })
      expect(await count('activity')).toBe(2_400)
    }
  })

  it('reads times in the zone of the setting', async () => {
    const event = buildEvent({ activityDateTime: at(START) })
    await store(event)
    const kyiv = { ...event, activityDateTime: at(START + 2 * HOUR_MS) }
    await syncAll(new Syncing(serve([kyiv]), { YESPO_API_TIME_ZONE: 'Europe/Kyiv' }))
    expect((await coverage()).total).toMatchObject({ both: 1, apiOnly: 0 })
  })

  it('recognizes events without an iid by their time, in any zone', async () => {
    const event = buildEvent({ activityDateTime: at(START), iid: null })
    await store(event)
    const kyiv = { ...event, activityDateTime: at(START + 2 * HOUR_MS) }
    await syncAll(new Syncing(serve([kyiv]), { YESPO_API_TIME_ZONE: 'Europe/Kyiv' }))
    expect((await coverage()).total).toMatchObject({ both: 1, apiOnly: 0 })
  })

  it.each([
    ['Europe/Kyiv', Date.UTC(2025, 9, 26, 1), 3],
    ['America/St_Johns', Date.UTC(2025, 10, 2, 4, 30), -2.5],
  ])(
    'neither duplicates nor misses events of the hour that %s has twice',
    async (YESPO_API_TIME_ZONE, back, offset) => {
      const times = Array.from({ length: 1_300 }, (_, index) => back + (index - 600) * 7_000)
      const events = times.map((time) => buildEvent({ activityDateTime: at(time) }))
      const twice = { ...events[700], activityDateTime: at((times[700] ?? 0) - HOUR_MS) }
      const missed = events[550] // in the first of the two hours
      await store(...events.filter((event) => event !== missed), twice)
      const shown = [...times, (times[700] ?? 0) - HOUR_MS].map((time, index) => ({
        ...(events[index] ?? twice),
        activityDateTime: at(time + (time < back ? offset : offset - 1) * HOUR_MS),
      }))
      const sync = new Syncing(serve(shown), { YESPO_API_TIME_ZONE })
      const whole = await syncAll(sync, back - 3 * HOUR_MS, back + 3 * HOUR_MS)
      expect(whole).toMatchObject({ state: 'finished', error: null })
      const { results } = await env.DB.prepare('SELECT occurredAt, origin, iid FROM events').all()
      expect(results.map(({ occurredAt }) => Number(occurredAt)).sort()).toEqual(
        [...times, (times[700] ?? 0) - HOUR_MS].sort(),
      )
      expect(results.filter(({ origin }) => origin === 'api')).toMatchObject([
        { iid: missed?.['iid'] },
      ])
      const { total } = await (
        await read('/coverage?since=2025-10-01&until=2025-12-01')
      ).json<Coverage>()
      expect(total).toMatchObject({ both: 1_300, apiOnly: 1, webhookOnly: 0 })
    },
  )

  it('stores nothing if the zone is wrong, and says so', async () => {
    const events = burst(5, 1)
    await store(...events)
    const shifted = events.map((event, index) => ({
      ...event,
      activityDateTime: at(START + index * 1_000 + 2 * HOUR_MS),
    }))
    const sync = new Syncing(serve(shifted))
    const number = await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.run(3)
    const waiting = await findRun(number)
    expect(waiting).toMatchObject({ state: 'running', share: 0 })
    expect(waiting?.delay).toMatch(/of 2026-01-10 are 2 h ahead of.*YESPO_API_TIME_ZONE \(UTC\)/)
    expect(await count('activity')).toBe(5)
  })
})

describe('the zone of the API', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW + 3 * HOUR_MS, toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  const known = burst(5, 1)
  const days = Array.from({ length: 5 }, (_, day) =>
    buildEvent({ activityDateTime: at(NOW - (5 - day) * DAY_MS) }),
  )
  const shift = (events: Record<string, unknown>[], hours: number) =>
    events.map((event) => ({
      ...event,
      activityDateTime: at(Date.parse(`${event['activityDateTime']}Z`) + hours * HOUR_MS),
    }))

  it('is proven by events that the webhook confirmed, before others are stored', async () => {
    await store(...known)
    const sync = new Syncing(serve([...days, ...known]))
    const number = await startSync(sync.env, 'backfill', NOW - 7 * DAY_MS, NOW - 4 * HOUR_MS, NOW)
    await sync.run()
    expect(sync.calls[0]?.searchParams.get('dateFrom')).toBe(at(START))
    expect(sync.calls).toHaveLength(9)
    expect(await findRun(number)).toMatchObject({ state: 'finished', delay: null })
    expect(await count('activity')).toBe(10)
  })

  it('blocks everything if it is wrong, even days without events from the webhook', async () => {
    await store(...known)
    const api = serve(shift([...days, ...known], 2))
    const sync = new Syncing(api, { YESPO_API_TIME_ZONE: '' })
    const number = await startSync(sync.env, 'backfill', NOW - 7 * DAY_MS, NOW + 3 * HOUR_MS, NOW)
    await sync.run(10)
    expect(await findRun(number)).toMatchObject({ state: 'running' })
    expect((await findRun(number))?.delay).toMatch(/2 h ahead of/)
    expect(await count('activity')).toBe(5)
    const corrected = new Syncing(api, { YESPO_API_TIME_ZONE: 'Europe/Kyiv' })
    expect(await syncAll(corrected, NOW - 7 * DAY_MS)).toMatchObject({ state: 'finished' })
    expect(await count('activity')).toBe(10)
  })

  it('is not proven by one event that happened twice', async () => {
    const read = { activityStatus: 'READ', iid: 'twice', contactId: 1 }
    const once = buildEvent({ ...read, activityDateTime: at(START) })
    const again = buildEvent({ ...read, activityDateTime: at(START + HOUR_MS) })
    await store(...known, once, again)
    const sync = new Syncing(serve(shift([...known, once, again], 1)))
    await startSync(sync.env, 'backfill', START - HOUR_MS, NOW, NOW)
    await sync.run(4)
    expect(await count('activity')).toBe(7)
  })

  it('is doubted again if most events are shifted, and those are not stored', async () => {
    await store(...known)
    expect(await syncAll(new Syncing(serve(known)))).toMatchObject({
      state: 'finished',
      error: null,
    })
    const later = shift(known, 3)
    const sync = new Syncing(serve(later))
    const finished = await syncAll(sync, NOW - DAY_MS, NOW + HOUR_MS)
    expect(finished).toMatchObject({ state: 'finished' })
    expect(finished?.error).toMatch(/3 h ahead of/)
    expect(await count('activity')).toBe(5)
    expect(await count("key_values WHERE name GLOB 'sync.*'")).toBe(0)
  })

  it('is not doubted because someone opened an email again', async () => {
    await store(...known)
    const opened = Array.from({ length: 40 }, (_, index) =>
      buildEvent({
        activityStatus: 'READ',
        contactId: 100 + index,
        activityDateTime: at(NOW - 6 * HOUR_MS + index * 1_000),
      }),
    )
    const again = { ...opened[3], activityDateTime: at(NOW - 5 * HOUR_MS + 3_000) }
    await store(again)
    const sync = new Syncing(serve([...known, ...opened, again]))
    const finished = await syncAll(sync, NOW - 8 * HOUR_MS)
    expect(finished).toMatchObject({ state: 'finished', error: null })
    expect(await count('activity')).toBe(46)
  })

  it.each([
    ['without a contact', { contactId: null }],
    ['of one contact', { contactId: 7 }],
  ])('is proven by events %s', async (_case, changes) => {
    const events = burst(60, 1, changes)
    await store(...events.slice(-9))
    const earlier = days.map((event) => ({ ...event, ...changes }))
    const sync = new Syncing(serve([...earlier, ...events]), { YESPO_API_TIME_ZONE: '' })
    const finished = await syncAll(sync, NOW - 7 * DAY_MS)
    expect(finished).toMatchObject({ state: 'finished', error: null })
    expect(await count('activity')).toBe(65)
  })

  it('can be corrected without duplicates if only the API reported events so far', async () => {
    const api = serve(shift(known, 2))
    await syncAll(new Syncing(api), NOW - DAY_MS, NOW + 3 * HOUR_MS)
    expect(await count('activity')).toBe(5)
    const corrected = new Syncing(api, { YESPO_API_TIME_ZONE: 'Europe/Kyiv' })
    const number = await startSync(corrected.env, 'backfill', NOW - DAY_MS, NOW, NOW)
    await corrected.run(6)
    expect(await count('activity')).toBe(5)
    const finished = await findRun(number)
    expect(finished).toMatchObject({ state: 'finished' })
    expect(finished?.error).toMatch(/the zone of the API's times was UTC then/)
  })

  it('has to be set or verified if the webhook has not delivered events yet', async () => {
    const sync = new Syncing(serve(days), { YESPO_API_TIME_ZONE: '' })
    const number = await startSync(sync.env, 'backfill', NOW - 7 * DAY_MS, NOW, NOW)
    await sync.run(10)
    expect((await findRun(number))?.delay).toMatch(/send one event through the webhook/)
    expect(await count('activity')).toBe(0)
    await store(...days.slice(0, 1))
    await sync.run()
    expect(await findRun(number)).toMatchObject({ state: 'finished' })
    expect(await count('activity')).toBe(5)
  })
})

describe('a failure', () => {
  const failing = (times: number, respond: () => Response | Promise<Response>): Responder => {
    let left = times
    const api = serve(burst(3, 1))
    return (url, request) => (left-- > 0 ? respond() : api(url, request))
  }

  it.each([
    ['a failure', () => new Response('oops', { status: 502 }), 60],
    ['a page', () => new Response('<html>'), 60],
    ['a response that breaks off', () => new Response('[{"iid":"a"},{"iid'), 60],
    ['an object', () => Response.json({ error: 'x' }), 60],
    ['no response', () => Promise.reject(new DOMException('late', 'TimeoutError')), 60],
  ])('is retried, with nothing marked as read: %s', async (_case, respond, delay) => {
    const sync = new Syncing(failing(1, respond))
    expect(await syncAll(sync)).toMatchObject({ state: 'finished', error: null })
    expect(sync.delays[0]).toBe(delay)
    expect(await count('activity')).toBe(3)
  })

  it.each([
    [
      () => new Response('Contact support to enable ContactActivity.', { status: 400 }),
      /Yespo has not enabled this method.*Write to Yespo's support/,
    ],
    [() => new Response('', { status: 401 }), /does not accept the API key: compare YESPO_API_KEY/],
  ])('is explained if the operator has to act: %s', async (respond, words) => {
    const stopped = await syncAll(new Syncing(respond))
    expect(stopped).toMatchObject({ state: 'stopped' })
    expect(stopped?.error).toMatch(words)
  })

  it('of a range that Yespo no longer keeps is skipped', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    const old = NOW - 88 * DAY_MS
    const api = serve(burst(3, 1))
    const sync = new Syncing((url, request) =>
      String(url.searchParams.get('dateFrom')) < at(old + DAY_MS)
        ? new Response('', { status: 400 })
        : api(url, request),
    )
    const finished = await syncAll(sync, old, NOW)
    vi.useRealTimers()
    expect(finished).toMatchObject({ state: 'finished' })
    expect(finished?.error).toMatch(/returns nothing for 2025-10-14, which is longer ago/)
    expect(await count('activity')).toBe(3)
  })

  it.each([
    ['3600', 3_600],
    ['86400', 43_200],
    [new Date(NOW + 90_000).toUTCString(), 90],
    ['soon', 60],
  ])('parses Retry-After: %s', async (header, delay) => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    const headers = { 'Retry-After': header }
    const sync = new Syncing(() => new Response('', { status: 429, headers }))
    await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.deliver()
    vi.useRealTimers()
    expect(sync.delays[0]).toBe(delay)
  })

  it('is logged without the key or personal data', async () => {
    const lines = ['info', 'warn', 'error'] as const
    const spies = lines.map((level) => vi.spyOn(console, level).mockImplementation(() => {}))
    await syncAll(
      new Syncing(failing(1, () => Promise.reject(new Error('https://api-key@example.com')))),
    )
    const text = spies.flatMap((spy) => spy.mock.calls).join()
    expect(text).not.toMatch(/api-key|contact@example/)
    for (const spy of spies) spy.mockRestore()
  })

  it('because of invalid rows blocks nothing: they are quarantined, once', async () => {
    const deep = '['.repeat(3_000) + ']'.repeat(3_000)
    const [good, ...others] = burst(3, 1)
    const odd = { ...good, constructor: 1, toString: 'x' }
    const rows = [null, 1, [2], { iid: 'no status' }, odd, ...others]
    const text = JSON.stringify(rows).slice(0, -1)
    const parts = [`${text},{"deep":${deep}},{"activityStatus":"`, Uint8Array.of(0xff), '"}]']
    const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
    for (let times = 0; times < 2; times++) {
      expect(await syncAll(new Syncing(() => new Response(body)))).toMatchObject({
        state: 'finished',
      })
    }
    expect(await count('activity')).toBe(3)
    expect(await count('quarantine')).toBe(6)
    const extra = `SELECT extra FROM activity WHERE extra IS NOT NULL`
    expect(await env.DB.prepare(extra).first('extra')).toBe('{"constructor":1,"toString":"x"}')
  })

  it.each([
    [3, 0],
    [40, 1],
  ])(
    'because the database rejects rows leads to quarantine, but only in the end: %s errors',
    async (errors, quarantined) => {
      let left = errors
      const DB = faultyDatabase(env.DB, (_call, text) =>
        text.includes('"rows":[[') && left-- > 0 ? new Error('D1_ERROR: unknown') : undefined,
      )
      const sync = new Syncing(serve(burst(3, 1)), { DB })
      expect(await syncAll(sync)).toMatchObject({ state: 'finished' })
      expect([await count('activity'), await count('quarantine')]).toEqual(
        quarantined ? [0, 1] : [3, 0],
      )
    },
  )

  it.each<[string, (text: string) => boolean]>([
    ['as a slice is saved', (text) => !text.includes('"rows":[[')],
    ['as its events are stored', (text) => text.includes('"rows":[[')],
  ])('waits until the next day if the daily quota is used up %s', async (_case, isHit) => {
    vi.useFakeTimers({ now: NOW + 6 * HOUR_MS, toFake: ['Date'] })
    const DB = faultyDatabase(env.DB, (_call, text) =>
      isHit(text) ? D1_ERRORS.writesSpent() : undefined,
    )
    const sync = new Syncing(serve(burst(3, 1)), { DB })
    await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.deliver()
    vi.useRealTimers()
    expect(sync.delays).toEqual([6 * 3_600 + 90])
  })

  it('because of an invalid setting makes the run wait, and says so', async () => {
    const sync = new Syncing(serve([]), { YESPO_API_MINUTES: 'hourly' })
    const number = await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.deliver()
    expect(sync.delays).toEqual([1_800])
    expect((await findRun(number))?.delay).toContain('YESPO_API_MINUTES')
  })

  it('with a requested pause is respected, whatever else is waiting', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    let calls = 0
    const api = serve(burst(3, 1))
    const sync = new Syncing((url, request) =>
      ++calls === 1
        ? new Response('', { status: 429, headers: { 'Retry-After': '700' } })
        : api(url, request),
    )
    await startSync(sync.env, 'backfill', NOW - 9 * DAY_MS, NOW, NOW)
    for (let batches = 0; batches < 8; batches++) await sync.deliver()
    expect(calls).toBe(1)
    expect(sync.delays.length).toBeGreaterThan(8)
    expect(sync.delays.every((delay) => delay === 700)).toBe(true)
    expect(await listRuns(env.DB, 1)).toMatchObject([
      { state: 'running', delay: 'Yespo asked for a pause' },
    ])
    vi.setSystemTime(NOW + 700_000)
    await sync.run()
    expect(await listRuns(env.DB, 1)).toMatchObject([{ state: 'finished', delay: null }])
    vi.useRealTimers()
  })

  it('of an invocation that is killed during a call delays the next call, too', async () => {
    vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    const called = Promise.withResolvers<void>()
    const sync = new Syncing(() => {
      called.resolve()
      return sync.calls.length === 1 ? new Promise<never>(() => {}) : Response.json([])
    })
    await startSync(sync.env, 'backfill', START, START + HOUR_MS, NOW)
    const sent = [...sync.messages]
    void sync.deliver()
    await called.promise
    sync.messages.push(...sent)
    await sync.run()
    expect([sync.calls.length, sync.waits]).toEqual([2, [0, 1_200]])
    vi.useRealTimers()
  })

  it('makes the run wait longer each time, and says why', async () => {
    const sync = new Syncing(() => new Response('', { status: 500 }))
    await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.run(9)
    expect(sync.delays).toEqual([60, 60, 60, 60, 60, 64, 128, 256, 512])
    expect(await listRuns(env.DB, 1)).toMatchObject([
      { state: 'running', delay: 'Yespo failed (500)' },
    ])
  })
})

describe('a run without progress', () => {
  it('is sent again, except for what was read', async () => {
    const events = burst(1_500, 3)
    const sync = new Syncing(serve(events))
    const number = await startSync(sync.env, 'backfill', NOW - DAY_MS, NOW, NOW)
    await sync.run(6)
    expect(sync.messages.length).toBeGreaterThan(1)
    sync.messages.length = 0
    const read = (await findRun(number))?.share ?? 0
    expect(read).toBeGreaterThan(0)
    const movedAt = (await findRun(number))?.movedAt ?? 0
    await resumeStuck(sync.env, movedAt + 2 * HOUR_MS)
    expect(sync.messages).toHaveLength(0)
    await resumeStuck(sync.env, movedAt + 3 * HOUR_MS)
    await resumeStuck(sync.env, movedAt + 4 * HOUR_MS)
    const sent = sync.messages.map(({ body }) => JSON.parse(body))
    const hours = sent.reduce((sum, { since, until }) => sum + (until - since) / HOUR_MS, 0)
    expect(hours).toBeLessThanOrEqual(Math.ceil(24 * (1 - read)))
    await sync.run()
    expect(await findRun(number)).toMatchObject({ state: 'finished', share: 1 })
    expect(await count('activity')).toBe(4_500)
    expect((await coverage()).total).toMatchObject({ apiOnly: 4_500 })
  })

  it('is stopped after a day, with the last reason', async () => {
    const sync = new Syncing(() => new Response('', { status: 500 }))
    const number = await startSync(sync.env, 'backfill', START, NOW, NOW)
    await sync.deliver()
    for (let hours = 3; hours <= 21; hours += 3) await resumeStuck(sync.env, NOW + hours * HOUR_MS)
    expect(await findRun(number)).toMatchObject({ state: 'running' })
    await resumeStuck(sync.env, NOW + DAY_MS)
    expect(await findRun(number)).toMatchObject({
      state: 'stopped',
      error: 'No more of it could be read for a day: Yespo failed (500).',
    })
    const calls = sync.calls.length
    await sync.run()
    expect(sync.calls).toHaveLength(calls)
  })
})

describe('the schedule', () => {
  const settings = {
    url: 'https://api.example.com',
    key: 'k',
    timeZone: 'UTC',
    timeZoneOfWebhook: 'UTC',
    isTimeZoneSet: true,
    everyMinutes: 60,
    days: 7,
    maxRows: 1_000,
  }

  it('continues from the end of the last run, with a few hours of overlap', async () => {
    const sync = new Syncing(serve([]))
    await startScheduled(sync.env, settings, NOW)
    await startScheduled(sync.env, settings, NOW + 30 * 60_000)
    await sync.run()
    await startScheduled(sync.env, settings, NOW + HOUR_MS)
    const runs = await listRuns(env.DB, 10)
    expect(runs.map(({ since, until }) => [since, until])).toEqual([
      [NOW - 4 * HOUR_MS, NOW],
      [NOW - 7 * DAY_MS, NOW - HOUR_MS],
    ])
  })

  it('prunes old runs and coverage', async () => {
    const sync = new Syncing(serve([]))
    for (let hours = 0; hours < 4; hours++) {
      await startSync(sync.env, 'backfill', START, NOW, NOW + hours)
      if (hours !== 1) await sync.deliver()
      else sync.messages.length = 0
    }
    const see = `INSERT INTO coverage VALUES (?1, ?1 + 1, 'READ', 'email', 1, 0, 0)`
    await env.DB.batch([env.DB.prepare(see).bind(NOW - 1), env.DB.prepare(see).bind(NOW)])
    await pruneRuns(env.DB, 1, NOW)
    const runs = await listRuns(env.DB, 10)
    expect(runs.map(({ state }) => state)).toEqual(['finished', 'running'])
    expect(await env.DB.prepare('SELECT since FROM coverage').first()).toEqual({ since: NOW })
  })
})
