import { cutText } from '../../platform/cut-text.ts'
import { findItem, findListed, type ListedItem, type StoredItem } from '../../db/quarantine/list.ts'
import { operateSettings } from '../../settings/settings.ts'
import { listMembers } from '../../events/page/event-values.ts'
import { Layout } from '../../web/layout.tsx'
import { PageError } from '../../web/page-error.ts'
import { Moment } from '../../web/moment.tsx'
import { Properties, type Property } from '../../web/properties.tsx'
import { mayOperate } from '../../web/session/session.ts'
import { showPage, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { parseId } from '../../http/item-id.ts'
import { ItemActions } from './forms.tsx'
import { describeExpiry, describeOrigin, PRE_BEGIN } from './list.tsx'
import { describeReason } from './reason.ts'

const MAX_SHOWN = 100_000 // characters
const MAX_PARTS = 4 // enough for that many

/** `GET /quarantine/{id}`: one item, as it was sent. */
export async function showItem(context: PageContext): Promise<Response> {
  const { env } = context
  const { request, elementIndex } = readKey(context)
  const item = (await findItem(env.DB, request, elementIndex, MAX_PARTS)) ?? rejectUnknown()
  const viewer = viewerOf(context)
  const { text, rich } = viewer
  return showPage(
    context,
    <Layout view="/quarantine" title={text('quarantine.one')}>
      <p class="note">
        <bdi>{describeReason(item.reason, viewer)}</bdi>
      </p>
      <Properties properties={listProperties(item, context)} />
      {mayOperate(context) && <ItemActions item={item} />}
      <h2>{text('quarantine.content')}</h2>
      {(item.kind === 'bytes' || item.kind === 'bodyBytes') && (
        <p class="quiet">{text('quarantine.bytes')}</p>
      )}
      <pre>
        {PRE_BEGIN}
        {cutText(item.sent, MAX_SHOWN)}
      </pre>
      {(!item.complete || item.sent.length > MAX_SHOWN) && (
        <p class="note">
          {rich('quarantine.beginning', { code: (content) => <code>{content}</code> })}
        </p>
      )}
      <p>
        <a href="/quarantine">{text('quarantine.back')}</a>
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
  throw new PageError(404, 'not_found', 'quarantine.notFound')
}

function listProperties(item: StoredItem, context: PageContext): Property[] {
  const { text, rich, clock } = viewerOf(context)
  const { quarantineDays } = operateSettings(context.env)
  return [
    [text('quarantine.position'), describeOrigin(item, text)],
    [
      text('quarantine.received'),
      rich('quarantine.receivedAt', { time: <Moment time={item.receivedAt} />, zone: clock.name }),
    ],
    [
      text('quarantine.source'),
      text(item.origin === 'api' ? 'events.source.api' : 'events.source.webhook'),
    ],
    [text('quarantine.kept'), describeExpiry(item, quarantineDays, { text, clock })],
    ...listMembers(item.labels).map(({ name, text: value }): Property => [
      <bdi>{name}</bdi>,
      <bdi>{value}</bdi>,
    ]),
  ]
}
