import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type Count = { events: number; contacts: number }
type Line = Event & { time: string; start: number; delivered: Count; read: Count }
type Totals = { totals: Line[]; period: { since: number; until: number }; scanned: object }

const HOUR_MS = 3_600_000

async function readTotals(query: Record<string, string>): Promise<Totals> {
  const response = await read(`/reports/totals?${new URLSearchParams(query)}`)
  expect(response.status, await response.clone().text()).toBe(200)
  return response.json()
}

const at = (time: number | string, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString(), ...changes })

const timeOf = (event: Event) => Date.parse(String(event['activityDateTime']))

const iso = (time: number) => new Date(time).toISOString()

/** The local time in a zone, according to the runtime: `2024-10-27T03:45 GMT+03:00`. */
function clockIn(timeZone: string): (time: number) => { day: string; hour: string } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  return (time) => {
    const parts = Object.fromEntries(format.formatToParts(time).map((e) => [e.type, e.value]))
    const day = `${parts['year']}-${parts['month']}-${parts['day']}`
    return { day, hour: `${day}T${parts['hour']}:00 ${parts['timeZoneName']}` }
  }
}

/** Events every few minutes, of deliveries that are read several times. */
function makeEvents(since: number, until: number, size: number): Event[] {
  const random = new Random(size)
  const iids = Array.from({ length: Math.ceil(size / 3) }, () => random.uuid())
  const minutes = new Set<number>()
  while (minutes.size < size) minutes.add(random.between(0, (until - since) / 60_000 - 1))
  return [...minutes].map((minute) => {
    const index = random.between(0, iids.length - 1)
    return at(since + minute * 60_000 + random.pick([0, 59_999]), {
      iid: iids[index],
      contactId: 1 + (index % 50),
      messageId: 1 + (index % 3),
      broadcastId: 10 + (index % 2),
      workflowId: 20 + (index % 4),
      mediaType: index % 2 ? 'email' : 'viber',
      from: index % 3 ? 'Shop' : 'Магазин',
      activityStatus: random.chance(0.3) ? 'READ' : 'DELIVERED',
    })
  })
}

/** Counts delivered and read events and contacts, grouped by `placeOf`. */
function rebuild(events: Event[], placeOf: (event: Event) => string): Map<string, number[]> {
  const seen = new Set<string>()
  const counts = new Map<string, number[]>()
  for (const event of events.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const kind = `${String(event['iid'])} ${String(event['activityStatus'])}`
    const count = counts.get(placeOf(event)) ?? [0, 0, 0, 0]
    const column = event['activityStatus'] === 'READ' ? 2 : 0
    count[column] = (count[column] ?? 0) + 1
    if (!seen.has(kind)) count[column + 1] = (count[column + 1] ?? 0) + 1
    seen.add(kind)
    counts.set(placeOf(event), count)
  }
  return counts
}

const countsOf = ({ delivered, read: reads }: Line) => [
  delivered.events,
  delivered.contacts,
  reads.events,
  reads.contacts,
]

/** Compares every line, including empty ones, with a rebuild in the zone's local time. */
function expectSameAsRebuild(
  totals: Totals,
  events: Event[],
  by: 'hour' | 'day',
  zone: string,
): void {
  const clock = clockIn(zone)
  const lines = totals.totals
  const placeOf = (time: number) => clock(time)[by]
  const expected = rebuild(events, (event) => placeOf(timeOf(event)))
  const { since, until } = totals.period
  const places: string[] = []
  for (let time = since; time < until; time += HOUR_MS / 4) {
    if (places.at(-1) !== placeOf(time)) places.push(placeOf(time))
  }
  expect(lines.map(({ start }) => placeOf(start))).toEqual(places)
  for (const line of lines) {
    const bucket = placeOf(line.start)
    expect(bucket).toContain(line.time)
    expect([bucket, countsOf(line)]).toEqual([bucket, expected.get(bucket) ?? [0, 0, 0, 0]])
    // The line starts with its hour or day.
    expect(placeOf(line.start - 1)).not.toBe(bucket)
  }
}

const CASES: [zone: string, around: string][] = [
  ['UTC', '2024-02-29T12:00Z'],
  ['Europe/Kyiv', '2024-03-31T01:00Z'],
  ['Europe/Kyiv', '2024-10-27T01:00Z'],
  ['Asia/Kolkata', '2024-01-01T00:00Z'],
  ['Asia/Kathmandu', '2024-01-01T00:00Z'],
  ['Australia/Lord_Howe', '2024-04-06T15:00Z'],
  ['Australia/Lord_Howe', '2024-10-05T15:30Z'],
  ['America/St_Johns', '2024-03-10T05:30Z'],
  ['America/St_Johns', '2024-11-03T04:30Z'],
  ['Africa/Casablanca', '2024-03-10T02:00Z'],
  ['Africa/Casablanca', '2024-04-14T02:00Z'],
  ['America/Santiago', '2024-09-08T04:00Z'],
  ['America/Santiago', '2024-04-07T03:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['UTC', '1969-12-31T23:00Z'],
  ['Europe/Kyiv', '1970-01-01T00:00Z'],
  ['Asia/Kathmandu', '1986-01-01T00:00Z'],
]

describe.each(CASES)('in %s around %s', (timeZone, around) => {
  const [since, until] = [Date.parse(around) - 60 * HOUR_MS, Date.parse(around) + 60 * HOUR_MS]
  const events = makeEvents(since, until, 900)

  it('each hour equals a plain rebuild, in any order of arrival', async () => {
    await store(...events)
    await store(...events.slice(0, 300))
    const query = { by: 'hour', timeZone, since: iso(since), until: iso(until) }
    expectSameAsRebuild(await readTotals(query), events, 'hour', timeZone)
  })

  it('each day equals a plain rebuild, and the sum of its hours', async () => {
    await store(...events)
    const days = await readTotals({ by: 'day', timeZone, since: iso(since), until: iso(until) })
    expectSameAsRebuild(days, events, 'day', timeZone)
    const sum = days.totals.map(countsOf).reduce((a, b) => a.map((n, at) => n + (b[at] ?? 0)))
    expect(sum).toEqual(rebuild(events, () => 'all').get('all'))
  })

  it('hours are complete, wherever the period starts and ends', async () => {
    await store(...events)
    for (let minutes = -120; minutes <= 120; minutes += 20) {
      const start = Date.parse(around) + minutes * 60_000
      const query = { by: 'hour', timeZone, since: iso(start), until: iso(start + 2 * HOUR_MS) }
      expectSameAsRebuild(await readTotals(query), events, 'hour', timeZone)
    }
  })

  it('days are complete, wherever the period starts and ends', async () => {
    await store(...events)
    for (const hours of [-25, -24, -12, -2, -1, 0, 1, 2, 12]) {
      const start = Date.parse(around) + hours * HOUR_MS
      const query = { by: 'day', timeZone, since: iso(start), until: iso(start + 20 * HOUR_MS) }
      expectSameAsRebuild(await readTotals(query), events, 'day', timeZone)
    }
  })
})

describe('split', () => {
  it.each([
    ['channel', 'mediaType'],
    ['message', 'messageId'],
    ['broadcast', 'broadcastId'],
    ['workflow', 'workflowId'],
    ['sender', 'from'],
  ])('by %s, each line equals a plain rebuild', async (split, column) => {
    const since = Date.UTC(2024, 9, 26, 21)
    const events = makeEvents(since, since + 49 * HOUR_MS, 500)
    await store(...events)
    for (const by of ['hour', 'day'] as const) {
      const clock = clockIn('Europe/Kyiv')
      const placeOf = (time: number, key: unknown) => `${clock(time)[by]} ${String(key)}`
      const expected = rebuild(events, (event) => placeOf(timeOf(event), event[column]))
      const query = { by, split, timeZone: 'Europe/Kyiv', since: '2024-10-27', until: '2024-10-29' }
      const { totals } = await readTotals(query)
      const found = totals.map((line) => [placeOf(line.start, line[column]), countsOf(line)])
      expect(found).toHaveLength(expected.size)
      expect(new Map(found as [string, number[]][])).toEqual(expected)
    }
  })

  it('keeps every digit of an ID', async () => {
    const text = JSON.stringify([at('2024-01-01T00:00Z', { messageId: 1 })])
    const body = text.replace('"messageId":1', '"messageId":9007199254740993')
    await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
    const query = 'split=message&since=2024-01-01&until=2024-01-02'
    const response = await read(`/reports/totals?${query}`)
    expect(await response.text()).toContain('"messageId":9007199254740993,')
  })
})

describe('the period', () => {
  const day = { since: '2024-01-01', until: '2024-01-02', timeZone: 'UTC', by: 'hour' }

  it('has a line of zeros for each empty hour and day', async () => {
    const hours = (await readTotals(day)).totals
    expect(hours).toHaveLength(24)
    expect(
      hours
        .map(countsOf)
        .flat()
        .every((count) => count === 0),
    ).toBe(true)
    expect((await readTotals({ ...day, by: 'day', until: '2024-03-01' })).totals).toHaveLength(60)
  })

  it('can be combined with a filter by campaign', async () => {
    const events = makeEvents(Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 2), 200)
    await store(...events)
    const { totals } = await readTotals({ ...day, messageId: '1,2', mediaType: 'email' })
    const fitting = events.filter((e) => e['messageId'] !== 3 && e['mediaType'] === 'email')
    expect(totals.reduce((sum, { delivered }) => sum + delivered.events, 0)).toBe(
      fitting.filter((event) => event['activityStatus'] === 'DELIVERED').length,
    )
  })

  it('is the last day by hours, or the last thirty days, by default', async () => {
    await store(at(Date.now() - 5))
    for (const [by, lines] of [
      ['hour', 24],
      ['day', 30],
    ] as const) {
      const { totals } = await readTotals({ by })
      expect(totals).toHaveLength(lines)
      expect(totals.at(-1)?.delivered).toEqual({ events: 1, contacts: 1 })
    }
  })

  it.each([
    ['UTC', '2024-10-01', '2024-11-01', 744],
    ['Europe/Kyiv', '2024-10-01', '2024-11-01', 745],
    ['Europe/Kyiv', '2024-03-01', '2024-04-01', 743],
    ['Asia/Kathmandu', '2024-01-01', '2024-02-01', 744],
  ])('may be a month of 31 days by hours in %s from %s', async (timeZone, since, until, hours) => {
    expect((await readTotals({ by: 'hour', timeZone, since, until })).totals).toHaveLength(hours)
  })

  it('may be 400 days', async () => {
    const query = { by: 'day', timeZone: 'Europe/Kyiv', since: '2023-11-28', until: '2025-01-01' }
    expect((await readTotals(query)).totals).toHaveLength(400)
  })

  it.each([
    ['since=2024-01-01&until=2024-02-01T02:00&by=hour', 'since'],
    ['since=2023-01-01&until=2024-02-06&by=day', 'since'],
    ['since=0000-01-01&until=9999-01-01&by=hour', 'since'],
    ['since=-8640000000000000&until=8640000000000000', 'since'],
    ['since=2024-01-02&until=2024-01-01', 'since'],
    ['since=2024-01-01&until=2024-01-01', 'since'],
    ['by=week', 'by'],
    ['timeZone=Europe/Atlantis', 'timeZone'],
    ['timeZone=', 'timeZone'],
    ['split=status', 'split'],
    ['messageId=x', 'messageId'],
    ['limit=5', 'limit'],
  ])('is rejected by name: %s', async (query, parameter) => {
    const response = await read(`/reports/totals?${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { parameter } })
  })
})

it.each([
  'since=-8640000000000000&until=8640000000000000&by=hour',
  'since=-8640000000000000&until=8640000000000000&timeZone=Europe/Kyiv',
  'since=8639999999999000&until=8640000000000000',
  'since=-8640000000000000&until=-8639999999990000&timeZone=America/St_Johns',
  'until=-8640000000000000',
])('responds at once at the ends of time: %s', async (query) => {
  expect([200, 400]).toContain((await read(`/reports/totals?${query}`)).status)
})
