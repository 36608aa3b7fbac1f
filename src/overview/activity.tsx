import { DIMENSION_OF } from '../event/dimensions.ts'
import { Chips } from '../web/chips.tsx'
import { formatSpan, type Clock } from '../language/format.ts'
import { link, timeInLink, type Query } from '../web/link.ts'
import type { Period } from '../web/period.ts'
import { useViewer } from '../web/viewer.tsx'
import type { Bars } from './activity-counts.ts'
import { ActivityTable } from './activity-table.tsx'
import { Chart } from './chart.tsx'
import { Legend } from './legend.tsx'
import { listTimeSeries } from './series.ts'

const FILTERS = ['activityStatus', ...DIMENSION_OF.keys()]

const FREQUENCIES = {
  minute: 'By the minute',
  quarter: 'Every 15 minutes',
  hour: 'Hourly',
  day: 'Daily',
} as const

/**
 * Events over time by status, as a chart or as a table.
 *
 * @param chosen the statuses of the query; undefined for all
 * @param query the parameters of the page
 */
export function Activity({
  chart,
  chosen,
  query,
  period,
  isTable,
  clock,
}: {
  chart: Bars
  chosen: readonly string[] | undefined
  query: Query
  period: Period
  isTable: boolean
  clock: Clock
}) {
  const { by, bars, complete } = chart
  const series = listTimeSeries(bars, chosen, useViewer().text)
  const shown = series.filter(({ isChosen }) => isChosen)
  const { activityStatus: _status, period: _period, ...campaigns } = query
  // The first and the last bar are complete, so they may extend beyond the period.
  const [since, until] = [bars[0]?.since ?? period.since, bars.at(-1)?.until ?? period.until]
  const rows = { ...campaigns, since: timeInLink(since), until: timeInLink(until) }
  const asTable = { ...query, as: 'table' }
  return (
    <>
      <Chips path="/" query={query} removable={FILTERS} />
      {!complete && (
        <p class="note warn">
          Too much data for one page: the oldest campaigns are left out. Choose a shorter period.
        </p>
      )}
      <Legend series={series} bars={bars} query={query} rows={rows} />
      {series.length === 0 ? (
        <p class="empty">
          No events in this period. <a href={link('/recent', campaigns)}>See the newest events</a>,
          or choose a longer period.
        </p>
      ) : isTable ? (
        <ActivityTable chart={chart} series={shown} query={asTable} clock={clock} />
      ) : (
        <Chart chart={chart} series={shown} clock={clock} query={query} />
      )}
      <p class="quiet">
        {FREQUENCIES[by]}, {clock.name}, {formatSpan(until - since)}.{' '}
        <a href={link('/', isTable ? query : asTable)}>Show as a {isTable ? 'chart' : 'table'}</a>
      </p>
    </>
  )
}
