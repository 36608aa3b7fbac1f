import type { Child } from 'hono/jsx'
import { HOUR_MS } from '../../event/clock.ts'
import { toCounts, type Counts } from '../counts.ts'
import { DIMENSIONS } from '../../event/dimensions.ts'
import { RATE_ORDERS } from '../../db/reports/rank-groups.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { toRates, type Rate, type RateName } from '../../db/reports/rates.ts'
import type { Count, Period } from '../../db/reports/totals.ts'
import { toLimitedRates, type Thresholds } from '../rates.ts'
import { canSelect, type Request } from './query.ts'
import { RateText, type LimitedRate } from './rate.tsx'
import type { LineTrend } from './trends.ts'
import { Subject } from './subject.tsx'
import { link, timeInLink, type Query } from '../../web/link.ts'
import { nameOf, toneOf } from '../../web/statuses.ts'
import { useViewer } from '../../web/viewer.tsx'
import { Trend } from './trend.tsx'

type LimitedRates = ReturnType<typeof toLimitedRates>

/** The numbers of a line of the table, or of all lines together. */
export type Numbers = {
  counts: Counts
  rates: LimitedRates
  /** The rates of the period that it is compared with. */
  ratesBefore: Record<RateName, Rate> | undefined
}

/** A line of the table. */
export type Line = Numbers & {
  group: Group
  trend: LineTrend | undefined
  /** Of a block: the average seconds since the start of its workflow. */
  delay: number | undefined
}

export function toNumbers(
  counts: readonly Count[],
  thresholds: Thresholds,
  before: readonly Count[] | undefined,
): Numbers {
  return {
    counts: toCounts(counts),
    rates: toLimitedRates(counts, thresholds),
    ratesBefore: before && toRates(before),
  }
}

/** Whether a rate of the line is not available. */
export function isIncomplete({ rates }: Numbers): boolean {
  return RATE_ORDERS.some((name) => rates[name].incomplete)
}

/** One line of the table. @param counted the period of the numbers */
export function CampaignLine({
  line: { group, trend, delay, ...numbers },
  request,
  counted,
  hasSent,
}: {
  line: Line
  request: Request
  counted: Period
  hasSent: boolean
}) {
  const { text, span } = useViewer()
  const { key, firstHour, lastHour } = group
  const rows = canSelect(request.by, key)
    ? {
        ...request.filters,
        [DIMENSIONS[request.by].column]: key,
        since: timeInLink(Math.max(counted.since, firstHour)),
        until: timeInLink(Math.min(counted.until, lastHour + HOUR_MS)),
      }
    : undefined
  return (
    <tr>
      <th scope="row">
        <Subject group={group} request={request} />
        {delay !== undefined && (
          <small>{text('campaigns.delay', { span: span(delay * 1000) })}</small>
        )}
      </th>
      <NumberCells numbers={numbers} rows={rows} hasSent={hasSent} />
      <td>{trend && <Trend values={trend.values} tone={toneOf(trend.status)} />}</td>
      <td>
        <When time={firstHour} />
        {lastHour > firstHour && (
          <>
            {' – '}
            <When time={lastHour} />
          </>
        )}
      </td>
    </tr>
  )
}

/** All lines together, those of other pages, too; and campaigns that are in no line, such as those without a tag. */
export function TotalLine({
  by,
  numbers,
  hasSent,
}: {
  by: Request['by']
  numbers: Numbers
  hasSent: boolean
}) {
  const { text } = useViewer()
  return (
    <tr>
      <th scope="row">{text(by === 'messages' ? 'table.total' : 'campaigns.all')}</th>
      <NumberCells numbers={numbers} rows={undefined} hasSent={hasSent} />
      <td></td>
      <td></td>
    </tr>
  )
}

function NumberCells({
  numbers: { counts, rates, ratesBefore },
  rows,
  hasSent,
}: {
  numbers: Numbers
  rows: Query | undefined
  hasSent: boolean
}) {
  const { hard } = counts.undelivered
  return (
    <>
      {hasSent && <Contacts rows={rows} status="SENT" count={counts.sent} />}
      <Contacts rows={rows} status="DELIVERED" count={counts.delivered} />
      {RATE_ORDERS.map((name) => (
        <Contacts
          rows={rows}
          status={name.toUpperCase()}
          count={counts[name]}
          rate={rates[name]}
          before={ratesBefore?.[name]}
          {...(name === 'undelivered' && { hard, hardRate: rates.hardBounced })}
          {...((name === 'read' || name === 'clicked') && {
            people: counts[name].withoutMachines.contacts,
          })}
        />
      ))}
    </>
  )
}

function When({ time }: { time: number }) {
  const { clock } = useViewer()
  return (
    <time datetime={timeInLink(time)} title={clock.exact(time)}>
      {clock.minute(time)}
    </time>
  )
}

type Shown = { contacts: number; events: number }

/** A number of contacts with a link to the events behind it. */
function Contacts({
  rows,
  status,
  count,
  rate,
  before,
  hard = { contacts: 0, events: 0 },
  hardRate,
  people,
}: {
  rows: Query | undefined
  status: string
  count: Shown
  rate?: LimitedRate
  before?: Rate | undefined
  hard?: Shown
  hardRate?: LimitedRate
  /** Contacts without those of whom only machines did it. */
  people?: number
}) {
  const { text, number } = useViewer()
  const { contacts } = count
  const query = rows && { ...rows, activityStatus: status }
  const name = nameOf(status, text)
  return (
    <td class="right">
      {contacts === 0 ? (
        <span class="quiet">0</span>
      ) : (
        <EventsLink query={query} count={count} name={name}>
          {number(contacts)}
        </EventsLink>
      )}
      {contacts > 0 && rate && <RateText rate={rate} before={before} />}
      {people !== undefined && people !== contacts && (
        <small>{text('campaigns.withoutMachines', { count: people })}</small>
      )}
      {hard.contacts > 0 && (
        <small>
          <EventsLink
            query={query && { ...query, hardBounce: 'true' }}
            count={hard}
            name={text('campaigns.hard', { count: hard.contacts })}
          >
            {text('campaigns.hard', { count: hard.contacts })}
          </EventsLink>
          {hardRate && <RateText rate={hardRate} />}
        </small>
      )}
    </td>
  )
}

// The numbers count contacts, and the link leads to events: one contact may click several times.
function EventsLink({
  query,
  count: { contacts, events },
  name,
  children,
}: {
  query: Query | undefined
  count: Shown
  name: string
  children: Child
}) {
  const { text } = useViewer()
  if (!query) return <>{children}</>
  const title = text('campaigns.counted', { name, contacts, events })
  return (
    <a href={link('/recent', query)} title={title} aria-label={title}>
      {children}
    </a>
  )
}
