import { eraseQuery, eraseContactNow } from '../erase.ts'
import { parseQuery } from '../../http/parse-query.ts'
import { countContactEvents, MAX_CONTACT_EVENTS } from '../../db/events/contact-events.ts'
import { listSomeIdentifiers } from '../../db/events/identifiers.ts'
import { readForm } from '../../web/form.ts'
import { formatNumber } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { showPage, type PageContext } from '../../web/viewer.tsx'
import { Addresses } from '../../contacts/page/summary.tsx'
import { readContactId, unknownContact } from '../../contacts/page/contact-id.ts'

const UNKNOWN_ADVICE =
  'If only the archive or the quarantine mentions it, use DELETE /contacts/{contactId} of the API.'

/** `GET /contact/{contactId}/erase`: shows the consequences, and asks for confirmation. */
export async function confirmErase(context: PageContext): Promise<Response> {
  const { env } = context
  const id = readContactId(context)
  const [identifiers, counts] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    countContactEvents(env.DB, id),
  ])
  if (!identifiers.has(id) && counts.length === 0) throw unknownContact(UNKNOWN_ADVICE)
  return showPage(
    context,
    <Layout view="/contact" title={`Erase personal data of contact ${id}?`}>
      <p class="note warn">This cannot be undone.</p>
      <Addresses identifiers={identifiers.get(id)} />
      <Consequences events={counts.reduce((sum, each) => sum + each.events, 0)} />
      <form method="post" action={`/contact/${id}/erase`}>
        <p class="inline">
          <input
            id="keep"
            type="checkbox"
            name="suppressions"
            value="keep"
            aria-describedby="kept"
          />
          <label for="keep">Keep this contact’s suppressions</label>
        </p>
        <p id="kept" class="quiet">
          If the contact bounced, complained or unsubscribed, the address stays on the suppression
          list, so that it is not written to again. Tick this only if the law lets you keep it;
          otherwise it is erased, too.
        </p>
        <button>Erase permanently</button>
      </form>
      <p>
        <a href={`/contact/${id}`}>Cancel</a>
      </p>
    </Layout>,
  )
}

/** `POST /contact/{contactId}/erase`: starts the erasure, and redirects to its page. */
export async function erase(context: PageContext): Promise<Response> {
  const id = readContactId(context)
  const { suppressions: choice = 'erase' } = await readForm(context.req)
  const { suppressions } = parseQuery(eraseQuery, new URLSearchParams({ suppressions: choice }))
  const number = await eraseContactNow(context.env, id, suppressions)
  return context.redirect(`/erasures/${number}`, 303)
}

function Consequences({ events }: { events: number }) {
  const isMore = events >= MAX_CONTACT_EVENTS
  return (
    <>
      <h2>Will be erased</h2>
      <ul>
        <li>
          all events so far: {isMore && 'more than '}
          {formatNumber(events)} here, those in the archive, and events without a contact ID that
          carry one of the addresses or IDs above
        </li>
        <li>addresses, customer IDs and delivery records</li>
        <li>quarantined items that mention the contact</li>
        <li>events up to now that are still on their way or are sent again later</li>
      </ul>
      <h2>Will be kept</h2>
      <ul>
        <li>anonymous totals: how many messages were sent, delivered, read and so on</li>
        <li>other contacts, including those that share an address</li>
        <li>the contact in Yespo, which does not change</li>
      </ul>
      <p>
        Events that happen from now on are stored again. To prevent that, delete the contact in
        Yespo first.
      </p>
    </>
  )
}
