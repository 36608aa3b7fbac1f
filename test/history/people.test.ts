import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { monthOf } from '../../src/db/archive/files.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { normalizeLink } from '../../src/event/link.ts'
import { OUTCOME_NAMES, type Outcome } from '../../src/event/outcome.ts'
import type { History } from '../../src/history/history.ts'
import { PeopleReader, type PeopleQuery } from '../../src/history/people.ts'
import { LIMITS } from '../../src/history/work.ts'
import { clearTables } from '../receiver.ts'
import { storeText } from '../store-events.ts'
import { historyOf, readStored, removeStored, writeFile } from './archiving.ts'

beforeEach(clearTables)

const START = Date.UTC(2024, 0, 20)
const TIMES = [0, 1, 9, 13, 30, 70].map((days) => START + days * DAY_MS)
const CONTACTS = ['1', '2', '3', '7', '20', '9007199254740993', '9223372036854775807', '-5']
const LINKS = ['https://shop.ua/a', 'https://shop.ua/b?utm_source=x', 'https://shop.ua/c']
const pick = <T>(...items: readonly T[]) => fc.constantFrom(...items)
const maybe = <T>(item: fc.Arbitrary<T>, freq = 1) => fc.option(item, { nil: null, freq })

const STATUS_MIX = [
  'SENT',
  'DELIVERED',
  'READ',
  'CLICKED',
  'CLICKED',
  'CLICKED',
  'UNDELIVERED',
  'SPAM',
  'UNSUBSCRIBED',
  'SUBSCRIPTION_CHANGED',
]

const EVENT = fc.record({
  // Close together, so that some clicks are a machine's.
  occurredAt: fc.tuple(pick(...TIMES), pick(0, 1, 2, 3)).map(([day, n]) => day + n * 1000),
  contactId: maybe(pick(...CONTACTS), 9),
  email: maybe(pick('anna@example.com', 'bert@example.com')),
  sms: maybe(pick('380671234567', '380500000001')),
  externalCustomerId: maybe(pick('17', '')),
  activityStatus: pick(...STATUS_MIX),
  hardBounce: maybe(fc.boolean()),
  clickEventLink: maybe(pick(...LINKS), 9),
  mediaType: pick('email', 'sms'),
  messageId: pick('1', '9007199254740995'),
  messageTag: maybe(pick('a', 'a, b')),
  iid: maybe(pick('11111111-1111-4111-8111-111111111111', 'own', '')),
  messageInstanceId: maybe(pick('5', '6')),
})
type Made = typeof EVENT extends fc.Arbitrary<infer Value> ? Value : never
const INTEGERS = ['contactId', 'messageId', 'messageInstanceId']

/** A machine follows the links of a message. */
const SWEEP = EVENT.map((event) =>
  [...LINKS, null].map((clickEventLink, index) => ({
    ...event,
    occurredAt: event.occurredAt + (index % 3) * 1000,
    clickEventLink,
    activityStatus: clickEventLink === null ? 'READ' : 'CLICKED',
  })),
)

const listOf = (minLength: number, maxLength: number): fc.Arbitrary<Made[]> =>
  fc
    .array(
      fc.oneof(
        { arbitrary: EVENT.map((event) => [event]), weight: 9 },
        { arbitrary: SWEEP, weight: 1 },
      ),
      { minLength, maxLength },
    )
    .map((groups) => groups.flat())

const CAMPAIGNS = pick<PeopleQuery['filter']['campaigns']>(
  {},
  { messageId: ['1'] },
  { messageId: ['9007199254740995'], mediaType: ['email'] },
  { messageTag: ['b'] },
  { messageId: ['404'] },
)
const OUTCOMES = fc.uniqueArray(pick(...OUTCOME_NAMES), { maxLength: 2 })

const QUERY: fc.Arbitrary<PeopleQuery> = fc.record({
  filter: fc.record({
    campaigns: CAMPAIGNS,
    since: pick(undefined, undefined, ...TIMES, START + 1000),
    until: pick(undefined, undefined, ...TIMES, START + 2000),
  }),
  did: OUTCOMES,
  didNot: OUTCOMES,
  link: pick(undefined, undefined, ...LINKS.map(normalizeLink)),
  isWithoutMachines: fc.boolean(),
})

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
}

async function spread(places: readonly { file: number; isStored: boolean }[]): Promise<void> {
  const placed = (await readStored()).map((event, index) => {
    const { file = -1, isStored = true } = places[index % places.length] ?? {}
    return { event, name: file < 0 ? '' : `${monthOf(event.occurredAt)} ${file}`, isStored }
  })
  for (const [name, members] of Map.groupBy(placed, (each) => each.name)) {
    if (name === '') continue
    const isMoving = members.some(({ isStored }) => isStored)
    await writeFile(
      members.map(({ event }) => event),
      isMoving ? 'written' : 'done',
    )
  }
  await removeStored(
    placed.flatMap(({ event, name, isStored }) => (name !== '' && !isStored ? event : [])),
  )
}

const STATUSES: Readonly<Record<Outcome, string>> = {
  sent: 'SENT',
  delivered: 'DELIVERED',
  read: 'READ',
  clicked: 'CLICKED',
  bounced: 'UNDELIVERED',
  hardBounced: 'UNDELIVERED',
  complained: 'SPAM',
  unsubscribed: 'UNSUBSCRIBED',
}

/** Whether an event is of the filter's campaigns and time. */
function isSought(event: StoredEvent, { campaigns, since, until }: PeopleQuery['filter']): boolean {
  const { messageId, mediaType, messageTag } = campaigns
  const tags = String(event.messageTag ?? '').split(', ')
  return (
    (since === undefined || event.occurredAt >= since) &&
    (until === undefined || event.occurredAt < until) &&
    (messageId?.includes(String(event.messageId)) ?? true) &&
    (mediaType?.includes(String(event.mediaType)) ?? true) &&
    (messageTag?.some((tag) => tags.includes(tag)) ?? true) &&
    Object.values(STATUSES).includes(String(event.activityStatus))
  )
}

/** Whether a machine caused an event: as in the manual, by brute force. */
function isMachine(event: StoredEvent, delivery: readonly StoredEvent[]): boolean {
  const clicks = delivery.filter(({ activityStatus }) => activityStatus === 'CLICKED')
  const inSweep = (click: StoredEvent) =>
    [0, 1000, 2000].some((early) => {
      const start = click.occurredAt - early
      const near = clicks.filter(
        (each) => each.occurredAt >= start && each.occurredAt <= start + 2000,
      )
      const links = near.flatMap(({ clickEventLink }) => clickEventLink ?? [])
      return new Set(links).size >= 3
    })
  if (event.activityStatus === 'CLICKED') return inSweep(event)
  if (event.activityStatus !== 'READ') return false
  return clicks.some(
    (click) => inSweep(click) && Math.abs(click.occurredAt - event.occurredAt) <= 2000,
  )
}

const deliveryOf = (event: StoredEvent) =>
  event.iid === null || event.iid === ''
    ? JSON.stringify([event.mediaType, event.messageId, event.messageTag, event.messageInstanceId])
    : String(event.iid)

/** The people of a query, by all events: contact, times of outcomes, reads and clicks. */
function listExpected(events: readonly StoredEvent[], query: PeopleQuery): unknown[] {
  const chosen = events.filter((event) => isSought(event, query.filter))
  const contacts = Map.groupBy(chosen, ({ contactId }) => contactId)
  contacts.delete(null)
  const people = [...contacts].map(([contactId, own]) => {
    const counted = own.filter((event) => {
      const delivery = own.filter((other) => deliveryOf(other) === deliveryOf(event))
      if (query.isWithoutMachines && isMachine(event, delivery)) return false
      const isClick = event.activityStatus === 'CLICKED'
      const link = normalizeLink(String(event.clickEventLink ?? ''))
      return !isClick || query.link === undefined || link === query.link
    })
    const of = (name: Outcome) =>
      counted.filter(
        ({ activityStatus, hardBounce }) =>
          activityStatus === STATUSES[name] && (name !== 'hardBounced' || hardBounce === 1),
      )
    const times = OUTCOME_NAMES.map((name) =>
      of(name).reduce<number | null>(
        (least, { occurredAt }) => Math.min(least ?? Infinity, occurredAt),
        null,
      ),
    )
    return {
      contactId: BigInt(contactId ?? 0),
      times: Object.fromEntries(OUTCOME_NAMES.map((name, index) => [name, times[index]])),
      reads: of('read').length,
      clicks: of('clicked').length,
    }
  })
  return people
    .filter(({ times }) => query.did.every((name) => times[name] !== null))
    .filter(({ times }) => query.didNot.every((name) => times[name] === null))
    .sort((a, b) => (a.contactId < b.contactId ? -1 : 1))
}

const NO_BOUNDS = { ofTime: 1_000_000, ofContacts: 1_000_000 }
/** Contact by contact, a few events at once. */
const FEW = { ofTime: 0, ofContacts: 4 }
/** Each page ends as soon as it can. */
const TIGHT = { cells: 0, most: 1_000_000, reads: 3, parallel: 1 }

/** All people of a query, page by page: by one reader, as an export, or each by another, as requests. */
async function collect(
  history: () => History,
  query: PeopleQuery,
  { limit, isExport, bounds }: { limit: number; isExport: boolean; bounds: typeof FEW },
) {
  const found = []
  let reader = await PeopleReader.open(history(), query, bounds)
  let next: bigint | undefined
  for (let pages = 0; pages < 200; pages++) {
    const page = await reader.read(limit, next)
    expect(page.people.length).toBeLessThanOrEqual(limit)
    found.push(...page.people)
    if (page.next === null) return found
    expect(next === undefined || page.next > next).toBe(true)
    next = page.next
    if (!isExport) reader = await PeopleReader.open(history(), query, bounds)
  }
  throw new Error('The list has no end.')
}

const summarize = (people: Awaited<ReturnType<typeof collect>>) =>
  people.map((person) => ({
    contactId: person.contactId,
    times: Object.fromEntries(OUTCOME_NAMES.map((name) => [name, person[name]])),
    reads: person.reads,
    clicks: person.clicks,
  }))

describe('the people of campaigns', () => {
  it('are the same wherever their events are, and however they are read', async () => {
    await fc.assert(
      fc.asyncProperty(
        listOf(40, 90),
        fc.array(PLACE, { minLength: 60, maxLength: 60 }),
        fc.array(fc.tuple(QUERY, fc.integer({ min: 1, max: 9 }), fc.boolean()), {
          minLength: 25,
          maxLength: 25,
        }),
        async (events, places, queries) => {
          await clearTables()
          await storeMade(events)
          const all = await readStored()
          const stored = []
          for (const [query, limit, isExport] of queries) {
            const without = () => ({ ...historyOf(), bucket: undefined })
            const how = { limit, isExport, bounds: NO_BOUNDS }
            const people = await collect(without, query, how)
            expect(summarize(people)).toEqual(listExpected(all, query))
            expect(await collect(without, query, { ...how, bounds: FEW })).toEqual(people)
            stored.push(people)
          }
          await spread(places)
          for (const limits of [LIMITS.paid, TIGHT]) {
            for (const [index, [query, limit, isExport]] of queries.entries()) {
              const bounds = index % 2 === 0 ? NO_BOUNDS : FEW
              const how = { limit, isExport, bounds }
              expect(await collect(() => historyOf(limits), query, how)).toEqual(stored[index])
            }
          }
        },
      ),
      { numRuns: 8, endOnFailure: true },
    )
  })

  it('do not have the events without a contact, which are counted', async () => {
    await fc.assert(
      fc.asyncProperty(
        listOf(40, 60),
        fc.array(PLACE, { minLength: 60, maxLength: 60 }),
        fc.array(QUERY, { minLength: 10, maxLength: 10 }),
        async (events, places, queries) => {
          await clearTables()
          await storeMade(events)
          const nameless = (await readStored()).filter(({ contactId }) => contactId === null)
          await spread(places)
          for (const query of queries) {
            const reader = await PeopleReader.open(historyOf(), query)
            const sought = nameless.filter((event) => isSought(event, query.filter))
            expect(await reader.countNameless()).toEqual({ events: sought.length, complete: true })
          }
        },
      ),
      { numRuns: 4, endOnFailure: true },
    )
  })
})
