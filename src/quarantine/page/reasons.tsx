import type { ReasonCount } from '../../db/quarantine/counts.ts'
import { formatNumber } from '../../web/format.ts'
import { link } from '../../web/link.ts'
import { shorten } from '../../web/event-text.ts'
import { ReasonActions, StepForm } from './action-forms.tsx'

/** How many were set aside for which reason, and what can be done about all of one. */
export function Reasons({
  reasons,
  complete,
  canOperate,
}: {
  reasons: readonly ReasonCount[]
  /** Whether that is all: all reasons, and all elements. */
  complete: boolean
  canOperate: boolean
}) {
  if (reasons.length === 0) return null
  const counted = reasons.reduce((sum, { elements }) => sum + elements, 0)
  return (
    <>
      <h2>Why</h2>
      <div class="scroll" tabindex={0} role="region" aria-label="Reasons">
        <table>
          <thead>
            <tr>
              <th>Reason</th>
              <th class="right">Elements</th>
              {canOperate && <th>All of them</th>}
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ reason, elements }) => (
              <tr>
                <th class="words">
                  <bdi>{shorten(reason, 300)}</bdi>
                </th>
                <td class="right">
                  <a href={link('/set-aside', { reason })}>{formatNumber(elements)}</a>
                </td>
                {canOperate && (
                  <td>
                    <ReasonActions reason={reason} total={complete ? elements : undefined} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!complete && (
        <p class="quiet">
          At least {formatNumber(counted)} elements: there are more than were counted here, or for
          other reasons.
        </p>
      )}
      {canOperate && reasons.length > 1 && (
        <div class="bar">
          <StepForm
            path="/set-aside/replay"
            fields={{ total: complete ? counted : undefined }}
            label="Try all again"
          />
        </div>
      )}
      <h2>What</h2>
    </>
  )
}
