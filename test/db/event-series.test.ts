import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, expect, it } from 'vitest'
import { chooseOffsetSpans, BUCKETS } from '../../src/reports/buckets.ts'
import { countEvents } from '../../src/db/reports/event-series.ts'
import { countPerMinute } from '../../src/db/reports/per-minute.ts'
import { countByTime } from '../../src/db/reports/time-series.ts'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const START = Date.parse('2026-03-01T00:00Z')

const at = (time: number, changes: object = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

beforeEach(clearTables)

/** Events at any time of a month in which clocks change, with documented and other statuses. */
const anyEvents = fc.array(
  fc.record({
    time: fc.oneof(fc.nat(40 * DAY), fc.nat(2 * HOUR)).map((time) => START + time),
    mediaType: fc.constantFrom('email', 'sms'),
    activityStatus: fc.constantFrom('DELIVERED', 'READ', 'UNDELIVERED', 'WEIRD', 'a b', '10'),
    hardBounce: fc.constantFrom(true, false),
  }),
  { minLength: 1, maxLength: 80 },
)

const storeAll = (events: { time: number; activityStatus: string; mediaType: string }[]) =>
  store(...events.map(({ time, ...event }) => at(time, event)))

it('counts the same as the totals, in any zone', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyEvents,
      fc.constantFrom('UTC', 'Europe/Kyiv', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
      fc.constantFrom<('hour' | 'day')[]>(['hour', 'day']),
      async (events, zone, units) => {
        await clearTables()
        await storeAll(events)
        for (const by of units) {
          const period = { since: START + 10 * DAY, until: START + 36 * DAY }
          const spans = chooseOffsetSpans(by, period, zone)
          for (const filter of [{}, { mediaType: ['sms'] }]) {
            const { ms } = BUCKETS[by]
            const plain = await countByTime(env.DB, undefined, filter, spans, ms, 50_000)
            const counts = plain.counts.flatMap(({ bucket, offset, ...count }) => {
              const { hardBounce, activityStatus, events: sum } = count
              return hardBounce === -1 && sum > 0
                ? { bucket, offset, activityStatus, events: sum }
                : []
            })
            const found = await countEvents(env.DB, filter, spans, ms)
            expect(new Set(found.counts)).toEqual(new Set(counts))
            expect(found.counts).toHaveLength(counts.length)
            expect(found.complete).toBe(true)
          }
        }
      },
    ),
    { numRuns: 20 },
  )
})

it('counts by the minute the same as a plain count', async () => {
  await fc.assert(
    fc.asyncProperty(anyEvents, async (events) => {
      await clearTables()
      await storeAll(events)
      const period = { since: START + 30 * MINUTE, until: START + 90 * MINUTE }
      for (const channel of [undefined, 'sms']) {
        const counts = new Map<string, number>()
        for (const { time, activityStatus, mediaType } of events) {
          const second = Math.floor(time / 1_000) * 1_000
          if (second < period.since || second >= period.until) continue
          if (channel !== undefined && mediaType !== channel) continue
          const key = `${Math.floor(time / MINUTE)} ${activityStatus}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
        const filter = channel === undefined ? {} : { mediaType: [channel] }
        const found = await countPerMinute(env.DB, filter, period)
        expect(
          new Map(found?.map((each) => [`${each.minute} ${each.activityStatus}`, each.events])),
        ).toEqual(counts)
      }
    }),
    { numRuns: 20 },
  )
})

it('reads each event of an hour once, and each row of totals of a month', async () => {
  const event = (n: number) => at(START + n * 1_000, { messageId: n % 3 })
  await store(...Array.from({ length: 1_500 }, (_, n) => event(n)))
  await store(...Array.from({ length: 600 }, (_, n) => at(START + n * HOUR, { messageId: n % 3 })))
  const totals = Number(await env.DB.prepare('SELECT count(*) AS n FROM totals').first('n'))
  const { db, rowsRead } = countReads(env.DB)
  await countPerMinute(db, {}, { since: START, until: START + HOUR })
  expect(rowsRead()).toBeLessThan(1.1 * 1_501)
  const before = rowsRead()
  const span = { since: START, until: START + 30 * DAY, offset: 0 }
  await countEvents(db, {}, [span], DAY)
  expect(rowsRead() - before).toBeLessThan(1.1 * totals)
})
