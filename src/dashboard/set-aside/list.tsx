import type { StoredSetAside } from '../../store/quarantine.ts'
import { shorten } from '../recent/event-text.ts'
import { formatNumber, type Clock } from '../page/format.ts'

/** What each kind is called. */
export const KINDS: Readonly<Record<StoredSetAside['kind'], string>> = {
  element: 'An element',
  bytes: 'An element that is not UTF-8',
  rest: 'The rest of a request',
  message: 'A message of the queue',
}

/** A browser takes away a line break right after `<pre>`, so that one of the text would be lost. */
export const PRE_BEGIN = '\n'

/** The page of one element. */
export function setAsideLink({ request, elementIndex }: StoredSetAside): string {
  return `/set-aside/${encodeURIComponent(request)}/${elementIndex}`
}

/** A list of what was set aside; each row opens to the beginning of what was sent. */
export function SetAsideRows({
  elements,
  clock,
}: {
  elements: readonly StoredSetAside[]
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
                  {placeOf(element)}. <a href={setAsideLink(element)}>Show all of it</a>
                </p>
                <pre>
                  {PRE_BEGIN}
                  {element.sent}
                </pre>
              </div>
            </details>
          </li>
        ))}
      </ol>
      <p class="quiet">Times of arrival, in {clock.zone}.</p>
    </>
  )
}

/** Where an element was in what it came with. */
export function placeOf({ kind, request, elementIndex }: StoredSetAside): string {
  if (kind === 'message') return `Message ${request}`
  const place = formatNumber(elementIndex + 1)
  return kind === 'rest'
    ? `Element ${place} and all after it, of request ${request}`
    : `Element ${place} of request ${request}`
}
