import { formatCursor } from '../../http/cursor.ts'
import type { Block } from '../../db/events/contact-events.ts'
import { shorten } from '../../platform/cut-text.ts'
import type { Clock } from '../../web/format.ts'

const REASONS: Readonly<Record<Block['activityStatus'], string>> = {
  UNDELIVERED: 'Hard bounce',
  SPAM: 'Marked as spam',
  UNSUBSCRIBED: 'Unsubscribed',
}

const CHECKED_FOR = 'hard bounce, spam complaint or unsubscribe'

/**
 * The channels and bounced addresses on which a contact must not be contacted, with the reasons.
 *
 * @param included the events of the contact that were checked; undefined if all were
 */
export function Blocks({
  blocks,
  included,
  clock,
}: {
  blocks: readonly Block[]
  included: string | undefined
  clock: Clock
}) {
  const blocked = Map.groupBy(blocks, ({ mediaType, address }) =>
    JSON.stringify([channelOf(mediaType), address]),
  )
  return (
    <>
      {blocks.length > 0 && (
        <ul class="note bad plain-list">
          {[...blocked.values()].map((reasons) => (
            <Blocked reasons={reasons} clock={clock} />
          ))}
        </ul>
      )}
      <OtherChannels hasBlocks={blocks.length > 0} included={included} />
    </>
  )
}

/** Whether the contact may be contacted on all other channels. */
function OtherChannels({
  hasBlocks,
  included,
}: {
  hasBlocks: boolean
  included: string | undefined
}) {
  const no = `no ${hasBlocks ? 'other ' : ''}${CHECKED_FOR}`
  return included === undefined ? (
    <p class="note good">
      OK to contact{hasBlocks && ' otherwise'}: {no} on record.
    </p>
  ) : (
    <p class="note warn">
      Only {included} of this contact were checked, with {no}.
    </p>
  )
}

/** A blocked channel, or address, with its reasons. */
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
      {reasons.map((block) => (
        <div>
          <a href={`/recent/${formatCursor(block)}`}>{REASONS[block.activityStatus]}</a>,{' '}
          {clock.exact(block.occurredAt)}
          {block.statusDescription !== null && (
            <>
              : <bdi>{shorten(block.statusDescription, 300)}</bdi>
            </>
          )}
        </div>
      ))}
    </li>
  )
}

// Yespo writes both "Web Push" and "webpush".
function channelOf(mediaType: string | null): string | null {
  return mediaType?.toLowerCase().replaceAll(/[ -]/g, '') ?? null
}
