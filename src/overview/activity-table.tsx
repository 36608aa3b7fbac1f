import type { Clock } from '../language/format.ts'
import { timeInLink, type Query } from '../web/link.ts'
import { NumberCell, NumberHead, Table } from '../web/table.tsx'
import type { Bar, Bars } from './activity-counts.ts'
import { barLink, barName } from './chart.tsx'
import type { Series } from './series.ts'

/** The bars of a chart as a table, the newest first. @param query the parameters of the page */
export function ActivityTable({
  chart: { by, bars },
  series,
  query,
  clock,
}: {
  chart: Bars
  series: readonly Series[]
  query: Query
  clock: Clock
}) {
  const busy = bars.filter(({ counts }) => counts.size > 0).reverse()
  return (
    <Table
      label="Events over time"
      heads={[
        'Time',
        ...series.map(({ name }) => (
          <NumberHead>
            <bdi>{name}</bdi>
          </NumberHead>
        )),
      ]}
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
  const { last: _last, as: _as, ...others } = query
  return { ...others, since: timeInLink(since), until: timeInLink(until), activityStatus }
}
