import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { findRecentEvents } from '../../src/db/monitor/recent-events.ts'
import { readState } from '../../src/db/monitor/state.ts'
import { saveMessages } from '../../src/db/write/save-messages.ts'
import { findNormalSilence } from '../../src/db/monitor/silence.ts'
import { countPerMinute } from '../../src/db/reports/per-minute.ts'
import { buildEvent } from '../event.ts'
import { clearTables, take, untilStored } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { packFrom, storeFromApi } from '../store-from-api.ts'
import { UsageMeter } from '../../src/db/monitor/usage.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.parse('2026-03-01T00:00Z')
const ALL = { since: 0, until: START + 365 * DAY }

const at = (time: number, changes = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

beforeEach(clearTables)

describe('the state', () => {
  it('of an empty receiver has no events', async () => {
    expect(await readState(env.DB, ALL)).toEqual({
      lastStoredAt: null,
      lastReceivedAt: null,
      lagMs: null,
      newestAt: null,
      aheadMs: null,
      datedAhead: 0,
      recent: 0,
      quarantined: 0,
    })
  })

  it('has the time when a new event was stored, however old the event', async () => {
    const before = Date.now()
    await store(at(START))
    const { lastStoredAt } = await readState(env.DB, ALL)
    expect(lastStoredAt).toBeGreaterThanOrEqual(before)
    expect(lastStoredAt).toBeLessThanOrEqual(Date.now())
  })

  it('is not changed by an event that is already stored', async () => {
    const event = at(START)
    await store(event)
    const { lastStoredAt } = await readState(env.DB, ALL)
    await store(event)
    expect((await readState(env.DB, ALL)).lastStoredAt).toBe(lastStoredAt)
  })

  it('counts the events of a period, and each quarantined item once', async () => {
    await store(at(START), at(START + 1000), at(START + 2000), at(START + 3000))
    await take([{ activityStatus: 'x'.repeat(70_000) }, 7])
    await untilStored(4, 'quarantine')
    expect(await readState(env.DB, { since: START + 1000, until: START + 2000 })).toMatchObject({
      newestAt: START + 3000,
      recent: 2,
      quarantined: 2,
    })
  })
})

describe('arrivals', () => {
  const hours = (many: number) => Array.from({ length: many }, (_, hour) => at(START + hour * HOUR))

  it('from the API only do not count for the webhook', async () => {
    await storeFromApi(START + DAY, ...hours(30))
    const arrivals = await findRecentEvents(env.DB)
    expect(arrivals).toMatchObject({
      lastReceivedAt: null,
      lagMs: null,
      newestAt: START + 29 * HOUR,
    })
    expect(arrivals.lastStoredAt).toBeGreaterThan(START + DAY)
  })

  it('from the API never change those of the webhook', async () => {
    await store(at(START - HOUR))
    const { lastReceivedAt } = await findRecentEvents(env.DB)
    expect(lastReceivedAt).not.toBeNull()
    const later = Date.now() + DAY
    for (const event of hours(15)) await storeFromApi(later, event)
    expect(await findRecentEvents(env.DB)).toMatchObject({ lastReceivedAt })
  })

  it('from the webhook count even if some in the same transaction are from the API', async () => {
    await saveMessages(env.DB, [
      ...packFrom('webhook', START + 2 * DAY, at(START)),
      ...packFrom('api', START + 3 * DAY, ...hours(15)),
    ])
    expect(await findRecentEvents(env.DB)).toMatchObject({ lastReceivedAt: START + 2 * DAY })
  })

  it('from the webhook are known from the recorded usage, even before many from the API', async () => {
    const meter = new UsageMeter()
    meter.recordEvent(START + 2 * DAY, START + 2 * DAY + 500)
    meter.countStatement({ rows_written: 1, rows_read: 1, size_after: 1 } as D1Meta)
    await meter.flush(env.DB, START + 2 * DAY)
    for (const event of hours(300)) await storeFromApi(START + 3 * DAY, event)
    expect(await findRecentEvents(env.DB)).toMatchObject({
      lastReceivedAt: START + 2 * DAY,
      lagMs: 500,
    })
  })

  it('cost few rows, however many events from the API there are', async () => {
    const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)'
    const sql = `${numbers} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign) SELECT v, randomblob(16), 1, v, 'api', 1 FROM n`
    await env.DB.prepare(sql).run()
    const { db, rowsRead } = countReads(env.DB)
    expect(await findRecentEvents(db)).toMatchObject({ lastReceivedAt: null, newestAt: 5_000 })
    expect(rowsRead()).toBeLessThan(500)
  })
})

describe('the normal gap', () => {
  const period = { since: START, until: START + 10 * DAY }

  it('is the second longest, so that one outage does not hide the next', async () => {
    const times = Array.from({ length: 9 * 24 }, (_, hour) => START + hour * HOUR)
    const isAway = (time: number) => time > START + 2 * DAY && time < START + 4 * DAY
    const isNight = (time: number) => new Date(time).getUTCHours() < 6
    await store(...times.filter((time) => !isAway(time) && !isNight(time)).map((time) => at(time)))
    // From the quarter of an hour at 23:00 to that at 6:00.
    expect(await findNormalSilence(env.DB, period)).toBe(7 * HOUR - 15 * MINUTE)
  })

  it('is never less than an hour', async () => {
    const times = Array.from({ length: 100 }, (_, index) => START + index * 15 * MINUTE)
    await store(...times.map((time) => at(time)))
    expect(await findNormalSilence(env.DB, period)).toBe(HOUR)
  })

  it('is unknown if there were few events', async () => {
    await store(at(START), at(START + DAY))
    expect(await findNormalSilence(env.DB, period)).toBeNull()
  })
})

describe('minutes', () => {
  it('are counted from the start of a period to its end, exclusive, by status, for some campaigns', async () => {
    const sms = { mediaType: 'sms' }
    await store(at(START - 1000), at(START), at(START + 59_000), at(START + MINUTE))
    await store(at(START + MINUTE, sms), at(START + MINUTE, { activityStatus: 'READ' }))
    await store(at(START + 2 * MINUTE))
    const period = { since: START, until: START + 2 * MINUTE }
    const minute = START / MINUTE
    const counts = await countPerMinute(env.DB, {}, period)
    expect(counts?.sort((a, b) => a.minute - b.minute || a.events - b.events)).toEqual([
      { minute, activityStatus: 'DELIVERED', events: 2 },
      { minute: minute + 1, activityStatus: 'READ', events: 1 },
      { minute: minute + 1, activityStatus: 'DELIVERED', events: 2 },
    ])
    expect(await countPerMinute(env.DB, { mediaType: ['sms'] }, period)).toEqual([
      { minute: minute + 1, activityStatus: 'DELIVERED', events: 1 },
    ])
  })
})
