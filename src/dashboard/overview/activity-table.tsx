import type { Bars } from './activity-counts.ts'
import { barLink, barName } from './chart.tsx'
import { formatNumber, type Clock } from '../page/format.ts'
import { link, timeInLink, type Query } from '../page/link.ts'
import { nameOf } from '../page/statuses.ts'

/** The bars of a chart as a table, the newest first. @param query the parameters of the page */
export function ActivityTable({
  found: { by, bars },
  statuses,
  query,
  clock,
}: {
  found: Bars
  statuses: readonly string[]
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
            {statuses.map((status) => (
              <th class="right">{nameOf(status)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map((bar) => (
            <tr>
              <th>
                <a href={barLink(by, bar, query)}>{barName(by, bar, clock)}</a>
              </th>
              {statuses.map((status) => {
                const events = bar.counts.get(status)
                const span = { since: timeInLink(bar.since), until: timeInLink(bar.until) }
                const { last: _last, as: _as, ...others } = query
                return (
                  <td class="right">
                    {events === undefined ? (
                      <span class="quiet">0</span>
                    ) : (
                      <a href={link('/recent', { ...others, ...span, activityStatus: status })}>
                        {formatNumber(events)}
                      </a>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
