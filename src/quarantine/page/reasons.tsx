import type { ReasonCount } from '../../db/quarantine/counts.ts'
import { shorten } from '../../platform/cut-text.ts'
import { formatNumber } from '../../language/format.ts'
import { link } from '../../web/link.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { ReasonActions, StepForm } from './forms.tsx'

/** The number of items by reason, with actions for all items of a reason. */
export function Reasons({
  reasons,
  complete,
  canOperate,
}: {
  reasons: readonly ReasonCount[]
  /** Whether all reasons are listed, and all items counted. */
  complete: boolean
  canOperate: boolean
}) {
  if (reasons.length === 0) return null
  const counted = reasons.reduce((sum, { items }) => sum + items, 0)
  return (
    <>
      <h2>By reason</h2>
      <Table
        label="Reasons"
        heads={['Reason', <NumberHead>Items</NumberHead>, canOperate && <th>Actions</th>]}
      >
        {reasons.map(({ reason, items }) => (
          <tr>
            <th class="words">
              <bdi>{shorten(reason, 300)}</bdi>
            </th>
            <td class="right">
              <a href={link('/quarantine', { reason })}>{formatNumber(items)}</a>
            </td>
            {canOperate && (
              <td>
                <ReasonActions reason={reason} total={complete ? items : undefined} />
              </td>
            )}
          </tr>
        ))}
      </Table>
      {!complete && (
        <p class="quiet">
          At least {formatNumber(counted)} items: not all items and reasons are counted here.
        </p>
      )}
      {canOperate && reasons.length > 1 && (
        <div class="bar">
          <StepForm
            path="/quarantine/replay"
            fields={{ total: complete ? counted : undefined }}
            label="Try all again"
          />
        </div>
      )}
      <h2>Items</h2>
    </>
  )
}
