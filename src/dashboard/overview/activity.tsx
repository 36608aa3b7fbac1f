import type { Bars } from './activity-counts.ts'
import { ActivityTable } from './activity-table.tsx'
import { Chart, listStatuses } from './chart.tsx'
import { formatNumber, formatSpan, type Clock } from '../page/format.ts'
import { Chips } from '../page/chips.tsx'
import { link, timeInLink, type Query } from '../page/link.ts'
import { nameOf, toneOf } from '../page/statuses.ts'
import type { Period } from '../page/period.ts'

/**
 * Events over time by status, as a chart or as a table.
 *
 * @param chosen the statuses that are asked for; all where it is undefined
 * @param query the parameters of the page
 */
export function Activity({
  bars: found,
  isWhole,
  chosen,
  query,
  period,
  isTable,
  clock,
}: {
  bars: Bars
  isWhole: boolean
  chosen: readonly string[] | undefined
  query: Query
  period: Period
  isTable: boolean
  clock: Clock
}) {
  const { by, bars } = found
  const all = listStatuses(bars)
  const statuses = chosen ? all.filter((status) => chosen.includes(status)) : all
  const sumOf = (status: string) =>
    bars.reduce((sum, { counts }) => sum + (counts.get(status) ?? 0), 0)
  const { activityStatus: _status, last: _last, ...campaigns } = query
  // What the bars count begins and ends with whole ones.
  const [since, until] = [bars[0]?.since ?? period.since, bars.at(-1)?.until ?? period.until]
  const span = { since: timeInLink(since), until: timeInLink(until) }
  return (
    <>
      <Chips
        path="/"
        query={query}
        removable={['mediaType', 'messageId', 'broadcastId', 'workflowId', 'from', 'messageTag']}
      />
      <ul class="legend" aria-label="Statuses">
        {all.map((status) => {
          const isAlone = chosen?.length === 1 && chosen[0] === status
          return (
            <li class={chosen && !chosen.includes(status) ? 'off' : undefined}>
              <a
                href={link('/', { ...query, activityStatus: isAlone ? undefined : status })}
                title={isAlone ? 'Show all statuses' : 'Show this status alone'}
                aria-current={isAlone ? 'true' : undefined}
              >
                <i class={`dot fill-${toneOf(status)}`}></i>
                {nameOf(status)}
              </a>{' '}
              <a
                class="number"
                href={link('/recent', { ...campaigns, ...span, activityStatus: status })}
                aria-label={`${formatNumber(sumOf(status))} events: ${nameOf(status)}`}
              >
                {formatNumber(sumOf(status))}
              </a>
            </li>
          )
        })}
      </ul>
      {all.length === 0 ? (
        <p class="empty">
          Nothing happened in this period.{' '}
          <a href={link('/recent', campaigns)}>See the newest events</a>, or choose a longer period.
        </p>
      ) : isTable ? (
        <ActivityTable
          found={found}
          statuses={statuses}
          query={{ ...query, as: 'table' }}
          clock={clock}
        />
      ) : (
        <Chart bars={found} statuses={statuses} clock={clock} query={query} />
      )}
      <p class="quiet">
        {!isWhole &&
          'There was more than is counted for one look: the oldest campaigns are left out. '}
        One bar is {BARS[by]}; times in {clock.zone}, {formatSpan(until - since)} in all.{' '}
        {isTable ? (
          <a href={link('/', query)}>Show as a chart</a>
        ) : (
          <a href={link('/', { ...query, as: 'table' })}>Show as a table</a>
        )}
      </p>
    </>
  )
}

const BARS = {
  minute: 'a minute',
  quarter: 'a quarter of an hour',
  hour: 'an hour',
  day: 'a day',
} as const
