import type { CauseCount } from '../../db/reports/bounce-causes.ts'
import type { Query } from '../../web/link.ts'
import { NumberCell, NumberHead, Table } from '../../web/table.tsx'
import { useViewer } from '../../web/viewer.tsx'
import { ShareBar } from './share-bar.tsx'

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
  label,
  noun,
  lines,
  all,
}: {
  label: string
  noun: string
  lines: readonly BounceLine[]
  all: number
}) {
  const { text, rate } = useViewer()
  const heads = [
    text('bounces.total'),
    text('bounces.hard'),
    text('bounces.soft'),
    text('bounces.share'),
  ]
  return (
    <Table
      label={label}
      class="bounces"
      heads={[noun, ...heads.map((head) => <NumberHead>{head}</NumberHead>), <td></td>]}
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
          <td class="right">{rate(events / all)}</td>
          <td>
            <ShareBar share={events / all} tone="undelivered" />
          </td>
        </tr>
      ))}
    </Table>
  )
}

/** The bounces of each cause, with what it means and what to do. @param max lines; all of them by default */
export function CauseTable({ causes, max }: { causes: readonly CauseCount[]; max?: number }) {
  const { text } = useViewer()
  const lines = causes.slice(0, max).map(({ cause, events, hard, soft }) => ({
    name: text(`cause.${cause}.title`),
    details: [text(`cause.${cause}.meaning`), text(`cause.${cause}.advice`)],
    events,
    hard,
    soft,
    rows: undefined,
  }))
  return (
    <BounceTable
      label={text('bounces.byCause')}
      noun={text('bounces.cause')}
      lines={lines}
      all={causes.reduce((sum, { events }) => sum + events, 0)}
    />
  )
}
