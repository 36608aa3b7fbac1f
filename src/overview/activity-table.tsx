import type { Bar, Bars } from './activity-counts.ts'
import { barLink, barName } from './chart.tsx'
import type { Series } from './series.ts'
import type { Clock } from '../web/format.ts'
import { timeInLink, type Query } from '../web/link.ts'
import { NumberCell } from '../web/number-cell.tsx'

/** The bars of a chart as a table, the newest first. @param query the parameters of the page */
export function ActivityTable({
  found: { by, bars },
  series,
  query,
  clock,
}: {
  found: Bars
  series: readonly Series[]
  query: Query
  clock: Clock
}) {
  const busy = bars.filter(({ counts }) => counts.size > 0).reverse()
  return (
    <div class="scroll" tabindex={0} role="region" aria-label="Events over time">
      <table>
        <thead>
          <tr>
            <th>Time</th>
            {series.map(({ name }) => (
              <th class="right">
                <bdi>{name}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map((bar) => (
            <tr>
              <th>
                <a href={barLink(by, bar, query)}>{barName(by, bar, clock)}</a>
              </th>
              {series.map((each) => (
                <Events series={each} bar={bar} query={query} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Events({ series, bar, query }: { series: Series; bar: Bar; query: Query }) {
  const { last: _last, as: _as, ...others } = query
  const { activityStatus } = series
  const span = { since: timeInLink(bar.since), until: timeInLink(bar.until) }
  const rows = activityStatus === undefined ? undefined : { ...others, ...span, activityStatus }
  return <NumberCell events={series.count(bar)} rows={rows} />
}
