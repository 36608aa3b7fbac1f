import type { Child } from 'hono/jsx'
import { HOUR_MS } from '../../event/clock.ts'
import { toCounts, type Counts } from '../counts.ts'
import { DIMENSIONS } from '../../event/dimensions.ts'
import { RATE_ORDERS } from '../../db/reports/rank-groups.ts'
import type { Group } from '../../db/reports/breakdown.ts'
import { toRates, WHY_INCOMPLETE, type Rate } from '../../db/reports/rates.ts'
import type { Period } from '../../db/reports/totals.ts'
import { canSelect, type Request } from './query.ts'
import type { LineTrend } from './trends.ts'
import { PeopleLinks } from './people-links.tsx'
import { Subject } from './subject.tsx'
import { formatCount, formatNumber, formatRate, type Clock } from '../../web/format.ts'
import { link, timeInLink, type Query } from '../../web/link.ts'
import { toneOf } from '../../web/statuses.ts'
import { Trend } from './trend.tsx'

/** A line of the table. */
export type Line = { group: Group; counts: Counts; trend: LineTrend | undefined }

export function toLine(group: Group, trend: LineTrend | undefined): Line {
  return { group, counts: toCounts(group.counts), trend }
}

/** Whether a rate of the line is not available. */
export function isIncomplete({ group }: Line): boolean {
  const rates = toRates(group.counts)
  return RATE_ORDERS.some((name) => rates[name].incomplete)
}

/** One line of the table. @param counted the period of the numbers */
export function CampaignLine({
  line: { group, counts, trend },
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
  const rates = toRates(group.counts)
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

type Count = { contacts: number; events: number }

/** A number of contacts with a link to the events behind it. */
function Contacts({
  rows,
  status,
  count,
  rate,
  hard = { contacts: 0, events: 0 },
  hardRate,
  people,
}: {
  rows: Query | undefined
  status: string
  count: Count
  rate?: Rate
  hard?: Count
  hardRate?: Rate
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
      {contacts > 0 && rate && <Share rate={rate} />}
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

function Share({ rate: { rate, incomplete } }: { rate: Rate }) {
  if (rate !== null) return <small>{formatRate(rate)}</small>
  return incomplete ? <small title={WHY_INCOMPLETE}>n/a</small> : null
}

// The numbers count contacts, and the link leads to events: one contact may click several times.
function describe({ contacts, events }: Count): string {
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
