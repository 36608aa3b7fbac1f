import { formatNumber } from './format.ts'
import { link, type Query } from './link.ts'

/** A number of events in a table, with a link to them. @param rows undefined where no address can ask for them */
export function NumberCell({ events, rows }: { events: number; rows: Query | undefined }) {
  return (
    <td class="right">
      {events === 0 ? (
        <span class="quiet">0</span>
      ) : rows === undefined ? (
        formatNumber(events)
      ) : (
        <a href={link('/recent', rows)}>{formatNumber(events)}</a>
      )}
    </td>
  )
}
