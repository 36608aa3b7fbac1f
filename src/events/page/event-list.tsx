import type { StoredActivity } from '../../db/stored-activity.ts'
import { formatCursor } from '../../http/cursor.ts'
import { shorten } from '../../platform/cut-text.ts'
import { messageOf, recipientOf, textOf } from '../../web/event-text.ts'
import type { Clock } from '../../web/format.ts'
import { Moment } from '../../web/moment.tsx'
import { nameOf, toneOf } from '../../web/statuses.ts'

/** The rows of a list of events; each opens to the whole event. */
export function EventRows({
  activities,
  clock,
}: {
  activities: readonly StoredActivity[]
  clock: Clock
}) {
  return activities.map((activity) => {
    const id = formatCursor(activity)
    return (
      <li data-id={id}>
        <details>
          <Summary activity={activity} clock={clock} />
          <div data-load={`/recent/${id}`}>
            <a href={`/recent/${id}`}>View event</a>
          </div>
        </details>
      </li>
    )
  })
}

function Summary({ activity, clock }: { activity: StoredActivity; clock: Clock }) {
  const status = textOf(activity, 'activityStatus') ?? ''
  const channel = textOf(activity, 'mediaType') ?? ''
  return (
    <summary>
      <Moment time={activity.occurredAt} clock={clock} />
      <span>
        <i class={`dot fill-${toneOf(status)}`}></i>
        <bdi>{nameOf(status)}</bdi>
      </span>
      <span>
        <bdi>{shorten(channel, 60)}</bdi>
      </span>
      <span>
        <bdi>{shorten(messageOf(activity), 120)}</bdi>
      </span>
      <span>
        <bdi>{shorten(recipientOf(activity), 40)}</bdi>
      </span>
      {status === 'UNDELIVERED' && (
        <span class="why">
          <BounceReason activity={activity} />
        </span>
      )}
    </summary>
  )
}

function BounceReason({ activity }: { activity: StoredActivity }) {
  const { hardBounce } = activity
  const kind = hardBounce === null ? 'Bounce' : hardBounce === 1 ? 'Hard bounce' : 'Soft bounce'
  const reason = textOf(activity, 'statusDescription')
  if (!reason?.trim()) return <>{kind}, reason unknown</>
  return (
    <>
      {kind}: <bdi>{shorten(reason, 200)}</bdi>
    </>
  )
}
