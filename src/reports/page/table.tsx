import type { Child } from 'hono/jsx'
import { RATE_ORDERS, type Order } from '../../db/reports/rank-groups.ts'
import { defineRate } from '../../db/reports/rates.ts'
import type { Period } from '../../db/reports/totals.ts'
import { CampaignLine, type Line } from './line.tsx'
import { BY, type Asked } from './query.ts'
import type { Clock } from '../../web/format.ts'
import { link } from '../../web/link.ts'
import { nameOf } from '../../web/statuses.ts'

/** A line for each message, broadcast, …; the heads of columns put them in another order. */
export function CampaignsTable({
  lines,
  asked,
  counted,
  clock,
}: {
  lines: readonly Line[]
  asked: Asked
  counted: Period
  clock: Clock
}) {
  const hasSent = lines.some(({ counts }) => counts.sent.contacts > 0)
  const trends = new Set(lines.flatMap(({ trend }) => (trend ? [trend.status] : [])))
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={`Campaigns by ${asked.by}`}>
      <table class="campaigns">
        <thead>
          <tr>
            <th scope="col">{BY[asked.by]}</th>
            {hasSent && (
              <th scope="col" class="right">
                {nameOf('SENT')}
              </th>
            )}
            <SortHead order="largest" asked={asked} isNumber title="Most contacts first">
              {nameOf('DELIVERED')}
            </SortHead>
            {RATE_ORDERS.map((order) => (
              <SortHead
                order={order}
                asked={asked}
                isNumber
                title={`${defineRate(order)} Click for the highest rate first; lines without a rate come last.`}
              >
                {nameOf(order.toUpperCase())}
              </SortHead>
            ))}
            <th scope="col">
              {trends.size === 1 ? `${nameOf([...trends].join())} over time` : 'Over time'}
            </th>
            <SortHead order="newest" asked={asked} title="Newest first">
              Active
            </SortHead>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <CampaignLine {...{ line, asked, counted, hasSent, clock }} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function SortHead({
  order,
  asked: { sort, page },
  isNumber = false,
  title,
  children,
}: {
  order: Order
  asked: Asked
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
        href={link('/campaigns', { ...page, sort: order === 'newest' ? undefined : order })}
        title={title}
      >
        {children}
        {isChosen && <span aria-hidden="true"> ↓</span>}
      </a>
    </th>
  )
}
