import type { Child } from 'hono/jsx'
import { RATE_ORDERS, type Order } from '../../db/reports/rank-groups.ts'
import type { Period } from '../../db/reports/totals.ts'
import { link } from '../../web/link.ts'
import { useViewer } from '../../web/viewer.tsx'
import { nameOf } from '../../web/statuses.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { CampaignLine, TotalLine, type Line, type Numbers } from './line.tsx'
import { type Request } from './query.ts'

/** A line for each message, broadcast, …; the column heads sort it. @param total all lines together */
export function CampaignsTable({
  lines,
  total,
  request,
  counted,
}: {
  lines: readonly Line[]
  total: Numbers
  request: Request
  counted: Period
}) {
  const hasSent = total.counts.sent.contacts > 0
  return (
    <Table
      label={useViewer().text(`dimension.${request.by}`)}
      class="campaigns"
      heads={[<Heads lines={lines} request={request} hasSent={hasSent} />]}
      total={<TotalLine by={request.by} numbers={total} hasSent={hasSent} />}
    >
      {lines.map((line) => (
        <CampaignLine line={line} request={request} counted={counted} hasSent={hasSent} />
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
  const [trend] = trends
  return (
    <>
      <th scope="col">{text(`dimension.one.${request.by}`)}</th>
      {hasSent && <NumberHead>{text('status.SENT')}</NumberHead>}
      <SortHead order="largest" request={request} isNumber title={text('campaigns.sort.largest')}>
        {text('status.DELIVERED')}
      </SortHead>
      {RATE_ORDERS.map((order) => (
        <SortHead
          order={order}
          request={request}
          isNumber
          title={text('campaigns.sort.rate', { definition: text(`rate.${order}.meaning`) })}
        >
          {nameOf(order.toUpperCase(), text)}
        </SortHead>
      ))}
      <th scope="col">
        {trends.size === 1 && trend
          ? text('campaigns.overTimeOf', { status: nameOf(trend, text) })
          : text('campaigns.overTime')}
      </th>
      <SortHead order="newest" request={request} title={text('campaigns.sort.newest')}>
        {text('campaign.active')}
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
