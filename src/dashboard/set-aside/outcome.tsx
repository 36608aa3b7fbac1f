import * as z from 'zod'
import { formatCount } from '../page/count.ts'
import { StepForm } from './actions.tsx'

const count = z
  .string()
  .regex(/^\d{1,9}$/, 'has to be a number')
  .transform(Number)
  .optional()

/** What came of an action, in the address of the page that shows it. */
export const outcomeFields = { replayed: count, events: count, still: count, deleted: count }

type Outcome = { [Name in keyof typeof outcomeFields]?: number | undefined }

/** Says what came of an action, and offers to go on. @param more where it goes on, if it does */
export function OutcomeNote({
  outcome: { replayed, events = 0, still = 0, deleted },
  reason,
  more,
}: {
  outcome: Outcome
  reason: string | undefined
  more: string | undefined
}) {
  if (replayed === undefined && deleted === undefined) return null
  return (
    <div class="note" role="status">
      {replayed !== undefined && (
        <p>
          {replayed > 0
            ? `Tried again: ${formatCount(replayed, 'element')} became ${formatCount(events, 'event')}.`
            : 'Tried again: nothing became an event.'}
          {still > 0 && ` Still set aside: ${formatCount(still, 'element')}.`}
          {events > 0 && ' Events are shown once they are through the queue.'}
        </p>
      )}
      {deleted !== undefined && <p>{formatCount(deleted, 'element')} discarded.</p>}
      {more !== undefined && (
        <>
          <p>That was a part of it; there is more to go through.</p>
          <StepForm
            path={replayed === undefined ? '/set-aside/discard' : '/set-aside/replay'}
            reason={reason}
            cursor={more}
            label="Go on"
          />
        </>
      )}
    </div>
  )
}
