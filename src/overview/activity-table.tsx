import type { CsvTable } from '../web/csv-download.ts'
import { timeInLink, type Query } from '../web/link.ts'
import { NumberCell, NumberHead, Table } from '../web/table.tsx'
import { useViewer, type Viewer } from '../web/viewer.tsx'
import type { Bar, Bars } from './activity-counts.ts'
import { barLink, barName, withoutPeriod } from './chart.tsx'
import { listTimeSeries, type Series } from './series.ts'

/** The bars of a chart as a table, the newest first. @param query the parameters of the page */
export function ActivityTable({
  chart: { by, bars },
  series,
  query,
}: {
  chart: Bars
  series: readonly Series[]
  query: Query
}) {
  const { text, number, clock } = useViewer()
  const busy = bars.filter(({ counts }) => counts.size > 0).reverse()
  return (
    <Table
      label={text('overview.table')}
      heads={[
        text('overview.time'),
        ...series.map(({ name }) => (
          <NumberHead>
            <bdi>{name}</bdi>
          </NumberHead>
        )),
      ]}
      total={
        <tr>
          <th>{text('table.total')}</th>
          {series.map(({ count }) => (
            <td class="right">{number(bars.reduce((sum, bar) => sum + count(bar), 0))}</td>
          ))}
        </tr>
      }
    >
      {busy.map((bar) => (
        <tr>
          <th>
            <a href={barLink(by, bar, query)}>{barName(by, bar, clock)}</a>
          </th>
          {series.map((each) => (
            <NumberCell events={each.count(bar)} rows={rowsOf(each, bar, query)} />
          ))}
        </tr>
      ))}
    </Table>
  )
}

function rowsOf({ activityStatus }: Series, { since, until }: Bar, query: Query) {
  if (activityStatus === undefined) return undefined
  const { as: _as, ...others } = withoutPeriod(query)
  return { ...others, since: timeInLink(since), until: timeInLink(until), activityStatus }
}

/** The same table as a file, the oldest first. @param chosen the statuses of the query; undefined for all */
export function toActivityCsv(
  { bars }: Bars,
  chosen: readonly string[] | undefined,
  { text }: Viewer,
): CsvTable {
  const series = listTimeSeries(bars, chosen, text).filter(({ isChosen }) => isChosen)
  return {
    name: 'events',
    heads: [text('overview.time'), ...series.map(({ name }) => name)],
    rows: bars.map((bar) => [new Date(bar.since), ...series.map(({ count }) => count(bar))]),
  }
}
