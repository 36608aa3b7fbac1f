import type { Bars } from './activity-counts.ts'
import { ActivityTable } from './activity-table.tsx'
import { Chart } from './chart.tsx'
import { Legend } from './legend.tsx'
import { listTimeSeries } from './series.ts'
import { formatSpan, type Clock } from '../web/format.ts'
import { Chips } from '../web/chips.tsx'
import { link, timeInLink, type Query } from '../web/link.ts'
import type { Period } from '../web/period.ts'

/**
 * Events over time by status, as a chart or as a table.
 *
 * @param chosen the statuses that are asked for; all where it is undefined
 * @param query the parameters of the page
 */
export function Activity({
  bars: found,
  complete,
  chosen,
  query,
  period,
  isTable,
  clock,
}: {
  bars: Bars
  complete: boolean
  chosen: readonly string[] | undefined
  query: Query
  period: Period
  isTable: boolean
  clock: Clock
}) {
  const { by, bars } = found
  const series = listTimeSeries(bars, chosen)
  const shown = series.filter(({ isChosen }) => isChosen)
  const { activityStatus: _status, last: _last, ...campaigns } = query
  // What the bars count begins and ends with whole ones.
  const [since, until] = [bars[0]?.since ?? period.since, bars.at(-1)?.until ?? period.until]
  const rows = { ...campaigns, since: timeInLink(since), until: timeInLink(until) }
  const asTable = { ...query, as: 'table' }
  return (
    <>
      <Chips path="/" query={query} removable={REMOVABLE} />
      {!complete && <NotWhole />}
      <Legend series={series} bars={bars} query={query} rows={rows} />
      {series.length === 0 ? (
        <Nothing campaigns={campaigns} />
      ) : isTable ? (
        <ActivityTable found={found} series={shown} query={asTable} clock={clock} />
      ) : (
        <Chart bars={found} series={shown} clock={clock} query={query} />
      )}
      <p class="quiet">
        {BARS[by]}, {clock.name}, {period.last ? 'last ' : ''}
        {formatSpan(until - since)}.{' '}
        <a href={link('/', isTable ? query : asTable)}>Show as a {isTable ? 'chart' : 'table'}</a>
      </p>
    </>
  )
}

function Nothing({ campaigns }: { campaigns: Query }) {
  return (
    <p class="empty">
      Nothing happened in this period.{' '}
      <a href={link('/recent', campaigns)}>See the newest events</a>, or choose a longer period.
    </p>
  )
}

function NotWhole() {
  return (
    <p class="note warn">
      There was more than is counted for one look: the oldest campaigns are left out.
    </p>
  )
}

const REMOVABLE = [
  'activityStatus',
  'mediaType',
  'messageId',
  'broadcastId',
  'workflowId',
  'from',
  'messageTag',
]

const BARS = {
  minute: 'By the minute',
  quarter: 'Every 15 minutes',
  hour: 'Hourly',
  day: 'Daily',
} as const
