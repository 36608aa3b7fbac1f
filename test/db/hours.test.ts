import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import type { OffsetSpan } from '../../src/event/offset-spans.ts'
import { countEvents } from '../../src/db/reports/event-series.ts'
import { fillHours, NEXT_HOUR_OVER, readHours } from '../../src/db/derived/hours.ts'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { countByTime } from '../../src/db/reports/time-series.ts'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'

const [MINUTE, QUARTER, HOUR, DAY] = [60_000, 900_000, 3_600_000, 86_400_000]
const START = Date.parse('2026-03-01T00:00Z')

const at = (time: number, changes: object = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

beforeEach(clearTables)

async function fillUpTo(now: number) {
  for (let step = 0; step < 75; step++) await fillHours(env.DB, now)
}

const filledIn = () =>
  env.DB.prepare('SELECT count(events) AS filled, max(hour) AS last FROM hours').first()

/** The same counts from totals only. */
async function countPlainly(span: OffsetSpan, bucketMs: number) {
  const { counts } = await countByTime(env.DB, undefined, {}, [span], bucketMs, 50_000)
  return counts
    .filter(({ hardBounce, events }) => hardBounce === -1 && events > 0)
    .map(({ bucket, offset, activityStatus, events }) => ({
      bucket,
      offset,
      activityStatus,
      events,
    }))
}

it('has the same counts as the totals, whatever arrives for filled-in hours', async () => {
  const event = fc.record({
    time: fc.nat(40 * HOUR).map((time) => START + time),
    activityStatus: fc.constantFrom('DELIVERED', 'READ', 'weird'),
    messageId: fc.nat(3),
  })
  const step = fc.record({
    events: fc.array(event, { maxLength: 12 }),
    now: fc.option(fc.nat(45 * HOUR)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      await clearTables()
      await fillUpTo(START)
      for (const { events, now } of steps) {
        await store(...events.map(({ time, ...changes }) => at(time, changes)))
        if (now !== null) await fillHours(env.DB, START + now)
        for (const offset of [0, 2 * HOUR, 3 * QUARTER]) {
          const span = { since: START - offset, until: START + 2 * DAY - offset, offset }
          for (const ms of [QUARTER, HOUR, DAY]) {
            const { counts, complete } = await countEvents(env.DB, {}, [span], ms)
            expect(complete).toBe(true)
            const plain = await countPlainly(span, ms)
            expect(new Set(counts)).toEqual(new Set(plain))
            expect(counts).toHaveLength(plain.length)
          }
        }
      }
    }),
    { numRuns: 15 },
  )
})

it('has one row per hour for a month of many campaigns', async () => {
  const hours = Array.from({ length: 30 * 24 }, (_, hour) => hour)
  const campaigns = [1, 2, 3, 4, 5, 6]
  for (const messageId of campaigns) {
    await store(...hours.map((hour) => at(START + hour * HOUR, { messageId })))
  }
  await fillUpTo(START + 30 * DAY + 20 * MINUTE)
  const { db, rowsRead } = countReads(env.DB)
  const span = { since: START, until: START + 30 * DAY, offset: 0 }
  const { counts } = await countEvents(db, {}, [span], DAY)
  expect(counts.map(({ events }) => events)).toEqual(Array(30).fill(24 * campaigns.length))
  expect(rowsRead()).toBeLessThan(800)
})

it('leaves an hour open for a few minutes after its end', async () => {
  await fillUpTo(START + HOUR + 5 * MINUTE)
  expect(await filledIn()).toMatchObject({ last: START - HOUR })
  expect(await fillHours(env.DB, START + HOUR + 5 * MINUTE)).toBe(false)
  expect(await fillHours(env.DB, START + HOUR + 11 * MINUTE)).toBe(true)
  expect(await filledIn()).toMatchObject({ last: START })
})

it('writes no row for an event of an hour that is not filled in', async () => {
  await fillUpTo(START)
  const before = await filledIn()
  await store(at(START + HOUR), at(Date.now()))
  expect(await filledIn()).toEqual(before)
})

it('is filled in again after a rebuild', async () => {
  await store(at(START))
  await env.DB.prepare('DELETE FROM totals').run()
  await fillUpTo(START + DAY)
  const span = { since: START, until: START + DAY, offset: 0 }
  expect((await countEvents(env.DB, {}, [span], DAY)).counts).toEqual([])
  await rebuild(env.DB, undefined)
  const counted = [{ bucket: START / DAY, offset: 0, activityStatus: 'DELIVERED', events: 1 }]
  expect((await countEvents(env.DB, {}, [span], DAY)).counts).toEqual(counted)
  await fillHours(env.DB, START + DAY)
  expect((await countEvents(env.DB, {}, [span], DAY)).counts).toEqual(counted)
})

it('has gaps where hours are not filled in, and none between those that are', async () => {
  await store(at(START), at(START + HOUR), at(START + 2 * HOUR))
  await fillUpTo(START + 3 * HOUR + 20 * MINUTE)
  const gapsUntil = async (until: number) => (await readHours(env.DB, { since: START, until })).gaps
  expect(await gapsUntil(START + 3 * HOUR)).toEqual([])
  expect(await gapsUntil(START + 5 * HOUR)).toEqual([[START + 3 * HOUR, START + 5 * HOUR]])
  await store(at(START + HOUR + MINUTE))
  expect(await gapsUntil(START + 3 * HOUR)).toEqual([[START + HOUR, START + 2 * HOUR]])
  await store(at(START + MINUTE))
  expect(await gapsUntil(START + 3 * HOUR)).toEqual([[START, START + 2 * HOUR]])
})

it('is due some minutes after the next hour is over, or if nothing is filled in', async () => {
  const isDue = (now: number) =>
    env.DB.prepare(`SELECT ${NEXT_HOUR_OVER} AS isDue`).bind(now).first('isDue')
  expect(await isDue(START)).toBe(1)
  await fillUpTo(START + 20 * MINUTE)
  expect(await filledIn()).toMatchObject({ last: START - HOUR })
  expect(await isDue(START + HOUR + 9 * MINUTE)).toBe(0)
  expect(await isDue(START + HOUR + 10 * MINUTE)).toBe(1)
})
