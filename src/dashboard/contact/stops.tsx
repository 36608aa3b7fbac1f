import { formatPosition } from '../../read/position.ts'
import { MAX_CONTACT_EVENTS } from '../../store/contact-counts.ts'
import type { Stop } from '../../store/stops.ts'
import { shorten } from '../recent/event-text.ts'
import { formatNumber, type Clock } from '../page/format.ts'

const REASONS: Readonly<Record<Stop['activityStatus'], string>> = {
  UNDELIVERED: 'Hard bounce',
  SPAM: 'Marked as spam',
  UNSUBSCRIBED: 'Unsubscribed',
}

const SOUGHT = 'hard bounce, spam complaint or unsubscribe'

/**
 * Whether a contact may be contacted, and why not: for each channel, or each address of one that
 * bounced.
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
  const blocked = Map.groupBy(stops, ({ mediaType, address }) =>
    JSON.stringify([channelOf(mediaType), address]),
  )
  return (
    <>
      {stops.length > 0 && (
        <ul class="note bad plain-list">
          {[...blocked.values()].map((reasons) => (
            <Blocked reasons={reasons} clock={clock} />
          ))}
        </ul>
      )}
      <Rest hasStops={stops.length > 0} isWhole={isWhole} />
    </>
  )
}

/** What is said of all that is not blocked. */
function Rest({ hasStops, isWhole }: { hasStops: boolean; isWhole: boolean }) {
  const no = `no ${hasStops ? 'other ' : ''}${SOUGHT}`
  return isWhole ? (
    <p class="note good">
      OK to contact{hasStops && ' otherwise'}: {no} on record.
    </p>
  ) : (
    <p class="note warn">
      Only {formatNumber(MAX_CONTACT_EVENTS)} events of this contact were checked: {no} among them.
    </p>
  )
}

/** What is blocked for one or several reasons: a channel, or an address of it. */
function Blocked({ reasons, clock }: { reasons: readonly Stop[]; clock: Clock }) {
  const [newest] = reasons
  if (!newest) return null
  const { mediaType, address } = newest
  return (
    <li>
      <strong>
        Do not contact (
        {mediaType === null ? 'unknown channel' : <bdi>{shorten(mediaType, 60)}</bdi>}
        {address !== null && (
          <>
            , <bdi>{shorten(address, 300)}</bdi>
          </>
        )}
        )
      </strong>
      {reasons.map((stop) => (
        <div>
          <a href={`/recent/${formatPosition(stop)}`}>{REASONS[stop.activityStatus]}</a>,{' '}
          {clock.exact(stop.occurredAt)}
          {stop.statusDescription !== null && (
            <>
              : <bdi>{shorten(stop.statusDescription, 300)}</bdi>
            </>
          )}
        </div>
      ))}
    </li>
  )
}

// Yespo writes "Web Push" and "webpush" alike.
function channelOf(mediaType: string | null): string | null {
  return mediaType?.toLowerCase().replaceAll(/[ -]/g, '') ?? null
}
