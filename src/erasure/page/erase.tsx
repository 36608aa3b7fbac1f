import type { Context } from 'hono'
import { eraseQuery, eraseContactNow } from '../erase.ts'
import { parseQuery } from '../../http/parse-query.ts'
import { countContactEvents, MAX_CONTACT_EVENTS } from '../../db/events/contact-counts.ts'
import { listSomeIdentifiers } from '../../db/events/identifiers.ts'
import { formatCount } from '../../web/count.ts'
import { readForm } from '../../web/form.ts'
import { formatNumber } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { Names } from '../../contacts/page/summary.tsx'
import { erasePath } from '../../contacts/page/erase-button.tsx'
import { readContactId, unknownContact } from '../../contacts/page/known-contact.ts'

type PageContext = Context<{ Bindings: Env }>

const ELSEWHERE =
  'What only the archive or the set-aside elements have of it is forgotten by DELETE /contacts/{contactId} of the API.'

/** `GET /contact/{contactId}/forget`: says what would go, and asks. */
export async function confirmErase(context: PageContext): Promise<Response> {
  const { env } = context
  const id = readContactId(context)
  const [names, counts] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    countContactEvents(env.DB, id),
  ])
  if (!names.has(id) && counts.length === 0) throw unknownContact(ELSEWHERE)
  const events = counts.reduce((sum, each) => sum + each.events, 0)
  return context.html(
    <Layout view="/contact" title={`Forget contact ${id}?`}>
      <p class="note warn">This cannot be undone.</p>
      <Names known={names.get(id)} />
      <Consequences events={events} />
      <form method="post" action={erasePath(id)}>
        <p class="inline">
          <input
            id="keep"
            type="checkbox"
            name="suppressions"
            value="keep"
            aria-describedby="kept"
          />
          <label for="keep">Remember that they are not to be written to</label>
        </p>
        <p id="kept" class="quiet">
          If they bounced, complained or unsubscribed, that and the address that it is about stay in
          the list of suppressions. Tick it where the law lets you keep that; otherwise it goes,
          too.
        </p>
        <button>Forget for good</button>
      </form>
      <p>
        <a href={`/contact/${id}`}>Keep the contact</a>
      </p>
    </Layout>,
  )
}

/** `POST /contact/{contactId}/forget`: begins, and leads to the page that says how far it is. */
export async function forget(context: PageContext): Promise<Response> {
  const id = readContactId(context)
  const { suppressions: given = 'erase' } = await readForm(context.req)
  const { suppressions } = parseQuery(eraseQuery, new URLSearchParams({ suppressions: given }))
  const number = await eraseContactNow(context.env, id, suppressions)
  return context.redirect(`/forgotten/${number}`, 303)
}

function Consequences({ events }: { events: number }) {
  const complete = events < MAX_CONTACT_EVENTS
  return (
    <>
      <h2>What goes</h2>
      <ul>
        <li>
          all events until now:{' '}
          {complete ? `${formatCount(events, 'event')} here` : `more than ${formatNumber(events)}`},
          and those in the archive; also events without a contact ID that carry one of its names
        </li>
        <li>the names and addresses that it was seen under, and which messages went to it</li>
        <li>what was set aside and speaks of it</li>
        <li>what is still on its way, or is sent again later, of what happened until now</li>
      </ul>
      <h2>What stays</h2>
      <ul>
        <li>the totals: how many were sent, delivered, read and so on, without a word of whom</li>
        <li>other contacts, also those that share one of its addresses</li>
        <li>the contact in Yespo, where nothing changes</li>
      </ul>
      <p>
        Events that happen from now on are stored again: to have none, delete the contact in Yespo
        first.
      </p>
    </>
  )
}
