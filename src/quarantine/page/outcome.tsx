import { useViewer } from '../../web/viewer.tsx'
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
  const { text } = useViewer()
  const { replayed, events = 0, still = 0, deleted } = progress.outcome
  if (replayed === undefined && deleted === undefined) return null
  return (
    <div class="note" role="status">
      {replayed !== undefined && (
        <p>
          {replayed > 0
            ? text('quarantine.replayed', { items: replayed, events })
            : text('quarantine.noneReplayed')}
          {still > 0 && <> {text('quarantine.still', { count: still })}</>}
        </p>
      )}
      {deleted !== undefined && <p>{text('quarantine.deleted', { count: deleted })}</p>}
      {progress.more !== undefined && (
        <>
          <p>
            <Done {...progress.outcome} />
            {deleted === undefined && <> {text('quarantine.background')}</>}
          </p>
          {canOperate && <NextStep {...progress} />}
        </>
      )}
    </div>
  )
}

function Done({ replayed = 0, still = 0, total }: Outcome) {
  const { text } = useViewer()
  const done = replayed + still
  return total === undefined || total < done ? (
    <>{text('quarantine.more')}</>
  ) : (
    <>{text('quarantine.progress', { done, total })}</>
  )
}

/** A replay continues at once; deleting asks again. */
function NextStep({ outcome, reason, more }: Progress) {
  const { text } = useViewer()
  const { deleted } = outcome
  if (deleted === undefined) {
    const fields = { reason, cursor: more, ...outcome }
    return (
      <StepForm
        path="/quarantine/replay"
        fields={fields}
        label={text('quarantine.continue')}
        isAutomatic
      />
    )
  }
  if (reason === undefined) return null
  return (
    <form action="/quarantine/delete">
      <HiddenFields fields={{ reason, cursor: more, deleted }} />
      <button>{text('quarantine.continueDelete')}</button>
    </form>
  )
}
