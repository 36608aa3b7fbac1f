import { formatPosition } from '../../read/position.ts'
import type { Stop } from '../../store/stops.ts'
import { shorten } from '../recent/event-text.ts'
import type { Clock } from '../page/format.ts'

const REASONS: Readonly<Record<Stop['activityStatus'], string>> = {
  UNDELIVERED: 'Hard bounce',
  SPAM: 'Marked as spam',
  UNSUBSCRIBED: 'Unsubscribed',
}

/**
 * Whether a contact is not to be written to any more, and why.
 *
 * @param isWhole whether all of its events were looked at
 */
export function Stops({
  stops,
  isWhole,
  clock,
}: {
  stops: readonly Stop[]
  isWhole: boolean
  clock: Clock
}) {
  if (stops.length === 0) {
    return isWhole ? (
      <p class="note good">
        Nothing here says not to write to this contact: no hard bounce, no complaint, no
        unsubscription.
      </p>
    ) : (
      <p class="note warn">
        This contact has more events than are looked at for this page. Among the newest there is no
        hard bounce, complaint or unsubscription.
      </p>
    )
  }
  return (
    <div class="note bad">
      <p>This contact is not to be written to:</p>
      <ul>
        {stops.map((stop) => (
          <li>
            <a href={`/recent/${formatPosition(stop)}`}>{REASONS[stop.activityStatus]}</a>
            {stop.mediaType !== null && (
              <>
                , <bdi>{shorten(stop.mediaType, 60)}</bdi>
              </>
            )}
            , {clock.exact(stop.occurredAt)}
            {stop.statusDescription !== null && (
              <>
                : <bdi>{shorten(stop.statusDescription, 300)}</bdi>
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
