import { formatRate } from '../../language/format.ts'
import type { Query } from '../../web/link.ts'
import { NumberCell, NumberHead, Table } from '../../web/table.tsx'

/** The bounces of a cause, a reason or a domain. */
export type BounceLine = {
  name: string
  /** More about it, in smaller letters. */
  details: readonly string[]
  events: number
  hard: number
  soft: number
  /** Selects its events; undefined if no URL can. */
  rows: Query | undefined
}

/** A table of bounces. @param noun the subject of a line @param all the total number of bounces */
export function BounceTable({
  noun,
  lines,
  all,
}: {
  noun: string
  lines: readonly BounceLine[]
  all: number
}) {
  return (
    <Table
      label={`Bounces by ${noun.toLowerCase()}`}
      class="bounces"
      heads={[
        noun,
        ...['Bounces', 'Hard', 'Soft', 'Share'].map((head) => <NumberHead>{head}</NumberHead>),
        <td></td>,
      ]}
    >
      {lines.map(({ name, details, events, hard, soft, rows }) => (
        <tr>
          <th>
            <bdi>{name}</bdi>
            {details.map((detail) => (
              <small>
                <bdi>{detail}</bdi>
              </small>
            ))}
          </th>
          <NumberCell events={events} rows={rows} />
          <NumberCell events={hard} rows={rows && { ...rows, hardBounce: 'true' }} />
          <NumberCell events={soft} rows={rows && { ...rows, hardBounce: 'false' }} />
          <td class="right">{formatRate(events / all)}</td>
          <td>
            <Share share={events / all} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

function Share({ share }: { share: number }) {
  return (
    <svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="fill-undelivered" width={Math.max(0.5, share * 100).toFixed(1)} height="10" />
    </svg>
  )
}
