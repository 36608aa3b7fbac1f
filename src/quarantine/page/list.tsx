import { expiryOf } from '../api.ts'
import type { StoredItem } from '../../db/quarantine/list.ts'
import { shorten } from '../../platform/cut-text.ts'
import { formatNumber, type Clock } from '../../language/format.ts'
import { Moment } from '../../web/moment.tsx'
import { ItemActions, itemPath } from './forms.tsx'

/** The kinds of items in words, except for an element of a request. */
const KINDS: Readonly<Record<StoredItem['kind'], string>> = {
  element: '',
  bytes: 'Not UTF-8',
  body: 'Request body',
  bodyBytes: 'Request body, not UTF-8',
  message: 'Queue message',
}

/** Browsers drop a line break right after `<pre>`; without this one, an item's own would be lost. */
export const PRE_BEGIN = '\n'

/** A list of items; each row opens to the beginning of the content. */
export function QuarantineRows({
  items,
  days,
  canOperate,
  clock,
}: {
  items: readonly StoredItem[]
  /** Days after which items are deleted; 0 keeps all. */
  days: number
  canOperate: boolean
  clock: Clock
}) {
  return (
    <>
      <ol class="events items" aria-label="Quarantined items, newest first">
        {items.map((item) => (
          <li>
            <details>
              <summary>
                <Moment time={item.receivedAt} />
                <span>
                  <bdi>{shorten(item.reason, 300)}</bdi>
                </span>
                <span>{KINDS[item.kind]}</span>
              </summary>
              <div>
                <p>
                  {describeOrigin(item)}, kept {describeExpiry(item, days, clock)}.{' '}
                  <a href={itemPath(item)}>View item</a>
                </p>
                <pre>
                  {PRE_BEGIN}
                  {item.sent}
                </pre>
                {canOperate && <ItemActions item={item} />}
              </div>
            </details>
          </li>
        ))}
      </ol>
      <p class="quiet">Times of receipt are {clock.name}.</p>
    </>
  )
}

/** How long an item is kept; follows the word "kept". */
export function describeExpiry(item: StoredItem, days: number, clock: Clock): string {
  const expiresAt = expiryOf(item, days)
  return expiresAt === null ? 'until you delete it' : `until ${clock.exact(expiresAt)}`
}

/** The request or message that an item came in, and its number in that. */
export function describeOrigin({ kind, request, elementIndex }: StoredItem): string {
  if (kind === 'message') return `Queue message ${request}`
  if (kind === 'body' || kind === 'bodyBytes') return `Request ${request}`
  return `Item ${formatNumber(elementIndex + 1)} of request ${request}`
}
