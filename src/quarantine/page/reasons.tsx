import type { ReasonCount } from '../../db/quarantine/counts.ts'
import { useViewer } from '../../web/viewer.tsx'
import { link } from '../../web/link.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { ReasonActions, StepForm } from './forms.tsx'
import { describeReason } from './reason.ts'

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
  const viewer = useViewer()
  const { text, number } = viewer
  if (reasons.length === 0) return null
  const counted = reasons.reduce((sum, { items }) => sum + items, 0)
  return (
    <>
      <h2>{text('quarantine.byReason')}</h2>
      <Table
        class="stacked"
        label={text('quarantine.byReason')}
        heads={[
          text('quarantine.reason'),
          <NumberHead>{text('quarantine.items')}</NumberHead>,
          canOperate && <th>{text('quarantine.actions')}</th>,
        ]}
      >
        {reasons.map(({ reason, items }) => (
          <tr>
            <th class="words">
              <bdi>{describeReason(reason, viewer)}</bdi>
            </th>
            <td class="right">
              <a href={link('/quarantine', { reason })}>{number(items)}</a>
            </td>
            {canOperate && (
              <td>
                <ReasonActions reason={reason} total={complete ? items : undefined} />
              </td>
            )}
          </tr>
        ))}
      </Table>
      {!complete && <p class="quiet">{text('quarantine.atLeast', { count: counted })}</p>}
      {canOperate && reasons.length > 1 && (
        <div class="bar">
          <StepForm
            path="/quarantine/replay"
            fields={{ total: complete ? counted : undefined }}
            label={text('quarantine.retryAll')}
          />
        </div>
      )}
      <h2>{text('quarantine.items')}</h2>
    </>
  )
}
