import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { monthOf } from '../../src/db/archive/files.ts'
import type { Filter } from '../../src/db/events/filter.ts'
import { listEvents } from '../../src/db/events/list.ts'
import { keyText, type EventKey, type StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { listHistory } from '../../src/history/list.ts'
import { LIMITS } from '../../src/history/work.ts'
import { clearTables } from '../receiver.ts'
import { storeText } from '../store-events.ts'
import { historyOf, readStored, removeStored, writeFile } from './archiving.ts'

beforeEach(clearTables)

const START = Date.UTC(2024, 0, 20)
const TIMES = [0, 0, 1, 2, 9, 12, 13, 30, 31, 40, 70].map((days) => START + days * DAY_MS)
const CONTACTS = ['1', '2', '3', '9007199254740993', '9223372036854775807', '-5']
const pick = <T>(...items: readonly T[]) => fc.constantFrom(...items)
const maybe = <T>(item: fc.Arbitrary<T>, freq = 1) => fc.option(item, { nil: null, freq })

const EVENT = fc.record({
  occurredAt: fc
    .tuple(pick(...TIMES), fc.integer({ min: 0, max: 2 }))
    .map(([day, n]) => day + n * 1000),
  contactId: maybe(pick(...CONTACTS), 4),
  email: maybe(pick('Anna@Example.com', 'anna@example.com', 'bert@example.com', 'none'), 3),
  sms: maybe(pick('+380 67 123 45 67', '0671234567', '380500000001')),
  externalCustomerId: maybe(pick('17', ' 17 ', 'x')),
  activityStatus: pick('DELIVERED', 'READ', 'UNDELIVERED', 'SPAM'),
  hardBounce: maybe(fc.boolean()),
  mediaType: pick('email', 'Web Push', 'webpush', 'sms'),
  messageId: maybe(pick('1', '2', '9007199254740995')),
  messageTag: maybe(pick('a', 'a, b', 'b ,c"d', 'c"d')),
  messageName: maybe(pick('One', 'Two', '')),
  iid: maybe(pick('11111111-1111-4111-8111-111111111111', 'own')),
  osName: maybe(pick('Android', 'ÄÖ', 'a b')),
  subscriptions: maybe(pick(['news'], ['news', 'a"b'], [])),
})
type Made = typeof EVENT extends fc.Arbitrary<infer Value> ? Value : never
const INTEGERS = ['contactId', 'messageId']

const someOf = (...items: readonly string[]) =>
  fc.uniqueArray(pick(...items), { minLength: 1, maxLength: 2 })

const PARAMETERS = {
  contactId: someOf(...CONTACTS, '007', '2'),
  email: someOf('ANNA@example.com', 'bert@example.com', 'none'),
  sms: someOf('0671234567', '380500000001'),
  externalCustomerId: someOf('17', 'x'),
  activityStatus: someOf('DELIVERED', 'READ', 'SPAM', 'none'),
  hardBounce: someOf('true', 'false'),
  mediaType: someOf('web push', 'email', 'WEBPUSH'),
  messageId: someOf('1', '2', '9007199254740995'),
  messageTag: someOf('a', 'b', 'c"d'),
  messageName: someOf('One', 'Two'),
  iid: someOf('11111111-1111-4111-8111-111111111111', 'own'),
  osName: someOf('Android', 'ÄÖ', 'äö'),
  subscriptions: someOf('news', 'a"b'),
}

const FILTER: fc.Arbitrary<Filter> = fc.record({
  parameters: fc
    .record(PARAMETERS)
    .chain((all) =>
      fc
        .shuffledSubarray(Object.entries(all), { maxLength: 2 })
        .map((chosen) => Object.fromEntries(chosen)),
    ),
  labels: pick({}, {}, {}, { 'x-shop': 'one' }, { 'X-Shop': 'two' }),
  origin: pick(undefined, undefined, undefined, 'api' as const),
  since: pick(undefined, undefined, ...TIMES),
  until: pick(undefined, undefined, ...TIMES),
})

const QUERY = fc.record({
  filter: FILTER,
  limit: fc.integer({ min: 1, max: 12 }),
  after: maybe(
    fc.record({
      occurredAt: pick(...TIMES, 9e15, -9e15),
      id: pick('0'.repeat(32), '8'.repeat(32), 'f'.repeat(32)),
    }),
  ),
})
type Query = typeof QUERY extends fc.Arbitrary<infer Value> ? Value : never

/** Where an event is: in the database, in a file of the archive, or in both. */
const PLACE = fc.record({
  file: fc.integer({ min: -1, max: 3 }),
  isStored: pick(false, false, true),
})

async function storeMade(events: readonly Made[]): Promise<void> {
  const texts = events.map(({ occurredAt, ...parameters }, index) => {
    const entries = Object.entries(parameters).flatMap(([name, value]) => {
      if (value === null) return []
      const json = INTEGERS.includes(name) ? String(value) : JSON.stringify(value)
      return `${JSON.stringify(name)}:${json}`
    })
    const time = new Date(occurredAt).toISOString().slice(0, 19)
    return `{${[...entries, `"activityDateTime":"${time}Z"`, `"number":${index}`].join(',')}}`
  })
  await storeText(`[${texts.join(',')}]`)
  const set = (changes: string) => env.DB.prepare(`UPDATE activity SET ${changes}`)
  await env.DB.batch([
    set(`labels = '{"X-Shop":"one"}' WHERE instr(hex(id), '7') = 1`),
    set(`labels = '{"x-shop":"two","y":"z"}' WHERE hex(id) < '40'`),
    set(`origin = 'api' WHERE hex(id) > 'B0'`),
  ])
}

async function spread(places: readonly { file: number; isStored: boolean }[]): Promise<void> {
  const stored = await readStored()
  const placed = stored.map((event, index) => {
    const { file = -1, isStored = true } = places[index % places.length] ?? {}
    return { event, name: file < 0 ? '' : `${monthOf(event.occurredAt)} ${file}`, isStored }
  })
  for (const [name, members] of Map.groupBy(placed, (each) => each.name)) {
    if (name === '') continue
    const events = members.map(({ event }) => event)
    await writeFile(events, members.some(({ isStored }) => isStored) ? 'written' : 'done')
  }
  await removeStored(
    placed.flatMap(({ event, name, isStored }) => (name !== '' && !isStored ? event : [])),
  )
}

type List = (
  after: EventKey | undefined,
) => Promise<{ events: StoredEvent[]; next: EventKey | null }>

/** Each page ends as soon as it can. */
const TIGHT = { cells: 0, most: 1_000_000, reads: 3, parallel: 1 }

/** All events of a list, page by page. */
async function collect(list: List, { limit, after }: Query): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  let cursor = after ?? undefined
  for (let pages = 0; pages < 500; pages++) {
    const page = await list(cursor)
    expect(page.events.length).toBeLessThanOrEqual(limit)
    events.push(...page.events)
    if (!page.next) return events
    expect(page.next).not.toEqual(cursor)
    cursor = page.next
  }
  throw new Error('The list has no end.')
}

describe('pages of the database and the archive', () => {
  it('have the events of the database alone, wherever these are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(EVENT, { minLength: 30, maxLength: 60 }),
        fc.array(PLACE, { minLength: 60, maxLength: 60 }),
        fc.array(QUERY, { minLength: 40, maxLength: 40 }),
        async (events, places, queries) => {
          await clearTables()
          await storeMade(events)
          const expected: StoredEvent[][] = []
          for (const query of queries) {
            const { filter, limit } = query
            expected.push(await collect((after) => listEvents(env.DB, filter, limit, after), query))
          }
          await spread(places)
          for (const limits of [LIMITS.paid, TIGHT]) {
            for (const [index, query] of queries.entries()) {
              const { filter, limit } = query
              const found = await collect(
                (after) => listHistory(historyOf(limits), filter, limit, after),
                query,
              )
              expect(found.map(keyText)).toEqual(expected[index]?.map(keyText))
              expect(found).toEqual(expected[index])
            }
          }
        },
      ),
      { numRuns: 8, endOnFailure: true },
    )
  })
})
