import { expiryOf } from '../api.ts'
import type { StoredItem } from '../../db/quarantine/list.ts'
import { shorten } from '../../web/event-text.ts'
import { formatNumber, type Clock } from '../../web/format.ts'
import { ElementActions, quarantineLink } from './action-forms.tsx'

/** What each kind is called. */
export const KINDS: Readonly<Record<StoredItem['kind'], string>> = {
  element: 'An element',
  bytes: 'An element that is not UTF-8',
  body: 'A body',
  bodyBytes: 'A body that is not UTF-8',
  message: 'A message of the queue',
}

/** A browser takes away a line break right after `<pre>`, so that one of the text would be lost. */
export const PRE_BEGIN = '\n'

/** A list of what was set aside; each row opens to the beginning of what was sent. */
export function QuarantineRows({
  elements,
  days,
  canOperate,
  clock,
}: {
  elements: readonly StoredItem[]
  /** After which they are deleted; 0 keeps all. */
  days: number
  canOperate: boolean
  clock: Clock
}) {
  return (
    <>
      <ol class="events aside" aria-label="Set aside, newest first">
        {elements.map((element) => (
          <li>
            <details>
              <summary>
                <time datetime={new Date(element.receivedAt).toISOString()}>
                  {clock.exact(element.receivedAt)}
                </time>
                <span>{KINDS[element.kind]}</span>
                <span>
                  <bdi>{shorten(element.reason, 300)}</bdi>
                </span>
              </summary>
              <div>
                <p>
                  {placeOf(element)}, kept {writeExpiry(element, days, clock)}.{' '}
                  <a href={quarantineLink(element)}>Show all of it</a>
                </p>
                <pre>
                  {PRE_BEGIN}
                  {element.sent}
                </pre>
                {canOperate && <ElementActions element={element} />}
              </div>
            </details>
          </li>
        ))}
      </ol>
      <p class="quiet">Times of arrival, {clock.name}.</p>
    </>
  )
}

/** How long something is kept, in words that go on after "kept". */
export function writeExpiry(element: StoredItem, days: number, clock: Clock): string {
  const expiresAt = expiryOf(element, days)
  return expiresAt === null ? 'until you discard it' : `until ${clock.exact(expiresAt)}`
}

/** Where an element was in what it came with. */
export function placeOf({ kind, request, elementIndex }: StoredItem): string {
  if (kind === 'message') return `Message ${request}`
  if (kind === 'body' || kind === 'bodyBytes') return `Request ${request}`
  return `Element ${formatNumber(elementIndex + 1)} of request ${request}`
}
