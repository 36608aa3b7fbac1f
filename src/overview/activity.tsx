import { DownloadLink } from '../web/download-link.tsx'
import { link, timeInLink, type Query } from '../web/link.ts'
import type { Period } from '../web/period.ts'
import { useViewer } from '../web/viewer.tsx'
import type { Bars } from './activity-counts.ts'
import { ActivityTable } from './activity-table.tsx'
import { Chart, withoutPeriod } from './chart.tsx'
import { Legend } from './legend.tsx'
import { listTimeSeries } from './series.ts'

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
}: {
  chart: Bars
  chosen: readonly string[] | undefined
  query: Query
  period: Period
  isTable: boolean
}) {
  const { by, bars, complete } = chart
  const { text, rich, clock } = useViewer()
  const series = listTimeSeries(bars, chosen, text)
  const shown = series.filter(({ isChosen }) => isChosen)
  const { activityStatus: _status, ...campaigns } = withoutPeriod(query)
  // The first and the last bar are complete, so they may extend beyond the period.
  const [since, until] = [bars[0]?.since ?? period.since, bars.at(-1)?.until ?? period.until]
  const rows = { ...campaigns, since: timeInLink(since), until: timeInLink(until) }
  const asTable = { ...query, as: 'table' }
  return (
    <>
      {!complete && <p class="note warn">{text('overview.incomplete')}</p>}
      <Legend series={series} bars={bars} query={query} rows={rows} />
      {series.length === 0 ? (
        <p class="empty">
          {rich('overview.noEvents', {
            link: (content) => <a href={link('/recent', campaigns)}>{content}</a>,
          })}
        </p>
      ) : isTable ? (
        <ActivityTable chart={chart} series={shown} query={asTable} />
      ) : (
        <Chart chart={chart} series={shown} query={query} />
      )}
      <p class="quiet bar">
        {text(`overview.by.${by}`, { zone: clock.name })}
        <a href={link('/', isTable ? query : asTable)}>
          {text(isTable ? 'overview.asChart' : 'overview.asTable')}
        </a>
        <DownloadLink />
      </p>
    </>
  )
}
