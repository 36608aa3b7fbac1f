import type { Child } from 'hono/jsx'
import { HOUR_MS } from '../../event/clock.ts'
import { toCounts, type Counts } from '../counts.ts'
import { DIMENSIONS } from '../../event/dimensions.ts'
import { RATE_ORDERS } from '../../db/reports/rank-groups.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { toRates, WHY_INCOMPLETE, type Rate, type RateName } from '../../db/reports/rates.ts'
import type { Count, Period } from '../../db/reports/totals.ts'
import { toLimitedRates, type Threshold, type Thresholds } from '../rates.ts'
import { canSelect, type Request } from './query.ts'
import type { LineTrend } from './trends.ts'
import { PeopleLinks } from './people-links.tsx'
import { Subject } from './subject.tsx'
import { formatCount, formatNumber, formatRate, type Clock } from '../../language/format.ts'
import { link, timeInLink, type Query } from '../../web/link.ts'
import { toneOf } from '../../web/statuses.ts'
import { Trend } from './trend.tsx'

type LimitedRates = ReturnType<typeof toLimitedRates>

/** A line of the table. */
export type Line = {
  group: Group
  counts: Counts
  rates: LimitedRates
  /** The rates of the period that it is compared with. */
  ratesBefore: Record<RateName, Rate> | undefined
  trend: LineTrend | undefined
}

export function toLine(
  group: Group,
  {
    trend,
    thresholds,
    before,
  }: { trend: LineTrend | undefined; thresholds: Thresholds; before: readonly Count[] | undefined },
): Line {
  return {
    group,
    counts: toCounts(group.counts),
    rates: toLimitedRates(group.counts, thresholds),
    ratesBefore: before && toRates(before),
    trend,
  }
}

/** Whether a rate of the line is not available. */
export function isIncomplete({ rates }: Line): boolean {
  return RATE_ORDERS.some((name) => rates[name].incomplete)
}

/** One line of the table. @param counted the period of the numbers */
export function CampaignLine({
  line: { group, counts, rates, ratesBefore, trend },
  request,
  counted,
  hasSent,
  clock,
}: {
  line: Line
  request: Request
  counted: Period
  hasSent: boolean
  clock: Clock
}) {
  const { key, firstHour, lastHour } = group
  const rows = canSelect(request.by, key)
    ? {
        ...request.filters,
        [DIMENSIONS[request.by].column]: key,
        since: timeInLink(Math.max(counted.since, firstHour)),
        until: timeInLink(Math.min(counted.until, lastHour + HOUR_MS)),
      }
    : undefined
  const { hard } = counts.undelivered
  return (
    <tr>
      <th scope="row">
        <Subject group={group} request={request} />
        {rows && <PeopleLinks query={rows} />}
      </th>
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
      <td>{trend && <Trend values={trend.values} tone={toneOf(trend.status)} />}</td>
      <td>
        <When time={firstHour} clock={clock} />
        {lastHour > firstHour && (
          <>
            {' – '}
            <When time={lastHour} clock={clock} />
          </>
        )}
      </td>
    </tr>
  )
}

function When({ time, clock }: { time: number; clock: Clock }) {
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
  const { contacts } = count
  const query = rows && { ...rows, activityStatus: status }
  return (
    <td class="right">
      {contacts === 0 ? (
        <span class="quiet">0</span>
      ) : (
        <EventsLink query={query} title={describe(count)}>
          {formatNumber(contacts)}
        </EventsLink>
      )}
      {contacts > 0 && rate && <Share rate={rate} before={before} />}
      {people !== undefined && people !== contacts && (
        <small>{formatNumber(people)} without machines</small>
      )}
      {hard.contacts > 0 && (
        <small>
          <EventsLink
            query={query && { ...query, hardBounce: 'true' }}
            title={`${formatNumber(hard.contacts)} hard: ${describe(hard)}`}
          >
            {formatNumber(hard.contacts)} hard
          </EventsLink>
          {hardRate && <Share rate={hardRate} />}
        </small>
      )}
    </td>
  )
}

type LimitedRate = Rate & { threshold?: Threshold }

/** A rate, marked if it has reached a threshold; and how it has changed. */
export function Share({
  rate: { rate, incomplete, threshold },
  before,
}: {
  rate: LimitedRate
  before?: Rate | undefined
}) {
  if (rate === null) return incomplete ? <small title={WHY_INCOMPLETE}>n/a</small> : null
  const rateBefore = before?.rate ?? undefined
  const change = rateBefore === undefined ? undefined : rate - rateBefore
  return (
    <>
      <small>{formatRate(rate)}</small>
      {threshold?.level === 'warning' && (
        <small class="warn">warning from {formatRate(threshold.warning)}</small>
      )}
      {threshold?.level === 'exceeded' && (
        <small class="warn">limit {formatRate(threshold.limit)} exceeded</small>
      )}
      {change !== undefined && (
        <small title={`${formatRate(rateBefore ?? 0)} before`}>{formatChange(change)}</small>
      )}
    </>
  )
}

/** A difference of rates in percentage points. */
function formatChange(change: number): string {
  const points = change * 100
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(2)} points`
}

// The numbers count contacts, and the link leads to events: one contact may click several times.
function describe({ contacts, events }: Shown): string {
  return `${formatCount(contacts, 'contact')}, ${formatCount(events, 'event')}`
}

function EventsLink({
  query,
  title,
  children,
}: {
  query: Query | undefined
  title: string
  children: Child
}) {
  if (!query) return <>{children}</>
  return (
    <a href={link('/recent', query)} title={title} aria-label={title}>
      {children}
    </a>
  )
}
