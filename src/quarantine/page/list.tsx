import { expiryOf } from '../api.ts'
import type { StoredItem } from '../../db/quarantine/list.ts'
import type { TextKey } from '../../language/messages.ts'
import { useViewer, type Viewer } from '../../web/viewer.tsx'
import { Moment } from '../../web/moment.tsx'
import { ItemActions, itemPath } from './forms.tsx'
import { describeReason } from './reason.ts'

/** The kinds of items in words, except for an element of a request. */
const KINDS: Readonly<Record<Exclude<StoredItem['kind'], 'element'>, TextKey>> = {
  bytes: 'quarantine.kind.bytes',
  body: 'quarantine.kind.body',
  bodyBytes: 'quarantine.kind.bodyBytes',
  message: 'quarantine.kind.message',
}

/** Browsers drop a line break right after `<pre>`; without this one, an item's own would be lost. */
export const PRE_BEGIN = '\n'

/** A list of items; each row opens to the beginning of the content. */
export function QuarantineRows({
  items,
  days,
  canOperate,
}: {
  items: readonly StoredItem[]
  /** Days after which items are deleted; 0 keeps all. */
  days: number
  canOperate: boolean
}) {
  const viewer = useViewer()
  const { text, rich, clock } = viewer
  return (
    <>
      <ol class="events items" aria-label={text('quarantine.list')}>
        {items.map((item) => (
          <li>
            <details>
              <summary>
                <Moment time={item.receivedAt} />
                <span>
                  <bdi>{describeReason(item.reason, viewer)}</bdi>
                </span>
                <span>{item.kind !== 'element' && text(KINDS[item.kind])}</span>
              </summary>
              <div>
                <p>
                  {rich('quarantine.summary', {
                    origin: describeOrigin(item, text),
                    kept: describeExpiry(item, days, { text, clock }),
                    link: (content) => <a href={itemPath(item)}>{content}</a>,
                  })}
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
      <p class="quiet">{text('quarantine.zone', { zone: clock.name })}</p>
    </>
  )
}

/** How long an item is kept, within a sentence. */
export function describeExpiry(
  item: StoredItem,
  days: number,
  { text, clock }: Pick<Viewer, 'text' | 'clock'>,
): string {
  const expiresAt = expiryOf(item, days)
  return expiresAt === null
    ? text('quarantine.keptForever')
    : text('quarantine.keptUntil', { time: clock.exact(expiresAt) })
}

/** The request or message that an item came in, and its number in that. */
export function describeOrigin(
  { kind, request, elementIndex }: StoredItem,
  text: Viewer['text'],
): string {
  if (kind === 'message') return text('quarantine.originMessage', { request })
  if (kind === 'body' || kind === 'bodyBytes') return text('quarantine.originRequest', { request })
  return text('quarantine.originItem', { number: elementIndex + 1, request })
}
