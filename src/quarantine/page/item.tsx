import { cutText } from '../../platform/cut-text.ts'
import { HttpError } from '../../platform/http-error.ts'
import { findItem, findListed, type ListedItem, type StoredItem } from '../../db/quarantine/list.ts'
import { operateSettings } from '../../settings/settings.ts'
import { listMembers } from '../../events/page/event-values.ts'
import { Layout } from '../../web/layout.tsx'
import { Moment } from '../../web/moment.tsx'
import { Properties, type Property } from '../../web/properties.tsx'
import { mayOperate } from '../../web/session/session.ts'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import { parseId } from '../../http/item-id.ts'
import { ItemActions } from './forms.tsx'
import { describeExpiry, describeOrigin, PRE_BEGIN } from './list.tsx'

const MAX_SHOWN = 100_000 // characters
const MAX_PARTS = 4 // enough for that many

/** `GET /quarantine/{id}`: one item, as it was sent. */
export async function showItem(context: PageContext): Promise<Response> {
  const { env } = context
  const { request, elementIndex } = readKey(context)
  const item = (await findItem(env.DB, request, elementIndex, MAX_PARTS)) ?? rejectUnknown()
  return showPage(
    context,
    <Layout view="/quarantine" title="Quarantined item">
      <p class="note">
        <bdi>{item.reason}</bdi>
      </p>
      <Properties properties={listProperties(item, context)} />
      {mayOperate(context) && <ItemActions item={item} />}
      <h2>Content as sent</h2>
      {(item.kind === 'bytes' || item.kind === 'bodyBytes') && (
        <p class="quiet">Each byte is shown as one character (ISO 8859-1).</p>
      )}
      <pre>
        {PRE_BEGIN}
        {cutText(item.sent, MAX_SHOWN)}
      </pre>
      {(!item.complete || item.sent.length > MAX_SHOWN) && (
        <p class="note">
          Only the beginning is shown. The table <code>quarantine</code> has all of it.
        </p>
      )}
      <p>
        <a href="/quarantine">Back to quarantine</a>
      </p>
    </Layout>,
  )
}

/** The item that a page's URL names. @throws HttpError 404 `not_found` if it does not exist */
export async function findListedItem(context: PageContext): Promise<ListedItem> {
  const { request, elementIndex } = readKey(context)
  return (await findListed(context.env.DB, request, elementIndex)) ?? rejectUnknown()
}

function readKey({ req }: PageContext) {
  return parseId(req.param('id') ?? '') ?? rejectUnknown()
}

function rejectUnknown(): never {
  throw new HttpError(
    404,
    'not_found',
    'This item no longer exists: it was stored, deleted, or the link is wrong.',
  )
}

function listProperties(item: StoredItem, context: PageContext): Property[] {
  const clock = viewerClock(context)
  return [
    ['Position', describeOrigin(item)],
    [
      'Received',
      <>
        <Moment time={item.receivedAt} /> ({clock.name})
      </>,
    ],
    ['Source', item.origin],
    ['Kept', describeExpiry(item, operateSettings(context.env).quarantineDays, clock)],
    ...listMembers(item.labels).map(({ name, text }): Property => [
      <bdi>{name}</bdi>,
      <bdi>{text}</bdi>,
    ]),
  ]
}
