import { formatCount, formatNumber } from '../../language/format.ts'
import { HiddenFields } from '../../web/hidden-fields.tsx'
import type { Outcome } from './fields.ts'
import { StepForm } from './forms.tsx'

type Progress = {
  outcome: Outcome
  reason: string | undefined
  /** The cursor of the next step, if there is one. */
  more: string | undefined
}

/** The outcome of an action so far, with a button for its next step. */
export function OutcomeNote({ canOperate, ...progress }: Progress & { canOperate: boolean }) {
  const { replayed, events = 0, still = 0, deleted } = progress.outcome
  if (replayed === undefined && deleted === undefined) return null
  return (
    <div class="note" role="status">
      {replayed !== undefined && (
        <p>
          {replayed > 0
            ? `Tried again: ${formatCount(replayed, 'item')} became ${formatCount(events, 'event')}.`
            : 'Tried again: no item became an event.'}
          {still > 0 && ` Still in quarantine: ${formatCount(still, 'item')}.`}
        </p>
      )}
      {deleted !== undefined && <p>{formatCount(deleted, 'item')} deleted.</p>}
      {progress.more !== undefined && (
        <>
          <p>
            {describeProgress(progress.outcome)}
            {deleted === undefined && ' They are tried in the background; you may leave this page.'}
          </p>
          {canOperate && <NextStep {...progress} />}
        </>
      )}
    </div>
  )
}

function describeProgress({ replayed = 0, still = 0, total }: Outcome): string {
  const done = replayed + still
  return total === undefined || total < done
    ? 'There are more items to process.'
    : `Processed ${formatNumber(done)} of ${formatNumber(total)}; there are more items to process.`
}

/** A replay continues at once; deleting asks again. */
function NextStep({ outcome, reason, more }: Progress) {
  const { deleted } = outcome
  if (deleted === undefined) {
    const fields = { reason, cursor: more, ...outcome }
    return <StepForm path="/quarantine/replay" fields={fields} label="Continue" isAutomatic />
  }
  if (reason === undefined) return null
  return (
    <form action="/quarantine/delete">
      <HiddenFields fields={{ reason, cursor: more, deleted }} />
      <button>Continue…</button>
    </form>
  )
}
