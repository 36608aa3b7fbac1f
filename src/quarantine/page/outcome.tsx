import { formatCount } from '../../web/count.ts'
import { formatNumber } from '../../web/format.ts'
import { HiddenFields, StepForm } from './action-forms.tsx'
import type { Outcome } from './fields.ts'

type Onward = {
  outcome: Outcome
  reason: string | undefined
  /** Where it goes on, if it does. */
  more: string | undefined
}

/** Says what came of an action so far, and offers whoever may operate to go on. */
export function OutcomeNote({ canOperate, ...onward }: Onward & { canOperate: boolean }) {
  const { replayed, events = 0, still = 0, deleted } = onward.outcome
  if (replayed === undefined && deleted === undefined) return null
  return (
    <div class="note" role="status">
      {replayed !== undefined && (
        <p>
          {replayed > 0
            ? `Tried again: ${formatCount(replayed, 'element')} became ${formatCount(events, 'event')}.`
            : 'Tried again: nothing became an event.'}
          {still > 0 && ` Still set aside: ${formatCount(still, 'element')}.`}
        </p>
      )}
      {deleted !== undefined && <p>{formatCount(deleted, 'element')} discarded.</p>}
      {onward.more !== undefined && (
        <>
          <p>{describeProgress(onward.outcome)}</p>
          {canOperate && <GoOn {...onward} />}
        </>
      )}
    </div>
  )
}

function describeProgress({ replayed = 0, still = 0, total }: Outcome): string {
  const done = replayed + still
  return total === undefined || total < done
    ? 'That was a part of it; there is more to go through.'
    : `That was ${formatNumber(done)} of ${formatNumber(total)}; there is more to go through.`
}

/** A replay goes on at once; what deletes asks again. */
function GoOn({ outcome, reason, more }: Onward) {
  const fields = { reason, cursor: more, ...outcome }
  if (outcome.deleted === undefined) {
    return <StepForm path="/set-aside/replay" fields={fields} label="Go on" isOnward />
  }
  if (reason === undefined) return null
  return (
    <form action="/set-aside/discard">
      <HiddenFields fields={{ reason, cursor: more, deleted: outcome.deleted }} />
      <button>Go on …</button>
    </form>
  )
}
