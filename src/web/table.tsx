import type { Child } from 'hono/jsx'
import { link, type Query } from './link.ts'
import { useViewer } from './viewer.tsx'

/**
 * A table. Its head stays in sight; on a narrow screen it scrolls sideways, and with four columns or more, or the
 * class `stacked`, a script makes each row a card.
 *
 * @param heads of the columns: text, or a cell
 * @param total the last row, such as a `<tr>` of sums
 */
export function Table({
  label,
  heads,
  total,
  class: name,
  children,
}: {
  label: string
  heads: readonly Child[]
  total?: Child
  class?: string
  children: Child
}) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={label}>
      <table class={name}>
        <thead>
          <tr>{heads.map((head) => (typeof head === 'string' ? <th>{head}</th> : head))}</tr>
        </thead>
        <tbody>{children}</tbody>
        {total && <tfoot>{total}</tfoot>}
      </table>
    </div>
  )
}

/** The head of a column of numbers. */
export function NumberHead({ children }: { children: Child }) {
  return <th class="right">{children}</th>
}

/** A number of events, with a link to them. @param rows undefined if no URL can select them */
export function NumberCell({ events, rows }: { events: number; rows: Query | undefined }) {
  const { number } = useViewer()
  return (
    <td class="right">
      {events === 0 ? (
        <span class="quiet">0</span>
      ) : rows === undefined ? (
        number(events)
      ) : (
        <a href={link('/recent', rows)}>{number(events)}</a>
      )}
    </td>
  )
}
