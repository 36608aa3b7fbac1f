import type { StoredEvent } from '../../db/stored-event.ts'
import { formatCursor } from '../../http/cursor.ts'
import { shorten } from '../../platform/cut-text.ts'
import { channelName } from '../../web/channel-name.ts'
import { messageOf, recipientOf, textOf } from '../../web/event-text.ts'
import { link } from '../../web/link.ts'
import { Moment } from '../../web/moment.tsx'
import { useViewer } from '../../web/viewer.tsx'
import { nameOf, toneOf } from '../../web/statuses.ts'

/**
 * The rows of a list of events; each opens to show the full event.
 *
 * @param isArchived whether some are from the archive, where the contact of an event is needed to find it quickly
 */
export function EventRows({
  events,
  isArchived = false,
}: {
  events: readonly StoredEvent[]
  isArchived?: boolean
}) {
  const { text } = useViewer()
  return events.map((event) => {
    const id = formatCursor(event)
    const { contactId } = event
    const path = link(`/recent/${id}`, {
      contactId: isArchived ? (contactId ?? undefined) : undefined,
    })
    return (
      <li data-id={id}>
        <details>
          <Summary event={event} />
          <div data-load={path}>
            <a href={path}>{text('events.view')}</a>
          </div>
        </details>
      </li>
    )
  })
}

function Summary({ event }: { event: StoredEvent }) {
  const { text } = useViewer()
  const status = textOf(event, 'activityStatus') ?? ''
  const channel = textOf(event, 'mediaType')
  return (
    <summary>
      <Moment time={event.occurredAt} />
      <span>
        <i class={`dot fill-${toneOf(status)}`}></i>
        <bdi>{nameOf(status, text)}</bdi>
      </span>
      <span>
        <bdi>{channel !== undefined && channelName(channel, text)}</bdi>
      </span>
      <span>
        <bdi>{shorten(messageOf(event, text), 120)}</bdi>
      </span>
      <span>
        <bdi>{shorten(recipientOf(event, text), 40)}</bdi>
      </span>
      {status === 'UNDELIVERED' && (
        <span class="why">
          <BounceReason event={event} />
        </span>
      )}
    </summary>
  )
}

function BounceReason({ event }: { event: StoredEvent }) {
  const { text, rich } = useViewer()
  const { hardBounce } = event
  const kind = text(
    hardBounce === null ? 'bounce.unknown' : hardBounce === 1 ? 'bounce.hard' : 'bounce.soft',
  )
  const reason = textOf(event, 'statusDescription')
  if (!reason?.trim()) return <>{text('bounce.withoutReason', { kind })}</>
  return rich('bounce.withReason', { kind, reason: () => <bdi>{shorten(reason, 200)}</bdi> })
}
