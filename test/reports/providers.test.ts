import { beforeEach, describe, expect, it } from 'vitest'
import { causeOf } from '../../src/event/bounce/cause.ts'
import { providerOf } from '../../src/event/mailbox-provider.ts'
import { Random } from '../../src/simulator/random.ts'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { store } from '../store-events.ts'

const [SECOND, HOUR] = [1_000, 3_600_000]
const START = Date.parse('2026-03-01T00:00Z')

type Event = Record<string, unknown>
type Count = { events: number; contacts: number }
type Rate = { numerator: number; denominator: number; rate: number | null }
type Line = {
  provider: string
  title: string
  time: string
  delivered: Count
  read: Count
  undelivered: Count & { hard: Count; soft: Count }
  causes: { cause: string; title: string; events: number; contacts: number; hard: number }[]
  rates: Record<string, Rate>
}
type Report = { report: Line[]; next: string | null; provider: string; title: string }

beforeEach(clearTables)

async function readReport(path: string): Promise<Report> {
  const response = await read(`/reports/providers${path}`)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
  return response.json()
}

const at = (time: number, changes: Event = {}) =>
  buildEvent({ activityDateTime: new Date(START + time).toISOString().slice(0, 19), ...changes })

const bounce = (time: number, email: string, changes: Event = {}) =>
  at(time, {
    activityStatus: 'UNDELIVERED',
    email,
    hardBounce: true,
    statusDescription: '550 5.1.1 user unknown',
    ...changes,
  })

const EMAILS = [
  'a@gmail.com',
  'b@Hotmail.com',
  'c@ukr.net',
  'd@shop.example.com',
  null,
  'e@live.com',
]
const TEXTS = ['5.1.1 user unknown', '4.2.2 mailbox full', null]
const STATUSES = [
  'DELIVERED',
  'UNDELIVERED',
  'UNDELIVERED',
  'READ',
  'CLICKED',
  'SPAM',
  'UNSUBSCRIBED',
]

function makeEvents(seed: number): Event[] {
  const random = new Random(seed)
  const events: Event[] = []
  for (let delivery = 0; delivery < 60; delivery++) {
    const sent = {
      iid: random.uuid(),
      contactId: random.chance(0.05) ? null : random.between(1, 20),
      messageId: random.between(1, 3),
      mediaType: random.pick(['email', 'email', 'email', 'sms']),
      email: random.pick(EMAILS),
    }
    const begin = random.between(0, 6 * 3_600)
    const seconds = new Set<string>()
    for (let count = random.between(1, 7); count > 0; count--) {
      const activityStatus = random.pick(STATUSES)
      const second = begin + random.between(0, 7_200)
      if (seconds.has(`${second}`)) continue // their order would be chance
      seconds.add(`${second}`)
      events.push(
        at(second * SECOND, {
          ...sent,
          activityStatus,
          ...(activityStatus === 'UNDELIVERED' && {
            hardBounce: random.pick([true, false, null]),
            statusDescription: random.pick(TEXTS),
          }),
        }),
      )
    }
  }
  return events
}

type Stored = Event & { occurredAt: number; activityStatus: string; contactId: number | null }

/** Counts as with pencil and paper. */
function countPlainly(events: readonly Event[]) {
  const lines = new Map<string, Record<string, number>>()
  const add = (provider: string, name: string, count = 1) => {
    const line = lines.get(provider) ?? {}
    line[name] = (line[name] ?? 0) + count
    lines.set(provider, line)
  }
  for (const own of Map.groupBy(events, ({ iid }) => iid).values()) {
    const sorted = own
      .map((event) => ({ ...event, occurredAt: Date.parse(`${event['activityDateTime']}Z`) }))
      .toSorted((a, b) => a.occurredAt - b.occurredAt) as Stored[]
    const seen = new Set<string>()
    for (const { activityStatus: status, contactId, email, mediaType, ...event } of sorted) {
      const isFirst = (kind: string) => contactId !== null && !seen.has(kind)
      const kinds = [status]
      if (status === 'UNDELIVERED' && event['hardBounce'] !== null) {
        kinds.push(event['hardBounce'] === true ? 'hard' : 'soft')
      }
      if (mediaType === 'email' && typeof email === 'string') {
        const provider = providerOf(email.slice(email.indexOf('@') + 1))
        for (const kind of kinds) {
          add(provider, `${kind} events`)
          if (isFirst(kind)) add(provider, `${kind} contacts`)
        }
        const isAttempt = status === 'DELIVERED' || status === 'UNDELIVERED'
        if (isAttempt && isFirst('DELIVERED') && isFirst('UNDELIVERED')) add(provider, 'attempted')
        if (status === 'UNDELIVERED') {
          add(provider, `cause ${causeOf(event['statusDescription'] as string | null, 'email')}`)
        }
      }
      for (const kind of kinds) seen.add(kind)
    }
  }
  return lines
}

describe('GET /reports/providers', () => {
  it.each([1, 2, 3])('agrees with plain counting (seed %i)', async (seed) => {
    const events = makeEvents(seed)
    await store(...events)
    await rollUpAll(undefined, 50)
    const plain = countPlainly(events)
    const { report } = await readReport('?limit=100')
    expect(report.map(({ provider }) => provider).toSorted()).toEqual([...plain.keys()].toSorted())
    for (const { provider, causes, rates, ...counts } of report) {
      const of = (name: string) => plain.get(provider)?.[name] ?? 0
      const count = (kind: string) => ({
        events: of(`${kind} events`),
        contacts: of(`${kind} contacts`),
      })
      expect(counts).toMatchObject({
        delivered: count('DELIVERED'),
        read: count('READ'),
        clicked: count('CLICKED'),
        undelivered: { ...count('UNDELIVERED'), hard: count('hard'), soft: count('soft') },
        spam: count('SPAM'),
        unsubscribed: count('UNSUBSCRIBED'),
      })
      expect(Object.fromEntries(causes.map((each) => [each.cause, each.events]))).toEqual(
        Object.fromEntries(
          Object.entries(plain.get(provider) ?? {}).flatMap(([name, number]) =>
            name.startsWith('cause ') ? [[name.slice(6), number]] : [],
          ),
        ),
      )
      const people = causes.reduce((sum, { contacts }) => sum + contacts, 0)
      expect(people).toBe(of('UNDELIVERED contacts'))
      expect(rates['undelivered']).toMatchObject({
        numerator: of('UNDELIVERED contacts'),
        denominator: of('attempted'),
      })
      expect(rates['read']?.denominator).toBe(of('DELIVERED contacts'))
    }
  })

  it('names providers, and the causes of their bounces', async () => {
    await store(
      at(0, { email: 'a@outlook.com' }),
      bounce(1, 'b@hotmail.com'),
      bounce(2, 'c@live.com', { hardBounce: false, statusDescription: '452 4.2.2 mailbox full' }),
      bounce(3, 'd@msn.com'),
    )
    await rollUpAll()
    const { report } = await readReport('')
    expect(report).toMatchObject([
      {
        provider: 'outlook',
        title: 'Outlook, Hotmail',
        undelivered: { contacts: 3, hard: { contacts: 2 }, soft: { contacts: 1 } },
        causes: [
          { cause: 'mailboxUnknown', title: 'Mailbox unknown', events: 2, contacts: 2, hard: 2 },
          { cause: 'mailboxFull', title: 'Mailbox full', events: 1, contacts: 1, hard: 0 },
        ],
        rates: { undelivered: { numerator: 3, denominator: 4, rate: 0.75 } },
      },
    ])
  })

  it('leaves out the small ones, sorts, searches and has pages', async () => {
    const deliveries = [
      ...Array.from({ length: 5 }, () => at(0, { email: 'a@gmail.com' })),
      ...Array.from({ length: 3 }, () => at(0, { email: 'a@ukr.net' })),
      at(0, { email: 'a@shop.example.com' }),
    ]
    await store(...deliveries, bounce(0, 'b@ukr.net'), bounce(0, 'b@shop.example.com'))
    await rollUpAll()
    const names = async (path: string) =>
      (await readReport(path)).report.map(({ provider }) => provider)
    expect(await names('')).toEqual(['gmail', 'ukr.net', 'shop.example.com'])
    expect(await names('?minVolume=3')).toEqual(['gmail', 'ukr.net'])
    expect(await names('?sort=undelivered')).toEqual(['shop.example.com', 'ukr.net', 'gmail'])
    expect(await names('?sort=undelivered&minVolume=3')).toEqual(['ukr.net', 'gmail'])
    expect(await names('?search=Example')).toEqual(['shop.example.com'])
    for (const sort of ['largest', 'undelivered', 'read']) {
      const all = await names(`?sort=${sort}`)
      const first = await readReport(`?sort=${sort}&limit=1`)
      const second = await readReport(`?sort=${sort}&limit=2&cursor=${first.next}`)
      expect([...first.report, ...second.report].map(({ provider }) => provider)).toEqual(all)
      expect(second.next).toBeNull()
    }
  })

  it('says nothing about other channels', async () => {
    await store(bounce(0, 'a@gmail.com', { mediaType: 'sms', sms: '380670000000' }))
    await rollUpAll()
    expect((await readReport('')).report).toEqual([])
  })
})

describe('GET /reports/providers/{provider}', () => {
  const PERIOD = 'since=2026-03-01T00:00Z&until=2026-03-01T04:00Z'

  it('shows since when a provider rejects messages', async () => {
    await store(
      ...[0, 1].map((hour) => at(hour * HOUR, { email: 'a@outlook.com' })),
      ...[2, 3].map((hour) => bounce(hour * HOUR, 'a@outlook.com')),
      bounce(0, 'a@gmail.com'),
    )
    await rollUpAll()
    const { report, provider, title } = await readReport(`/hotmail.com?by=hour&${PERIOD}`)
    expect([provider, title]).toEqual(['outlook', 'Outlook, Hotmail'])
    expect(report.map(({ time, rates }) => [time, rates['undelivered']?.rate])).toEqual([
      ['2026-03-01T00:00', 0],
      ['2026-03-01T01:00', 0],
      ['2026-03-01T02:00', 1],
      ['2026-03-01T03:00', 1],
    ])
    expect(report[2]?.causes).toMatchObject([{ cause: 'mailboxUnknown' }])
  })

  it('counts days of a zone', async () => {
    await store(...[0, 21, 23].map((hour) => at(hour * HOUR, { email: 'a@gmail.com' })))
    await rollUpAll()
    const { report } = await readReport(
      '/gmail?timeZone=Europe/Kyiv&since=2026-03-01&until=2026-03-03',
    )
    expect(report.map(({ time, delivered }) => [time, delivered.events])).toEqual([
      ['2026-03-01', 2],
      ['2026-03-02', 1],
    ])
  })
})
