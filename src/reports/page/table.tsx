import { DIMENSIONS } from '../../event/dimensions.ts'
import type { Child } from 'hono/jsx'
import { RATE_ORDERS, type Order } from '../../db/reports/rank-groups.ts'
import { defineRate } from '../../db/reports/rates.ts'
import type { Period } from '../../db/reports/totals.ts'
import { CampaignLine, type Line } from './line.tsx'
import { type Request } from './query.ts'
import type { Clock } from '../../language/format.ts'
import { link } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import { nameOf } from '../../web/statuses.ts'
import { NumberHead, Table } from '../../web/table.tsx'

/** A line for each message, broadcast, …; the column heads sort it. */
export function CampaignsTable({
  lines,
  request,
  counted,
  clock,
}: {
  lines: readonly Line[]
  request: Request
  counted: Period
  clock: Clock
}) {
  const hasSent = lines.some(({ counts }) => counts.sent.contacts > 0)
  return (
    <Table
      label={`Campaigns by ${request.by}`}
      class="campaigns"
      heads={[<Heads lines={lines} request={request} hasSent={hasSent} />]}
    >
      {lines.map((line) => (
        <CampaignLine
          line={line}
          request={request}
          counted={counted}
          hasSent={hasSent}
          clock={clock}
        />
      ))}
    </Table>
  )
}

function Heads({
  lines,
  request,
  hasSent,
}: {
  lines: readonly Line[]
  request: Request
  hasSent: boolean
}) {
  const { text } = useViewer()
  const trends = new Set(lines.flatMap(({ trend }) => (trend ? [trend.status] : [])))
  return (
    <>
      <th scope="col">{DIMENSIONS[request.by].title}</th>
      {hasSent && <NumberHead>{text('status.SENT')}</NumberHead>}
      <SortHead order="largest" request={request} isNumber title="Most people first">
        {text('status.DELIVERED')}
      </SortHead>
      {RATE_ORDERS.map((order) => (
        <SortHead
          order={order}
          request={request}
          isNumber
          title={`${defineRate(order)} Click for the highest rate first; lines without a rate come last.`}
        >
          {nameOf(order.toUpperCase(), text)}
        </SortHead>
      ))}
      <th scope="col">
        {trends.size === 1 ? `${nameOf([...trends].join(), text)} over time` : 'Over time'}
      </th>
      <SortHead order="newest" request={request} title="Newest first">
        Active
      </SortHead>
    </>
  )
}

function SortHead({
  order,
  request: { sort, page },
  isNumber = false,
  title,
  children,
}: {
  order: Order
  request: Request
  isNumber?: boolean
  title: string
  children: Child
}) {
  const isChosen = order === sort
  return (
    <th
      scope="col"
      class={isNumber ? 'right' : undefined}
      aria-sort={isChosen ? 'descending' : undefined}
    >
      <a
        href={link('/campaigns', {
          ...page,
          ...(order === 'newest' ? { sort: undefined, min: undefined } : { sort: order }),
          direction: undefined,
        })}
        title={title}
      >
        {children}
        {isChosen && <span aria-hidden="true"> ↓</span>}
      </a>
    </th>
  )
}
