import { DAY_MS } from '../../src/event/clock.ts'
import type { Contact } from '../../src/simulator/shop/contacts.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import type { Count, Truth } from '../../src/simulator/shop/truth.ts'
import { alike, pathOf, same, type Asker } from './ask.ts'
import { checkCauses } from './causes.ts'
import {
  expectLine,
  expectRates,
  hourOfWeek,
  inSpan,
  largestMessages,
  messageOf,
  ofMessage,
  weekOf,
  type Span,
} from './expected.ts'
import type { Context, Question } from './question.ts'

type Line = Record<string, unknown>
type Rate = { numerator: number; denominator: number }

/** An event without a value is in no line. */
const known = (value: string | undefined) => (value === undefined ? [] : [value])

/** Compares all lines of a report with the groups of the events. */
async function checkReport(
  { asker, filled: { truth } }: Context,
  path: string,
  query: Readonly<Record<string, string | number>>,
  events: readonly ShopEvent[],
  [field, keysOf]: [string, (event: ShopEvent) => readonly unknown[]],
): Promise<void> {
  const lines = await asker.list<Line>(pathOf(path, { ...query, limit: 100 }), 'report')
  const keys = new Set(events.flatMap(keysOf))
  same(new Set(lines.map((line) => line[field])), keys, `${path}: its lines`)
  for (const line of lines) {
    const own = events.filter((event) => keysOf(event).includes(line[field]))
    alike(line, expectLine(truth, own), `${path}: ${field} ${line[field]}`)
    alike(line['rates'], expectRates(truth, own), `${path}: rates of ${field} ${line[field]}`)
  }
}

const byMessage: [string, (event: ShopEvent) => number[]] = [
  'messageId',
  (event) => [messageOf(event).messageId],
]

/** Some messages: the largest of the kept and of the archived half. */
function someMessages({ filled: { truth, keptSince, end } }: Context) {
  const isClick = (span: Span) => (event: ShopEvent) =>
    event.status === 'CLICKED' &&
    event.delivery.campaign.broadcastId !== undefined &&
    messageOf(event).channel === 'email' &&
    event.delivery.sentAt >= span.since &&
    event.delivery.sentAt < span.until
  return [
    ...largestMessages(truth, 3, isClick({ since: keptSince + 2 * DAY_MS, until: end })),
    ...largestMessages(truth, 2, isClick({ since: 0, until: keptSince - 10 * DAY_MS })),
  ]
}

type ClickLine = Counted & { withoutMachines: Counted }
type Counted = { clicks: number; people: number }

/** Compares a report of clicks with the clicks of each link or value. */
async function checkClicks(
  asker: Asker,
  path: string,
  field: string,
  counts: ReadonlyMap<string, Count>,
): Promise<void> {
  const lines = await asker.list<ClickLine>(`${path}&limit=200`, 'report')
  const found = lines.map((line) => {
    const { clicks, people, withoutMachines } = line
    const { clicks: humanClicks, people: humans } = withoutMachines
    return [line[field as keyof ClickLine], clicks, people, humanClicks, humans]
  })
  const expected = [...counts].map(([name, { all, people }]) => [
    name,
    all.events,
    all.contacts,
    people.events,
    people.contacts,
  ])
  const byName = (list: unknown[][]) => list.toSorted((a, b) => (`${a[0]}` < `${b[0]}` ? -1 : 1))
  same(byName(found), byName(expected), path)
}

type Anomaly = {
  kind: string
  mediaType: string
  provider: string | null
  until: number | null
  cause: string | null
}
/** Of fewer, too few are Outlook's for an hour to tell anything. */
const ENOUGH_EVENTS = 500_000

const isClick = ({ status }: ShopEvent) => status === 'CLICKED'

/** Compares the people that a query finds with contacts, and the same as an export. */
async function checkPeople(
  { asker }: Context,
  query: Readonly<Record<string, string | number>>,
  contacts: ReadonlySet<Contact>,
): Promise<void> {
  const path = pathOf('/reports/people', { ...query, limit: 1_000 })
  const people = await asker.list<{ contactId: number }>(path, 'people')
  const expected = [...contacts].map(({ contactId }) => contactId).sort((a, b) => a - b)
  same(
    people.map(({ contactId }) => contactId),
    expected,
    path,
  )
  const lines = await asker.text(pathOf('/reports/people.csv', query))
  same(lines.trim().split('\r\n').length - 1, expected.length, `${path} as CSV`)
}

export const MARKETERS: readonly Question[] = [
  {
    id: 'M1',
    text: 'How did last week’s campaigns do, each, with rates?',
    async check(context) {
      for (const weeks of [1, 2, 3]) {
        const span = weekOf(context.filled.end, weeks)
        const events = inSpan(context.filled.truth, span)
        await checkReport(context, '/reports/messages', span, events, byMessage)
      }
    },
  },
  {
    id: 'M2',
    text: 'All campaigns together, against the week before?',
    async check({ asker, filled: { truth, end } }) {
      const [week, before] = [weekOf(end, 1), weekOf(end, 2)]
      const query = { since: before.since, until: week.until, timeZone: 'Europe/Kyiv' }
      const days = await asker.get<{ totals: (Line & { start: number })[] }>(
        pathOf('/reports/totals', query),
      )
      same(days.totals.length, 14, 'the days')
      for (const [index, line] of days.totals.entries()) {
        const until = days.totals[index + 1]?.start ?? week.until
        const expected = expectLine(truth, inSpan(truth, { since: line.start, until }))
        alike(line, expected, `${line['time']}`)
      }
    },
  },
  {
    id: 'M3',
    text: 'Which campaign has the worst hard-bounce rate among those with at least 100 attempted?',
    async check({ asker, filled: { truth } }) {
      const path = pathOf('/reports/messages', { sort: 'hardBounced', min: 100, limit: 10 })
      const { report } = await asker.get<{ report: Line[] }>(path)
      const rates = [...Map.groupBy(truth.events, messageOf)]
        .map(([, events]) => expectRates(truth, events).hardBounced)
        .filter(({ denominator }) => denominator >= 100)
        .sort((a, b) => b.numerator / b.denominator - a.numerator / a.denominator)
      const found = report.map((line) => (line['rates'] as { hardBounced: Rate }).hardBounced)
      const shareOf = ({ numerator, denominator }: Rate) => numerator / denominator
      same(found.map(shareOf), rates.slice(0, 10).map(shareOf), path)
    },
  },
  {
    id: 'M4',
    text: 'Why does the worst campaign bounce?',
    async check({ asker, filled: { truth } }) {
      const isBounce = ({ status }: ShopEvent) => status === 'UNDELIVERED'
      for (const message of largestMessages(truth, 5, isBounce)) {
        const bounces = ofMessage(truth, message).filter(isBounce)
        await checkCauses(asker, { messageId: message.messageId }, bounces)
      }
    },
  },
  {
    id: 'M10',
    text: 'X against Z, side by side?',
    async check(context) {
      const [x, z] = someMessages(context)
      const messageId = `${x?.messageId},${z?.messageId}`
      const events = context.filled.truth.events.filter(
        (event) => messageOf(event) === x || messageOf(event) === z,
      )
      await checkReport(context, '/reports/messages', { messageId }, events, byMessage)
    },
  },
  {
    id: 'M11',
    text: 'Which tag performs best this quarter?',
    async check(context) {
      const { end, truth } = context.filled
      const date = new Date(end)
      const since = Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3)
      const span = { since, until: end }
      await checkReport(context, '/reports/tags', span, inSpan(truth, span), [
        'messageTag',
        (event) => messageOf(event).messageTag?.split(',') ?? [],
      ])
    },
  },
  {
    id: 'M12',
    text: 'Which channel loses most people (unsubscribes per delivered)?',
    async check(context) {
      await checkReport(context, '/reports/channels', {}, context.filled.truth.events, [
        'mediaType',
        (event) => [messageOf(event).channel],
      ])
    },
  },
  {
    id: 'M13',
    text: 'At what hour and weekday do people read?',
    async check({ asker, filled: { truth, end } }) {
      for (const weeks of [1, 4, 12]) {
        const span = { since: weekOf(end, weeks).since, until: weekOf(end, 1).until }
        const path = pathOf('/reports/hours', { ...span, timeZone: 'Europe/Kyiv' })
        const { hours } = await asker.get<{ hours: Line[] }>(path)
        const groups = Map.groupBy(inSpan(truth, span), ({ at }) => hourOfWeek(at))
        same(hours.length, 7 * 24, path)
        for (const line of hours) {
          const hour = `${line['weekday']} ${line['hour']}`
          alike(line, expectLine(truth, groups.get(hour) ?? []), `${path}: ${hour}`)
        }
      }
    },
  },
  {
    id: 'M14',
    text: 'How does the welcome workflow do, block by block?',
    async check(context) {
      const { shop, truth } = context.filled
      const { workflowId } = shop.welcome
      const events = truth.events.filter(
        ({ delivery }) => delivery.campaign.block?.workflowId === workflowId,
      )
      await checkReport(context, '/reports/blocks', { workflowId }, events, [
        'workflowBlockId',
        ({ delivery }) => [delivery.campaign.block?.workflowBlockId],
      ])
    },
  },
  {
    id: 'M17',
    text: 'Which sender name is complained about most?',
    async check(context) {
      await checkReport(context, '/reports/senders', {}, context.filled.truth.events, [
        'from',
        (event) => known(messageOf(event).from),
      ])
    },
  },
  {
    id: 'M19',
    text: 'Which messages were sent in language "uk", and their read rate?',
    async check(context) {
      const { truth } = context.filled
      const events = truth.events.filter(
        (event) => messageOf(event).isTranslated && event.delivery.contact.language === 'uk',
      )
      const query = { messageLanguageCode: 'uk' }
      await checkReport(context, '/reports/messages', query, events, byMessage)
      for (const message of someMessages(context)) {
        const { messageId } = message
        await checkReport(context, '/reports/languages', { messageId }, ofMessage(truth, message), [
          'messageLanguageCode',
          (event) => known(message.isTranslated ? event.delivery.contact.language : undefined),
        ])
      }
    },
  },
  {
    id: 'M5',
    text: 'Which links of message X were clicked, by how many people?',
    async check(context) {
      const { truth } = context.filled
      for (const message of someMessages(context)) {
        const path = pathOf('/reports/links', { messageId: message.messageId })
        const clicks = ofMessage(truth, message).filter(isClick)
        await checkClicks(context.asker, path, 'url', truth.countLinks(clicks))
      }
    },
  },
  {
    id: 'M6',
    text: 'Who clicked link Y?',
    async check(context) {
      const { truth } = context.filled
      for (const message of someMessages(context)) {
        const [link] = message.links
        if (!link) throw new Error('a message without links')
        const own = ofMessage(truth, message).filter((event) => event.link === link)
        const query = { messageId: message.messageId, link: link.url, machines: 'exclude' }
        await checkPeople(context, query, truth.findPeople(own, ['CLICKED']))
      }
    },
  },
  {
    id: 'M7',
    text: 'Who received X and never opened it?',
    async check(context) {
      const { truth } = context.filled
      for (const message of someMessages(context)) {
        const query = {
          messageId: message.messageId,
          did: 'delivered',
          didNot: 'read',
          machines: 'exclude',
        }
        const own = ofMessage(truth, message)
        await checkPeople(context, query, truth.findPeople(own, ['DELIVERED'], ['READ']))
      }
    },
  },
  {
    id: 'M8',
    text: 'How many of the clicks on X were machines?',
    async check(context) {
      const { asker, filled } = context
      for (const message of someMessages(context)) {
        const path = pathOf('/reports/messages', { messageId: message.messageId })
        const [line] = await asker.list<Line>(path, 'report')
        const clicks = ofMessage(filled.truth, message).filter(isClick)
        const { all, people } = filled.truth.count(clicks)
        alike(line?.['clicked'], { ...all, withoutMachines: people }, path)
      }
      checkRule(filled.truth)
    },
  },
  {
    id: 'M9',
    text: 'The human click rate of X?',
    async check({ asker, filled }) {
      const { truth } = filled
      for (const message of someMessages({ asker, filled })) {
        const path = pathOf('/reports/messages', { messageId: message.messageId })
        const [line] = await asker.list<{ rates: Record<string, { rate: number }> }>(path, 'report')
        const own = ofMessage(truth, message)
        const delivered = truth.count(own.filter(({ status }) => status === 'DELIVERED'))
        const clickers = new Set(
          own
            .filter((event) => isClick(event) && event.doer === 'person')
            .map(({ delivery }) => delivery),
        )
        const rate = clickers.size / delivered.all.contacts
        const found = line?.rates['clickedWithoutMachines']?.rate ?? NaN
        same(Math.abs(found - rate) < 0.01, true, `${path}: ${found}, really ${rate}`)
      }
    },
  },
  {
    id: 'M15',
    text: 'How many contacts have opened nothing in 90 days though mail was delivered?',
    async check({ asker, filled: { truth, end } }) {
      for (const days of [10, 30, 90]) {
        const query = { deliveredWithin: days, notEngagedWithin: days }
        const since = end - days * DAY_MS
        const expected = [...truth.findEngagement('email')].flatMap(([contact, last]) =>
          last.deliveredAt >= since && (last.engagedAt ?? -Infinity) < since
            ? contact.contactId
            : [],
        )
        const found = await asker.get<{ contacts: number; asOf: number }>(
          pathOf('/reports/engagement', query),
        )
        alike(found, { contacts: expected.length, asOf: end }, `of ${days} days`)
        const lines = await asker.text(pathOf('/reports/engagement.ndjson', query))
        const listed = lines.match(/(?<="contactId":)\d+/g) ?? []
        same(new Set(listed.map(Number)), new Set(expected), `the list of ${days} days`)
      }
    },
  },
  {
    id: 'M16',
    text: 'UTM source with the most clicking people?',
    async check({ asker, filled: { truth, end } }) {
      const span = { since: end - 28 * DAY_MS, until: end }
      const clicks = inSpan(truth, span).filter(isClick)
      for (const name of ['source', 'campaign', 'content'] as const) {
        const path = pathOf('/reports/utm', { ...span, name, sort: 'peopleWithoutMachines' })
        await checkClicks(asker, path, 'value', truth.countUtm(clicks, name))
      }
    },
  },
  {
    id: 'M20',
    text: 'What changed this week that I should know?',
    async check({ asker, filled: { truth, end, incident } }) {
      const since = Math.min(end - 7 * DAY_MS, incident.since - DAY_MS)
      const path = pathOf('/reports/anomalies', { since, until: end })
      const { anomalies } = await asker.get<{ anomalies: Anomaly[] }>(path)
      // A stray bounce may come before it.
      const isOfIncident = ({ kind, mediaType, provider, until }: Anomaly) =>
        kind === 'bounces' &&
        mediaType === 'email' &&
        (provider === 'outlook' || provider === null) &&
        (until === null || until > incident.since)
      same(
        anomalies.filter((anomaly) => !isOfIncident(anomaly)),
        [],
        'false alarms',
      )
      if (truth.events.length < ENOUGH_EVENTS) return
      const found = anomalies.find(({ provider }) => provider === 'outlook')
      same(found?.cause, 'reputation', 'the cause of what Outlook does')
    },
  },
  {
    id: 'M18',
    text: 'How long after delivery do half of the reads come?',
    async check({ asker, filled: { truth, end } }) {
      for (const days of [7, 30, 90]) {
        const query = { since: end - days * DAY_MS, until: end, mediaType: 'email' }
        const found = await asker.get<{ people: number; seconds: { p50: number } }>(
          pathOf('/reports/delays', query),
        )
        const delays = listDelays(truth, query)
        same(found.people, delays.length, 'people who read')
        const median = delays[Math.ceil(delays.length / 2) - 1] ?? 0
        const isNear = Math.abs(found.seconds.p50 - median) <= Math.max(3, median * 0.05)
        same(isNear, true, `the median ${found.seconds.p50}, really ${median}`)
      }
    },
  },
]

/** The rule finds nearly all machines, and nearly no people. */
function checkRule({ events, machines }: Truth): void {
  const real = events.filter(({ doer }) => doer !== 'person')
  const right = real.filter((event) => machines.has(event)).length
  same(right / machines.size >= 0.99, true, 'the precision of the rule')
  same(right / real.length >= 0.95, true, 'the recall of the rule')
}

/** Seconds from the first delivery to the first read of a person, in order. */
function listDelays(truth: Truth, { since, until }: Span): number[] {
  const delays: number[] = []
  for (const [{ campaign }, events] of truth.deliveries) {
    if (campaign.message.channel !== 'email') continue
    const read = events.find((event) => event.status === 'READ' && !truth.machines.has(event))
    const delivered = events.find(({ status }) => status === 'DELIVERED')
    if (!read || !delivered || read.at < since || read.at >= until) continue
    if (read.at >= delivered.at) delays.push((read.at - delivered.at) / 1_000)
  }
  return delays.sort((a, b) => a - b)
}
