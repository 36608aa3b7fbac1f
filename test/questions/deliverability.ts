import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import { alike, pathOf, same, type Asker } from './ask.ts'
import { checkCauses, countCauses } from './causes.ts'
import { expectLine, expectRates, inSpan, messageOf } from './expected.ts'
import type { Question } from './question.ts'
import type { Filled } from './receiver.ts'

type Line = Record<string, unknown> & { start: number; causes: { cause: string; events: number }[] }

const isEmail = (event: ShopEvent) => messageOf(event).channel === 'email'
const providerOf = ({ delivery }: ShopEvent) => delivery.contact.provider

/** Compares a line of the report by mailbox provider with the events of the provider. */
function checkLine(
  { truth }: Filled,
  line: Line,
  events: readonly ShopEvent[],
  what: string,
): void {
  const { subscriptionChanged: _notCounted, ...expected } = expectLine(truth, events)
  alike(line, expected, what)
  const causes = countCauses(events.filter(({ fault }) => fault)).map(([cause, count]) => [
    cause,
    count,
  ])
  const found = line.causes.map(({ cause, events: count }) => [cause, count])
  same(found.toSorted(), causes.toSorted(), `${what}: causes`)
}

type Suppression = { reason: string; mediaType: string; contactId: number; occurredAt: number }
type Feed = { suppressions: Suppression[]; next: string; more: boolean }

/** The whole feed from a cursor on. */
async function readFeed(asker: Asker, since: string): Promise<Suppression[]> {
  const found: Suppression[] = []
  for (let next = since, more = true; more;) {
    const page = await asker.get<Feed>(pathOf('/suppressions', { since: next, limit: 1_000 }))
    found.push(...page.suppressions)
    next = page.next
    more = page.more
  }
  return found
}

const textOf = ({ reason, mediaType, contactId, occurredAt }: Suppression) =>
  `${reason} ${mediaType} ${contactId} ${occurredAt}`

function expectSuppressions({ truth }: Filled): string[] {
  return truth.events.flatMap((event) => {
    const { status, at, fault, delivery } = event
    const isBlock = status === 'SPAM' || status === 'UNSUBSCRIBED'
    const reason = fault?.isHard ? 'HARD_BOUNCE' : isBlock ? status : undefined
    if (reason === undefined) return []
    const { contactId } = delivery.contact
    return textOf({ reason, mediaType: messageOf(event).channel, contactId, occurredAt: at })
  })
}

export const DELIVERABILITY: readonly Question[] = [
  {
    id: 'D31',
    text: 'Bounces by cause this month, in words?',
    async check({ asker, filled: { truth, end } }) {
      const date = new Date(end)
      for (const months of [0, 1]) {
        const since = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months)
        const span = { since, until: end }
        const bounces = inSpan(truth, span).filter(({ status }) => status === 'UNDELIVERED')
        await checkCauses(asker, span, bounces)
      }
    },
  },
  {
    id: 'D32',
    text: 'By mailbox provider: delivered, bounced, complained, read?',
    async check({ asker, filled }) {
      const { truth, end } = filled
      for (const days of [7, 28, 90]) {
        const span = { since: end - days * DAY_MS, until: end }
        const groups = Map.groupBy(inSpan(truth, span).filter(isEmail), providerOf)
        const path = pathOf('/reports/providers', { ...span, limit: 200 })
        const lines = await asker.list<Line>(path, 'report')
        same(new Set(lines.map((line) => line['provider'])), new Set(groups.keys()), path)
        for (const line of lines) {
          const provider = String(line['provider'])
          const events = groups.get(provider) ?? []
          checkLine(filled, line, events, `${path}: ${provider}`)
          alike(line['rates'], expectRates(truth, events), `${path}: rates of ${provider}`)
        }
      }
    },
  },
  {
    id: 'D33',
    text: 'Since when does Outlook reject us?',
    async check({ asker, filled }) {
      const { truth, end, incident } = filled
      const since = Math.min(end - 7 * DAY_MS, incident.since - DAY_MS)
      const span = { since, until: end }
      const isOutlook = (event: ShopEvent) => providerOf(event) === 'outlook' && isEmail(event)
      const events = inSpan(truth, span).filter(isOutlook)
      const path = pathOf('/reports/providers/hotmail.com', { ...span, by: 'hour' })
      const { report } = await asker.get<{ report: Line[] }>(path)
      const byHour = Map.groupBy(events, ({ at }) => Math.floor(at / HOUR_MS) * HOUR_MS)
      for (const line of report) {
        checkLine(filled, line, byHour.get(line.start) ?? [], `${path}: ${line['time']}`)
      }
      const rejected = report.filter(({ causes }) =>
        causes.some(({ cause, events: count }) => cause === 'reputation' && count > 0),
      )
      const first = events.find(
        ({ at, fault }) => at >= incident.since && fault?.cause === 'reputation',
      )
      const expected = Math.floor((first?.at ?? 0) / HOUR_MS) * HOUR_MS
      same(rejected.find(({ start }) => start >= incident.since)?.start, expected, 'since when')
    },
  },
  {
    id: 'D34',
    text: 'Whom must we stop writing to since cursor N?',
    async check({ asker, filled }) {
      const all = (await readFeed(asker, '0')).map(textOf)
      same(all.toSorted(), expectSuppressions(filled).toSorted(), 'the feed')
      for (const count of [1, 10, 100]) {
        const { next } = await asker.get<Feed>(pathOf('/suppressions', { limit: count }))
        same((await readFeed(asker, next)).map(textOf), all.slice(count), `after ${count}`)
      }
    },
  },
  {
    id: 'D35',
    text: 'Complaint rate against 0.3 % by day?',
    async check({ asker, filled: { truth, end } }) {
      for (const days of [7, 30, 120]) {
        const since = end - days * DAY_MS
        const path = pathOf('/reports/totals', {
          since,
          until: end,
          by: 'day',
          timeZone: 'UTC',
          mediaType: 'email',
        })
        const { totals } = await asker.get<{ totals: Line[] }>(path)
        same(totals.length, days, path)
        for (const line of totals) {
          const day = { since: line.start, until: line.start + DAY_MS }
          const events = inSpan(truth, day).filter(isEmail)
          alike(line, expectLine(truth, events), `${path}: ${line['time']}`)
        }
      }
    },
  },
]
