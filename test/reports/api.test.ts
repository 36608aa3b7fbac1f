import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { read } from '../receiver.ts'
import { store, storeText } from '../store-events.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type Count = { events: number; contacts: number }
type Line = Event & { read: Count; delivered: Count; others: object; rates: Record<string, Rate> }
type Report = { report: Line[]; next: string | null; period: object; scanned: object }

const QUARTER_MS = 900_000

async function readReport(path: string): Promise<Report> {
  const response = await read(`/reports/${path}`)
  expect(response.status).toBe(200)
  return response.json()
}

const at = (time: number, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString(), ...changes })

const readLines = async (path: string) => (await readReport(path)).report

const timeOf = (event: Event) => Date.parse(String(event['activityDateTime']))

/** Events of few deliveries, so that many statuses occur more than once for the same delivery. */
function makeEvents(seed: number, size: number): Event[] {
  const random = new Random(seed)
  const start = Date.UTC(2024, 0, 1, 10)
  const deliveries = Array.from({ length: Math.ceil(size / 4) }, (_, place) => ({
    iid: random.uuid(),
    contactId: random.chance(0.1) ? null : 1 + (place % 9),
    messageId: random.chance(0.1) ? null : random.between(1, 6),
    broadcastId: random.chance(0.4) ? null : random.between(11, 13),
    workflowId: random.chance(0.4) ? null : random.between(21, 23),
    mediaType: random.pick(['email', 'sms', 'webpush']),
    from: random.pick(['Shop', 'Магазин', null]),
    messageTag: random.pick(['spring', 'autumn', null]),
    messageLanguageCode: random.pick(['uk', 'en', null]),
    workflowBlockId: random.pick(['_first', '_second', null]),
  }))
  const statuses = ['DELIVERED', 'READ', 'CLICKED', 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED', 'PAUSED']
  const events = Array.from({ length: size }, () =>
    at(start + random.between(0, 11) * QUARTER_MS + random.pick([0, 1, 899_999]), {
      ...random.pick(deliveries),
      activityStatus: random.pick(statuses),
      hardBounce: random.pick([true, false, null]),
    }),
  )
  const identities = events.map((each) =>
    JSON.stringify([each['iid'], each['activityStatus'], timeOf(each)]),
  )
  return events.filter((_, place) => identities.indexOf(identities[place] ?? '') === place)
}

/** Reads the lines of all pages. */
async function readEveryLine(path: string): Promise<Line[]> {
  const lines: Line[] = []
  let next: string | null = ''
  while (next !== null && lines.length < 50) {
    const cursor: string = next && `&cursor=${encodeURIComponent(next)}`
    const page: Report = await readReport(path + cursor)
    lines.push(...page.report)
    next = page.next
  }
  return lines
}

type Rate = { numerator: number; denominator: number; rate: number | null; incomplete: boolean }

/** The sort key of a line: its rate, and the denominator. */
function rateOf(line: Line, status: string): { rate: number; volume: number } {
  const { numerator, denominator, rate } = line.rates[status] as Rate
  if (rate === null) return { rate: -1, volume: 0 }
  return { rate: numerator / denominator, volume: denominator }
}

type Period = { since: number; until: number }
const ALWAYS: Period = { since: -Infinity, until: Infinity }

/** Counts as with pencil and paper: a contact once for each delivery, when something first happened. */
function rebuild(events: Event[], column: string, period = ALWAYS): Map<unknown, Event> {
  const seen = new Set<string>()
  const groups = new Map<unknown, Map<string, Count>>()
  for (const event of events.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const { activityStatus, hardBounce, iid, contactId } = event
    const kinds = [String(activityStatus)]
    if (activityStatus === 'UNDELIVERED' && hardBounce !== null) kinds.push(`hard=${hardBounce}`)
    for (const kind of kinds) {
      const isFirst = contactId !== null && !seen.has(`${iid} ${kind}`)
      if (contactId !== null) seen.add(`${iid} ${kind}`)
      const isInside = timeOf(event) >= period.since && timeOf(event) < period.until
      if (!isInside || event[column] === null) continue
      const group = groups.get(event[column]) ?? new Map<string, Count>()
      groups.set(event[column], group)
      const count = group.get(kind) ?? { events: 0, contacts: 0 }
      group.set(kind, { events: count.events + 1, contacts: count.contacts + Number(isFirst) })
      if (isFirst && kind === 'DELIVERED' && seen.has(`${iid} UNDELIVERED`)) repeat(group)
      if (isFirst && kind === 'UNDELIVERED' && seen.has(`${iid} DELIVERED`)) repeat(group)
    }
  }
  return new Map([...groups].map(([key, kinds]) => [key, describeKinds(kinds)]))
}

/** Counts a delivery that was both delivered and not. */
function repeat(group: Map<string, Count>): void {
  const { contacts } = group.get('repeated') ?? { contacts: 0 }
  group.set('repeated', { events: 0, contacts: contacts + 1 })
}

function describeKinds(kinds: Map<string, Count>): Event {
  const of = (kind: string) => kinds.get(kind) ?? { events: 0, contacts: 0 }
  const [delivered, undelivered] = [of('DELIVERED').contacts, of('UNDELIVERED').contacts]
  const either = delivered + undelivered - of('repeated').contacts
  const attempted = Math.max(either, delivered, undelivered)
  const over = ({ contacts: numerator }: Count, denominator = delivered) => ({
    numerator,
    denominator,
    rate:
      denominator === 0 || numerator > denominator
        ? null
        : expect.closeTo(numerator / denominator, 4),
    incomplete: numerator > denominator,
  })
  return {
    sent: of('SENT'),
    delivered: of('DELIVERED'),
    read: of('READ'),
    clicked: of('CLICKED'),
    undelivered: { ...of('UNDELIVERED'), hard: of('hard=true'), soft: of('hard=false') },
    spam: of('SPAM'),
    unsubscribed: of('UNSUBSCRIBED'),
    subscriptionChanged: of('SUBSCRIPTION_CHANGED'),
    others: kinds.has('PAUSED') ? { PAUSED: of('PAUSED') } : {},
    rates: {
      read: over(of('READ')),
      clicked: over(of('CLICKED')),
      undelivered: over(of('UNDELIVERED'), attempted),
      hardBounced: over(of('hard=true'), attempted),
      spam: over(of('SPAM')),
      unsubscribed: over(of('UNSUBSCRIBED')),
    },
  }
}

function expectLines(lines: Line[], column: string, expected: Map<unknown, Event>): void {
  expect(lines.map((line) => line[column]).sort()).toEqual([...expected.keys()].sort())
  for (const line of lines) expect(line).toMatchObject(expected.get(line[column]) ?? {})
}

const REPORTS = [
  ['messages', 'messageId'],
  ['broadcasts', 'broadcastId'],
  ['workflows', 'workflowId'],
  ['channels', 'mediaType'],
  ['senders', 'from'],
  ['tags', 'messageTag'],
  ['languages', 'messageLanguageCode'],
  ['blocks', 'workflowBlockId'],
] as const

describe.each(REPORTS)('/reports/%s', (name, column) => {
  it.each([1, 2, 3])(
    'equals a plain rebuild of events that arrived out of order and repeatedly: %i',
    async (seed) => {
      const events = makeEvents(seed, 200)
      await store(...events.slice(100))
      await store(...events.slice(0, 100))
      await store(...events.slice(50, 150))
      await store(...events)
      const { report, next, scanned } = await readReport(`${name}?limit=100`)
      expectLines(report, column, rebuild(events, column))
      expect(next).toBeNull()
      expect(scanned).toMatchObject({ complete: true })
    },
  )

  it('counts a period at and across quarters and hours', async () => {
    const events = makeEvents(4, 300)
    await store(...events)
    const start = Date.UTC(2024, 0, 1, 10)
    for (let first = 0; first < 12; first += 1) {
      for (const last of [first + 1, first + 2, first + 3, first + 5]) {
        const period = { since: start + first * QUARTER_MS, until: start + last * QUARTER_MS }
        const { report } = await readReport(`${name}?since=${period.since}&until=${period.until}`)
        expectLines(report, column, rebuild(events, column, period))
      }
    }
  })

  it('extends a period to quarters of an hour, and says so', async () => {
    const events = makeEvents(5, 100)
    await store(...events)
    const { report, period } = await readReport(
      `${name}?since=2024-01-01T10:16&until=2024-01-01T11:31`,
    )
    const widened = { since: Date.UTC(2024, 0, 1, 10, 15), until: Date.UTC(2024, 0, 1, 11, 45) }
    expect(period).toEqual(widened)
    expectLines(report, column, rebuild(events, column, widened))
  })

  it.each([1, 2, 3, 7])('has each line once in pages of %i, in any order', async (limit) => {
    const events = makeEvents(6, 200)
    await store(...events)
    for (const query of ['', '&sort=largest', '&since=2024-01-01T10:15&until=2024-01-01T10:30']) {
      const lines: Line[] = []
      let cursor = ''
      do {
        const page = await readReport(`${name}?limit=${limit}${query}${cursor}`)
        expect(page.report.length).toBeLessThanOrEqual(limit)
        lines.push(...page.report)
        cursor = page.next === null ? '' : `&cursor=${page.next}`
      } while (cursor !== '' && lines.length < 50)
      const inside = query.includes('since')
        ? { since: Date.UTC(2024, 0, 1, 10, 15), until: Date.UTC(2024, 0, 1, 10, 30) }
        : ALWAYS
      expectLines(lines, column, rebuild(events, column, inside))
      const sizes = lines.map(({ delivered }) => delivered.contacts)
      if (query === '&sort=largest') expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    }
  })

  it.each(['read', 'clicked', 'undelivered', 'spam', 'unsubscribed'])(
    'sorts by the rate of %s, then by the number delivered, in pages of two',
    async (sort) => {
      const events = makeEvents(8, 400)
      await store(...events)
      for (const span of ['', '&since=2024-01-01T10:15&until=2024-01-01T12:30']) {
        const lines = await readEveryLine(`${name}?limit=2&sort=${sort}${span}`)
        const inside = span
          ? { since: Date.UTC(2024, 0, 1, 10, 15), until: Date.UTC(2024, 0, 1, 12, 30) }
          : ALWAYS
        const counted = rebuild(events, column, inside)
        expectLines(lines, column, counted)
        const rates = lines.map((line) => rateOf(line, sort))
        expect(rates).toEqual(rates.toSorted((a, b) => b.rate - a.rate || b.volume - a.volume))
      }
    },
  )

  it.each([
    ['mediaType=sms', (event: Event) => event['mediaType'] === 'sms'],
    ['mediaType=sms,web%20push', (event: Event) => event['mediaType'] !== 'email'],
    ['messageId=1,2', (event: Event) => event['messageId'] === 1 || event['messageId'] === 2],
    ['broadcastId=11', (event: Event) => event['broadcastId'] === 11],
    ['workflowId=22', (event: Event) => event['workflowId'] === 22],
    ['from=%D0%9C%D0%B0%D0%B3%D0%B0%D0%B7%D0%B8%D0%BD', (e: Event) => e['from'] === 'Магазин'],
    ['messageTag=spring', (event: Event) => event['messageTag'] === 'spring'],
    ['messageId=99', () => false],
    [
      'mediaType=email&messageTag=autumn',
      (event: Event) => event['mediaType'] === 'email' && event['messageTag'] === 'autumn',
    ],
  ])('counts only events that match %s', async (filter, fits) => {
    const events = makeEvents(7, 300)
    await store(...events)
    const { report } = await readReport(`${name}?${filter}`)
    expectLines(report, column, rebuild(events.filter(fits), column))
  })

  it.each(['foo', 'limit=0', 'limit=101', 'sort=oldest', 'cursor=x', 'since=x', 'messageId=x'])(
    'rejects %s with the name of the parameter',
    async (query) => {
      const response = await read(`/reports/${name}?${query}`)
      expect(response.status).toBe(400)
      const { error } = await response.json<{ error: Event }>()
      expect(error).toMatchObject({ parameter: query.split('=')[0], code: 'invalid_parameter' })
    },
  )
})

const READ = { activityStatus: 'READ' }
const second = (number: number) => ({ activityDateTime: `2024-01-01T00:00:0${number}` })

describe('a contact', () => {
  it('who reads five times is one reader, in any order of arrival', async () => {
    const reads = [3, 1, 4, 0, 2].map((each) =>
      buildEvent({ ...READ, iid: 'one', ...second(each) }),
    )
    await store(...reads.slice(0, 2))
    await store(...reads.slice(1))
    await store(...reads)
    expect(await readLines('messages')).toMatchObject([{ read: { events: 5, contacts: 1 } }])
  })

  it('counts in the period of the first read, even if that arrives last', async () => {
    const early = buildEvent({ ...READ, iid: 'one', activityDateTime: '2024-01-01T10:59:59' })
    const late = buildEvent({ ...READ, iid: 'one', activityDateTime: '2024-01-01T11:00:00' })
    await store(late)
    expect(await readLines('messages?since=2024-01-01T11:00')).toMatchObject([
      { read: { contacts: 1 } },
    ])
    await store(early)
    const after = await readLines('messages?since=2024-01-01T11:00')
    expect(after).toMatchObject([{ read: { events: 1, contacts: 0 } }])
    const before = await readLines('messages?until=2024-01-01T11:00')
    expect(before).toMatchObject([{ read: { events: 1, contacts: 1 } }])
  })

  it('without an iid counts once for each message', async () => {
    const event = (messageId: number, each: number) =>
      buildEvent({ ...READ, ...second(each), iid: null, messageId })
    await store(event(1, 1), event(1, 2), event(2, 1), event(2, 2), event(2, 3))
    expect(await readLines('messages')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          messageId: 1,
          read: expect.objectContaining({ events: 2, contacts: 1 }),
        }),
        expect.objectContaining({
          messageId: 2,
          read: expect.objectContaining({ events: 3, contacts: 1 }),
        }),
      ]),
    )
  })

  it('counts once for each message if the iid is empty', async () => {
    await store(buildEvent({ ...READ, iid: '', messageId: 1 }))
    await store(buildEvent({ ...READ, iid: '', messageId: 2 }))
    for (const line of await readLines('messages'))
      expect(line.read).toMatchObject({ events: 1, contacts: 1 })
  })
})

describe('a bounce', () => {
  it('of unknown type is neither hard nor soft', async () => {
    const bounce = { activityStatus: 'UNDELIVERED' }
    await store(buildEvent(bounce), buildEvent({ ...bounce, hardBounce: null }))
    await store(buildEvent({ ...bounce, hardBounce: 'yes' }))
    await store(buildEvent({ ...bounce, hardBounce: true }))
    await store(buildEvent({ ...bounce, hardBounce: false }))
    const one = { events: 1, contacts: 1 }
    const undelivered = { events: 5, contacts: 5, hard: one, soft: one }
    expect(await readLines('channels')).toMatchObject([{ undelivered }])
  })
})

describe('an undocumented status', () => {
  it.each(['PAUSED', 'paused', 'constructor', 'toString', '__proto__', 'Статус', 'x'.repeat(99)])(
    'is counted under others: %s',
    async (activityStatus) => {
      await store(buildEvent({ activityStatus }))
      const [line] = await readLines('messages')
      expect(Object.entries(line?.others ?? {})).toEqual([
        [activityStatus, { events: 1, contacts: 1 }],
      ])
      expect(Object.keys(line ?? {})).not.toContainEqual(expect.stringContaining('function'))
    },
  )
})

describe('rates', () => {
  it('are null if nothing was delivered', async () => {
    await store(buildEvent(READ))
    const read = { numerator: 1, denominator: 0, rate: null }
    expect(await readLines('messages')).toMatchObject([{ rates: { read } }])
  })

  it('are contacts over contacts', async () => {
    const delivered = [1, 2, 3].map((contactId) => buildEvent({ contactId }))
    const { iid } = delivered[0] ?? {}
    const clicks = [1, 2].map((each) =>
      buildEvent({ iid, contactId: 1, activityStatus: 'CLICKED', ...second(each) }),
    )
    await store(...delivered, ...clicks)
    const clicked = { numerator: 1, denominator: 3, rate: 0.3333 }
    expect(await readLines('messages')).toMatchObject([{ rates: { clicked } }])
  })
})

describe('a line', () => {
  it('keeps every digit of an ID', async () => {
    const ids = ['9007199254740993', '9007199254740992', '9223372036854775807']
    for (const id of ids) {
      const text = JSON.stringify(buildEvent({ messageId: 1, broadcastId: 2, workflowId: 3 }))
      await storeText(text.replace(/(messageId|broadcastId|workflowId)":\d/g, `$1":${id}`))
    }
    for (const [name, column] of [
      ['messages', 'messageId'],
      ['broadcasts', 'broadcastId'],
      ['workflows', 'workflowId'],
    ]) {
      const text = await (await read(`/reports/${name}`)).text()
      const found = [...text.matchAll(new RegExp(`"${column}":(\\d+)`, 'g'))].map(([, id]) => id)
      expect(found.toSorted()).toEqual(ids.toSorted())
      for (const id of ids) {
        const one = await (await read(`/reports/${name}?${column}=${id}`)).text()
        expect(one).toContain(`"${column}":${id},`)
        expect(one).toContain('"delivered":{"events":1,"contacts":1}')
      }
    }
  })

  it('has the newest name of a message, and counts all its names', async () => {
    await store(buildEvent({ messageName: 'Draft' }), buildEvent({ messageName: 'Draft' }))
    await store(buildEvent({ messageName: 'Spring sale' }))
    const delivered = { events: 3, contacts: 3 }
    expect(await readLines('messages')).toMatchObject([{ messageName: 'Spring sale', delivered }])
  })

  it('has the first and last hour of its events', async () => {
    await store(
      buildEvent({ activityDateTime: '2024-01-01T10:59:59' }),
      buildEvent({ activityDateTime: '2024-01-03T12:00:00' }),
    )
    const [firstHour, lastHour] = [Date.UTC(2024, 0, 1, 10), Date.UTC(2024, 0, 3, 12)]
    expect(await readLines('messages')).toMatchObject([{ firstHour, lastHour }])
  })

  it('is left out for events without the dimension', async () => {
    await store(buildEvent({ broadcastId: null }), buildEvent({ broadcastId: 5 }))
    expect(await readLines('broadcasts')).toMatchObject([
      { broadcastId: 5, delivered: { events: 1, contacts: 1 } },
    ])
  })

  it('exists for each tag of a message with several', async () => {
    await store(buildEvent({ messageTag: 'spring,sale' }), buildEvent({ messageTag: 'sale' }))
    const lines = await readLines('tags')
    expect(lines.map(({ messageTag, delivered }) => [messageTag, delivered.events]).sort()).toEqual(
      [
        ['sale', 2],
        ['spring', 1],
      ],
    )
  })

  it('counts a repeated tag once', async () => {
    await store(buildEvent({ messageTag: 'sale, spring,sale ,, sale' }))
    for (const sort of ['newest', 'largest', 'read']) {
      const lines = await readLines(`tags?sort=${sort}`)
      const found = lines.map(({ messageTag, delivered }) => [messageTag, delivered.contacts])
      expect(found.toSorted()).toEqual([
        ['sale', 1],
        ['spring', 1],
      ])
    }
  })

  it('is found by the last of many tags', async () => {
    const tags = Array.from({ length: 20 }, (_, place) => `long-tag-number-${place}`)
    await store(buildEvent({ messageTag: tags.join(',') }))
    expect(await readLines('messages?messageTag=long-tag-number-19')).toHaveLength(1)
  })

  it('is first if it is the newest, or the largest', async () => {
    for (const [messageId, times] of [
      [1, 2],
      [2, 3],
      [3, 1],
    ] as const) {
      await store(...Array.from({ length: times }, () => buildEvent({ messageId })))
    }
    const ids = async (query: string) => (await readLines(query)).map(({ messageId }) => messageId)
    expect(await ids('messages')).toEqual([3, 2, 1])
    expect(await ids('messages?sort=newest')).toEqual([3, 2, 1])
    expect(await ids('messages?sort=largest')).toEqual([2, 1, 3])
  })

  it('is last by a rate that it does not have, however large it is', async () => {
    const statuses = ['READ', 'CLICKED', 'SPAM', 'UNSUBSCRIBED']
    await store(buildEvent({ messageId: 1 }), buildEvent({ messageId: 1 }))
    await store(
      ...[1, 2, 3].flatMap((contactId) =>
        statuses.map((activityStatus) => buildEvent({ messageId: 2, contactId, activityStatus })),
      ),
    )
    await store(buildEvent({ messageId: 3 }))
    for (const status of statuses) {
      const lines = await readEveryLine(`messages?limit=1&sort=${status.toLowerCase()}`)
      expect(lines.map(({ messageId }) => messageId)).toEqual([1, 3, 2])
    }
  })

  it('is first if it started last, even if another was renamed later', async () => {
    await store(buildEvent({ messageId: 1, messageName: 'Draft' }))
    await store(buildEvent({ messageId: 2 }))
    await store(buildEvent({ messageId: 1, messageName: 'Spring sale', ...second(1) }))
    const lines = await readLines('messages?sort=newest')
    expect(lines.map(({ messageId }) => messageId)).toEqual([2, 1])
  })

  it('of one page does not occur on the next, even if others are added meanwhile', async () => {
    for (let messageId = 1; messageId <= 5; messageId++) await store(buildEvent({ messageId }))
    const response = await read('/reports/messages?limit=2')
    const first = await response.json<{ report: Line[]; next: string }>()
    await store(buildEvent({ messageId: 6 }))
    const rest = await readLines(`messages?cursor=${first.next}`)
    const seen = [...first.report, ...rest].map(({ messageId }) => messageId)
    expect(seen).toEqual([5, 4, 3, 2, 1])
  })
})

it('is separate for each tag of one message, the largest first, in pages of one', async () => {
  await store(
    at(0, { messageId: 1, messageTag: 'a,b', contactId: 1 }),
    at(0, { messageId: 2, messageTag: 'b, c', contactId: 2 }),
  )
  for (const sort of ['largest', 'newest']) {
    const found: unknown[] = []
    let next: string | null = ''
    while (next !== null) {
      const query = new URLSearchParams({ sort, limit: '1', ...(next && { cursor: next }) })
      const page: {
        report: { messageTag: string; delivered: { contacts: number } }[]
        next: string | null
      } = await (await read(`/reports/tags?${query}`)).json()
      found.push(...page.report.map((line) => [line.messageTag, line.delivered.contacts]))
      next = page.next
    }
    expect(found.toSorted()).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 1],
    ])
    if (sort === 'largest') expect(found[0]).toEqual(['b', 2])
  }
})

it('says so if there is too much to count', async () => {
  await store(
    at(0, { messageId: 1, mediaType: 'email' }),
    at(0, { messageId: 2, mediaType: 'viber' }),
  )
  // One event in the last quarter of each of many hours.
  await env.DB.prepare(
    `WITH RECURSIVE hours (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM hours WHERE place < 60000)
     INSERT INTO totals SELECT campaign, place * 3600000, 'READ', -1, 0, 0, 0, 1, 0, 0, 0, 1
     FROM hours CROSS JOIN campaigns WHERE true ON CONFLICT DO NOTHING`,
  ).run()
  for (const query of ['since=1970-01-01T00:15:00Z', 'since=1970-01-01T00:15:00Z&sort=largest']) {
    const response = await read(`/reports/messages?${query}`)
    const page = await response.json<{ next: string | null; scanned: { complete: boolean } }>()
    expect(page.scanned.complete && page.next === null).toBe(false)
  }
  const channels = await read('/reports/channels?until=1975-01-01&since=1970-01-01T00:15:00Z')
  expect(await channels.json()).toMatchObject({ report: [{}, {}], scanned: { complete: true } })
})

it('continues after a sender without a name', async () => {
  await store(at(0, { from: 'Shop' }), at(1, { from: '' }))
  for (const sort of ['newest', 'largest']) {
    const names: unknown[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ sort, limit: '1', ...(cursor && { cursor }) })
      const response = await read(`/reports/senders?${query}`)
      const page = await response.json<{ report: { from: string }[]; next: string | null }>()
      names.push(...page.report.map(({ from }) => from))
      cursor = page.next
    }
    expect(names.toSorted()).toEqual(['', 'Shop'])
  }
})

describe('a search', () => {
  const find = async (path: string, search: string) => {
    const [report, given] = path.split('?')
    const query = new URLSearchParams(given)
    query.set('search', search)
    return (await readReport(`${report}?${query}`)).report
  }

  it.each([
    ['розпродаж', [1]],
    ['ВЕСНЯНИЙ', [1]],
    ['spring', [2]],
    ['STRASSE', []],
    ['straße', [3]],
    ['магазин', [3]],
    ['2', [2]],
    ['%', []],
    ['_', []],
    ["' OR 1=1 --", []],
  ])('for %s finds messages by name, tag, sender or the whole ID', async (search, expected) => {
    await store(
      buildEvent({ messageId: 1, messageName: 'Весняний Розпродаж' }),
      buildEvent({ messageId: 2, messageTag: 'sale,Spring' }),
      buildEvent({ messageId: 3, messageName: 'Hauptstraße', from: 'Магазин' }),
      buildEvent({ messageId: 2222 }),
      buildEvent({ messageId: null, messageName: 'Spring' }),
    )
    const lines = await find('messages', search)
    expect(lines.map(({ messageId }) => messageId)).toEqual(expected)
  })

  it('finds a message by an earlier name, and counts all its names', async () => {
    await store(buildEvent({ messageName: 'Draft' }), buildEvent({ messageName: 'Spring sale' }))
    expect(await find('messages', 'draft')).toMatchObject([{ delivered: { contacts: 2 } }])
  })

  it('finds tags, senders and channels by a part of them', async () => {
    await store(
      buildEvent({ messageTag: 'spring, sale', from: 'Shop', messageName: 'Viber' }),
      buildEvent({ messageTag: 'autumn', from: 'Крамниця', mediaType: 'viber' }),
    )
    expect(await find('tags', 'SAL')).toMatchObject([{ messageTag: 'sale' }])
    expect(await find('senders', 'крам')).toMatchObject([{ from: 'Крамниця' }])
    expect(await find('channels', 'viber')).toMatchObject([{ mediaType: 'viber' }])
    expect(await find('tags', 'autumn spring')).toEqual([])
  })

  it('can be combined with a filter, in every order', async () => {
    await store(
      buildEvent({ messageId: 1, messageName: 'Sale', mediaType: 'email' }),
      buildEvent({ messageId: 2, messageName: 'Sale', mediaType: 'viber' }),
      buildEvent({ messageId: 3, messageName: 'Other' }),
    )
    for (const sort of ['newest', 'largest', 'read']) {
      const ids = async (query: string) =>
        (await find(`messages?sort=${sort}&${query}`, 'sale')).map(({ messageId }) => messageId)
      expect(await ids('')).toEqual([2, 1])
      expect(await ids('mediaType=viber')).toEqual([2])
      expect(await ids('messageId=0001,3')).toEqual([1])
    }
  })

  it('covers the newest 10,000 campaigns, and says if there are more', async () => {
    await store(buildEvent({ messageId: 1, messageName: 'Oldest' }))
    await env.DB.prepare(
      `WITH RECURSIVE more (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM more WHERE id < 10000)
       INSERT INTO campaigns (key, messageId, messageName) SELECT 'made ' || id, id, 'Made' FROM more`,
    ).run()
    const whole = await readReport('messages?search=oldest')
    expect(whole).toMatchObject({ report: [{ messageId: 1 }], scanned: { complete: true } })
    await store(buildEvent({ messageId: 20_000 }))
    const cut = await readReport('messages?search=oldest')
    expect(cut).toMatchObject({ report: [], scanned: { complete: false } })
  })
})
