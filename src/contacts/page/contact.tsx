import * as z from 'zod'
import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { cursor } from '../../http/query-fields.ts'
import { hasDatedAhead } from '../../db/events/dated-ahead.ts'
import { listSomeIdentifiers, type SomeIdentifiers } from '../../db/events/identifiers.ts'
import type { EventKey } from '../../db/stored-event.ts'
import { listDeliveries, type DeliveryPage } from '../../history/contact-deliveries.ts'
import { readContact, type ContactRecord } from '../../history/contact-record.ts'
import { continueHistory, openHistory, type History } from '../../history/history.ts'
import { endOf } from '../../history/merge.ts'
import { DatedAhead } from '../../events/page/recent.tsx'
import { isCsvRequested } from '../../web/csv-download.ts'
import { DownloadLink } from '../../web/download-link.tsx'
import { Layout } from '../../web/layout.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { mayOperate } from '../../web/session/session.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { explainContact } from '../explanation.ts'
import { readContactId, unknownContact } from './contact-id.ts'
import { Explanation } from './explanation.tsx'
import { downloadMessages } from './messages-csv.ts'
import { Messages } from './messages.tsx'
import { Addresses, Counts } from './summary.tsx'

const MESSAGES_PER_PAGE = 20

const contactQuery = z.strictObject({ cursor: cursor.optional() })

/** `GET /contact/{contactId}`: whether a contact may be contacted, its addresses and its messages. */
export async function showContact(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { cursor: after } = readPageQuery(contactQuery, req.url)
  const id = readContactId(context)
  const history = openHistory(env)
  if (after) return showOlder(context, id, await listMessages(history, id, after))
  const until = Date.now() + MAX_AHEAD_MS
  if (isCsvRequested(context)) return downloadMessages(context, id, endOf(until))
  const [identifiers, record, messages, isAhead] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    readContact(continueHistory(history), id),
    listMessages(history, id, endOf(until)),
    hasDatedAhead(env.DB, { parameters: { contactId: [id] }, until }),
  ])
  if (!identifiers.has(id) && record.counts.length === 0 && record.complete) throw unknownContact()
  return showPage(
    context,
    <Contact
      id={id}
      identifiers={identifiers.get(id)}
      record={record}
      messages={messages}
      isAhead={isAhead}
      isOperator={mayOperate(context)}
    />,
  )
}

function listMessages(history: History, id: string, after: EventKey) {
  return listDeliveries(history, id, after, MESSAGES_PER_PAGE)
}

function Contact({
  id,
  identifiers,
  record,
  messages,
  isAhead,
  isOperator,
}: {
  id: string
  identifiers: SomeIdentifiers | undefined
  record: ContactRecord
  messages: DeliveryPage
  isAhead: boolean
  isOperator: boolean
}) {
  const { text, clock } = useViewer()
  const checked = record.complete ? undefined : record
  return (
    <Layout view="/contact" title={text('contacts.title', { id })}>
      <Explanation
        contactId={id}
        channels={explainContact(record, identifiers?.names ?? {})}
        checked={checked}
      />
      <h2>{text('contacts.person')}</h2>
      <Addresses identifiers={identifiers} />
      <p class="bar">
        <a class="button" href={`/contact/${id}/data`} download>
          {text('contacts.export')}
        </a>
        {isOperator && (
          <a class="button danger" href={`/contact/${id}/erase`}>
            {text('contacts.erase')}
          </a>
        )}
      </p>
      <h2>{text('contacts.messages')}</h2>
      <Counts contactId={id} counts={record.counts} checked={checked} />
      <Messages contactId={id} page={messages} none={text('contacts.noMessages')} />
      <DownloadLink />
      {isAhead && <DatedAhead query={{ contactId: id }} />}
      <p class="quiet">{text('events.zone', { zone: clock.name })}</p>
    </Layout>
  )
}

/** A further page of messages. */
function showOlder(context: PageContext, id: string, messages: DeliveryPage) {
  const { text, clock } = viewerOf(context)
  return showPage(
    context,
    <Layout view="/contact" title={text('contacts.title', { id })}>
      <p>
        <a href={`/contact/${id}`}>{text('contacts.newest')}</a>
      </p>
      <h2>{text('contacts.older')}</h2>
      <Messages contactId={id} page={messages} none={text('contacts.noOlder')} />
      <p class="quiet">{text('events.zone', { zone: clock.name })}</p>
    </Layout>,
  )
}
