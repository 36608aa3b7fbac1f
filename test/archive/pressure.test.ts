import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { cutoffText, LIMIT_BYTES, planMove } from '../../src/db/archive/pressure.ts'
import { findDue, type DueInput } from '../../src/db/due.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, count, list } from '../receiver.ts'
import { runMaintenance, runMaintenanceAll } from '../run-maintenance.ts'
import { sizedDatabase } from '../sized-database.ts'
import { store } from '../store-events.ts'
import { fillDay, FREE, LATER, readArchive } from './bucket.ts'

const LIMIT = LIMIT_BYTES.free
const EVENT_BYTES = 70_000_000
const LONG = { ...FREE, KEEP_DAYS: '4000' }

const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10)
const day = (days: number) => `${dateOf(Date.UTC(2024, 0, 1 + days))}T12:00:00`

beforeEach(clearBucket)

/** A database in which each event takes a seventh of the limit. */
const DB = sizedDatabase(env.DB, async () => EVENT_BYTES * (await count('activity')))

/** Runs the schedule for some hours. */
async function runHours(from: number, changed: object = {}): Promise<void> {
  for (let run = 0; run < 8; run++) {
    await runMaintenance({ ...env, DB, ...LONG, ...changed } as Env, from + run * 15 * 60_000)
  }
}

async function storeDays(...days: number[]): Promise<void> {
  await store(...days.map((each) => buildEvent({ activityDateTime: day(each) })))
}

async function daysHere(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    'SELECT occurredAt FROM activity ORDER BY occurredAt',
  ).all<{ occurredAt: number }>()
  return results.map(({ occurredAt }) => dateOf(occurredAt))
}

const datesOf = (...days: number[]) => days.map((each) => day(each).slice(0, 10))

describe('a nearly full database', () => {
  it('moves its oldest days early until there is room, and again when it has filled up', async () => {
    await storeDays(0, 3, 4, 7, 8, 9)
    await runHours(LATER)
    expect(await daysHere()).toEqual(datesOf(4, 7, 8, 9))
    expect(await readArchive()).toHaveLength(2)
    await storeDays(10)
    await runHours(LATER + 2 * DAY_MS)
    expect(await count('activity')).toBe(5) // between the two shares, nothing changes
    await storeDays(11)
    await runHours(LATER + 4 * DAY_MS)
    expect(await daysHere()).toEqual(datesOf(8, 9, 10, 11))
    expect(await readArchive()).toHaveLength(4)
  })

  it('moves a day as a whole, also what came in after its end', async () => {
    await storeDays(0, 0, 0, 1, 1, 2)
    await store(buildEvent({ activityDateTime: day(0), contactId: 1 }))
    await runHours(LATER)
    expect(await daysHere()).toEqual(datesOf(1, 1, 2))
  })

  it('keeps the last two days, and waits if that is not enough', async () => {
    const now = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 3 * DAY_MS
    const at = (days: number) => `${dateOf(now - days * DAY_MS)}T12:00:00`
    await store(...[1, 2, 3, 4].map((ago) => buildEvent({ activityDateTime: at(ago) })))
    const full = { DB: sizedDatabase(env.DB, () => LIMIT) }
    await runHours(now, full)
    expect(await daysHere()).toEqual([2, 1].map((ago) => at(ago).slice(0, 10)))
    expect(await findDue(full.DB, { ...due(now), keepDays: 4_000 })).not.toContain('archive')
    await runHours(now + DAY_MS, full)
    expect(await daysHere()).toEqual([at(1).slice(0, 10)])
  })

  it('leaves events that came in within the last two days', async () => {
    await storeDays(0, 1, 2, 3, 4, 5)
    await runHours(Date.now())
    expect(await count('activity')).toBe(6)
    await runHours(LATER)
    expect(await daysHere()).toEqual(datesOf(2, 3, 4, 5))
  })

  it.each([
    ['if KEEP_DAYS is 0', { KEEP_DAYS: '0' }],
    ['without a bucket', { ARCHIVE: undefined }],
    ['if it may be larger on the paid plan', { CLOUDFLARE_PLAN: 'paid' }],
    ['if the plan is unknown', { CLOUDFLARE_PLAN: 'x' }],
  ])('moves nothing early %s', async (_case, changed) => {
    await storeDays(0, 1, 2, 3, 4, 5)
    await runHours(LATER, changed)
    expect(await count('activity')).toBe(6)
  })

  it('still answers for everything', async () => {
    await storeDays(0, 1, 2, 3, 4, 5)
    await runHours(LATER)
    const { activity } = await list('?limit=10')
    expect(activity).toHaveLength(6)
  })
})

it('is smaller by its size in use once events have moved', async () => {
  const size = async () => (await env.DB.prepare('SELECT 1').all()).meta.size_after
  const empty = await size()
  await fillDay(0, 20_000)
  const full = await size()
  expect(full - empty).toBeGreaterThan(1_000_000)
  await runMaintenanceAll(LATER, { ...FREE, CLOUDFLARE_PLAN: 'paid' })
  expect(await count('activity')).toBe(0)
  expect((await size()) - empty).toBeLessThan((full - empty) / 10)
})

describe('the plan of moving', () => {
  const now = Date.UTC(2026, 0, 31, 5)
  const ago = (days: number) => Date.UTC(2026, 0, 31 - days)
  const limits = { keepDays: 20, limitBytes: 1_000, now }
  const kept = { occurredBefore: ago(20), receivedBefore: ago(20) }
  const early = { occurredBefore: ago(10), receivedBefore: ago(2) }
  const state = (bytes: number, time: number | null = null) => ({
    moved: cutoffText(time === null ? kept : early),
    early: time,
    databaseBytes: bytes,
  })

  it.each([
    ['waits below 80 %', state(799), kept, 'wait'],
    ['moves one more day from 80 % on', state(800), kept, 'moveEarlier'],
    ['moves one more day down to 70 %', state(700, ago(10)), early, 'moveEarlier'],
    ['stops below 70 %', state(699, ago(10)), early, 'stopEarly'],
    ['finishes a day first', { ...state(1, ago(10)), moved: null }, early, 'move'],
    ['finishes old days first', { ...state(999), moved: '' }, kept, 'move'],
  ])('%s', (_case, given, cutoff, next) => {
    expect(planMove(given, limits)).toEqual({ cutoff, next })
  })

  it('never has a later cutoff than two days ago', () => {
    const cutoff = { occurredBefore: ago(2), receivedBefore: ago(2) }
    const given = { ...state(1_000, ago(0)), moved: cutoffText(cutoff) }
    expect(planMove(given, limits)).toEqual({ cutoff, next: 'wait' })
  })

  it('is that of KEEP_DAYS if this is earlier', () => {
    const cutoff = { occurredBefore: ago(1), receivedBefore: ago(1) }
    const given = { ...state(1_000, ago(10)), moved: cutoffText(cutoff) }
    expect(planMove(given, { ...limits, keepDays: 1 })).toEqual({ cutoff, next: 'wait' })
  })
})

function due(now: number): DueInput {
  return {
    now,
    limitBytes: LIMIT,
    erasuresBefore: now,
    hasArchive: true,
    keepDays: 0,
    quarantineDays: 0,
    syncedBefore: null,
    readsApi: false,
    maxRuns: 2,
    timeZone: null,
    digestWeek: null,
    maxRowsWritten: 50_000,
  }
}
