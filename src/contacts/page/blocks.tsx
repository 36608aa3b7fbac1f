import { formatCursor } from '../../http/cursor.ts'
import { MAX_CONTACT_EVENTS } from '../../db/events/contact-counts.ts'
import type { Block } from '../../db/events/blocks.ts'
import { shorten } from '../../web/event-text.ts'
import { formatNumber, type Clock } from '../../web/format.ts'

const REASONS: Readonly<Record<Block['activityStatus'], string>> = {
  UNDELIVERED: 'Hard bounce',
  SPAM: 'Marked as spam',
  UNSUBSCRIBED: 'Unsubscribed',
}

const SOUGHT = 'hard bounce, spam complaint or unsubscribe'

/**
 * Whether a contact may be contacted, and why not: for each channel, or each address of one that
 * bounced.
 *
 * @param complete whether all of its events were looked at
 */
export function Blocks({
  stops,
  complete,
  clock,
}: {
  stops: readonly Block[]
  complete: boolean
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
      <Rest hasBlocks={stops.length > 0} complete={complete} />
    </>
  )
}

/** What is said of all that is not blocked. */
function Rest({ hasBlocks, complete }: { hasBlocks: boolean; complete: boolean }) {
  const no = `no ${hasBlocks ? 'other ' : ''}${SOUGHT}`
  return complete ? (
    <p class="note good">
      OK to contact{hasBlocks && ' otherwise'}: {no} on record.
    </p>
  ) : (
    <p class="note warn">
      Only {formatNumber(MAX_CONTACT_EVENTS)} events of this contact were checked: {no} among them.
    </p>
  )
}

/** What is blocked for one or several reasons: a channel, or an address of it. */
function Blocked({ reasons, clock }: { reasons: readonly Block[]; clock: Clock }) {
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
          <a href={`/recent/${formatCursor(stop)}`}>{REASONS[stop.activityStatus]}</a>,{' '}
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
