import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Filter } from '../../src/db/events/filter.ts'
import { listEvents } from '../../src/db/events/list.ts'
import type { EventKey } from '../../src/db/stored-event.ts'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const START = Date.parse('2026-03-01T00:00Z')

const at = (time: number, changes: object = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

beforeEach(clearTables)

/** Reads all events of a filter page by page, and counts the pages. */
async function readAll(filter: Filter, limit: number, budget?: number, db = env.DB) {
  const found: EventKey[] = []
  let after: EventKey | undefined
  let pages = 0
  do {
    const { events, next } = await listEvents(db, filter, limit, after, budget)
    found.push(...events)
    after = next ?? undefined
    expect(++pages).toBeLessThan(1_000)
  } while (after)
  return { times: found.map(({ occurredAt }) => occurredAt), found, pages }
}

const CAMPAIGNS = [
  { messageId: 1, mediaType: 'email', from: 'Shop' },
  { messageId: 1, mediaType: 'Email', messageTag: 'sale, news' },
  { messageId: 2, mediaType: 'sms', broadcastId: 7 },
  { messageId: null, mediaType: 'viber', workflowId: 5 },
]

it('finds the same as a plain search of all events, with any page size', async () => {
  const event = fc.record({
    campaign: fc.nat(CAMPAIGNS.length - 1),
    // A few hours with many events, and gaps of days.
    time: fc.oneof(fc.nat(3 * HOUR), fc.nat(40 * DAY)),
    activityStatus: fc.constantFrom('DELIVERED', 'READ', 'CLICKED'),
  })
  const query = fc.record({
    parameters: fc.constantFrom<Filter['parameters']>(
      { messageId: ['1'] },
      { messageId: ['1', '2'], activityStatus: ['READ'] },
      { mediaType: ['EMAIL'] },
      { messageTag: ['news'], activityStatus: ['DELIVERED', 'CLICKED'] },
      { broadcastId: ['7'] },
      { workflowId: ['5'], mediaType: ['viber', 'sms'] },
      { messageId: ['3'] },
    ),
    since: fc.option(fc.nat(5 * HOUR), { nil: undefined }),
    length: fc.option(fc.nat(DAY), { nil: undefined }),
    limit: fc.integer({ min: 1, max: 9 }),
    budget: fc.constantFrom(15, 60, 400, 5_000),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 120 }),
      fc.array(query, { minLength: 8, maxLength: 8 }),
      async (events, queries) => {
        await clearTables()
        const stored = events.map(({ campaign, time, activityStatus }) => ({
          ...at(START + time, { ...CAMPAIGNS[campaign], activityStatus }),
        }))
        await store(...stored)
        const { found: all } = await readAll({ parameters: {} }, 500)
        expect(all).toHaveLength(events.length)
        for (const { parameters, since, length, limit, budget } of queries) {
          const filter: Filter = {
            parameters,
            since: since === undefined ? undefined : START + since,
            until: length === undefined ? undefined : START + (since ?? 0) + length,
          }
          const { found } = await readAll(filter, limit, budget)
          expect(found).toEqual(all.filter((activity) => fits(activity, filter)))
        }
      },
    ),
    { numRuns: 25 },
  )
})

/** Matches an event in the simplest way. */
function fits(activity: object, { parameters, since, until }: Filter): boolean {
  const event = activity as Record<string, string | number | null>
  const time = Number(event['occurredAt'])
  if (time < (since ?? -Infinity) || time >= (until ?? Infinity)) return false
  return Object.entries(parameters).every(([name, values]) => {
    const own = String(event[name] ?? '').toLowerCase()
    const parts = name === 'messageTag' ? own.split(',').map((tag) => tag.trim()) : [own]
    return values.some((value) => parts.includes(value.toLowerCase()))
  })
}

describe('events of a campaign', () => {
  const old = { messageId: 1, contactId: 1 }

  it('from long ago are found without reading later events', async () => {
    await store(...Array.from({ length: 60 }, (_, n) => at(START + n * MINUTE, old)))
    for (let day = 1; day < 6; day++) {
      const others = (n: number) => at(START + day * DAY + n * MINUTE, { messageId: 2 })
      await store(...Array.from({ length: 1_000 }, (_, n) => others(n)))
    }
    const { db, rowsRead } = countReads(env.DB)
    const filter = { parameters: { messageId: ['1'] } }
    const page = await listEvents(db, filter, 50, undefined)
    expect(page.events).toHaveLength(50)
    expect(rowsRead()).toBeLessThan(600)
    const none = await listEvents(db, { parameters: { messageId: ['3'] } }, 50, undefined)
    expect(none).toMatchObject({ events: [], next: null })
    expect(rowsRead()).toBeLessThan(1_000)
  })

  it('far apart are found by the quarters of an hour that have some', async () => {
    const others = (n: number) => at(START + n * 2 * MINUTE, { messageId: 2 })
    await store(...Array.from({ length: 3_000 }, (_, n) => others(n)))
    const hours = [1, 20, 40, 60, 80]
    await store(...hours.map((hour) => at(START + hour * HOUR, old)))
    const { db, rowsRead } = countReads(env.DB)
    const { times } = await readAll({ parameters: { messageId: ['1'] } }, 50, undefined, db)
    expect(times).toEqual(hours.toReversed().map((hour) => START + hour * HOUR))
    expect(rowsRead()).toBeLessThan(450)
  })

  it('among too many in one quarter of an hour are found in short pages', async () => {
    const others = (n: number) => at(START + n * 500, { messageId: 2 })
    await store(...Array.from({ length: 1_000 }, (_, n) => others(n)))
    await store(at(START, old), at(START + 8 * MINUTE, old))
    const filter = { parameters: { messageId: ['1'] } }
    const { times, pages } = await readAll(filter, 50, 200)
    expect(times).toEqual([START + 8 * MINUTE, START])
    expect(pages).toBeGreaterThan(3)
  })

  it('that are late arrivals are found, too', async () => {
    await store(at(START + DAY, { messageId: 1 }))
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign)
         SELECT ?, zeroblob(16), 1, 0, 'x', campaign FROM campaigns WHERE messageId = 1`,
      ).bind(START),
      env.DB.prepare(`INSERT INTO late_arrivals (occurredAt, id) VALUES (?, zeroblob(16))`).bind(
        START,
      ),
    ])
    const { times } = await readAll({ parameters: { messageId: ['1'] } }, 50)
    expect(times).toEqual([START + DAY, START])
  })
})

it('continues after a cursor instead of from the end of the period', async () => {
  const events = Array.from({ length: 3_000 }, (_, n) => at(START + n * 1_000, { osName: 'iOS' }))
  await store(...events)
  const filter = { parameters: { osName: ['Linux'] }, until: START + DAY }
  const first = await listEvents(env.DB, filter, 50, undefined, 1_000)
  const second = await listEvents(env.DB, filter, 50, first.next ?? undefined, 1_000)
  const { db, rowsRead } = countReads(env.DB)
  await listEvents(db, filter, 50, second.next ?? undefined, 1_000)
  expect(rowsRead()).toBeLessThan(2_100)
})
