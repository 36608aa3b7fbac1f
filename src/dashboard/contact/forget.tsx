import type { Context } from 'hono'
import { eraseQuery, forgetContact } from '../../operate/erasure/erase.ts'
import { parseQuery } from '../../read/query.ts'
import { countContactEvents, MAX_CONTACT_EVENTS } from '../../store/contact-counts.ts'
import { listSomeNames } from '../../store/names.ts'
import { formatCount } from '../page/count.ts'
import { readForm } from '../page/form.ts'
import { formatNumber } from '../page/format.ts'
import { Layout } from '../page/layout.tsx'
import { Names } from './facts.tsx'
import { readContactId, unknownContact } from './known.ts'

type PageContext = Context<{ Bindings: Env }>

const ELSEWHERE =
  'What only the archive or the set-aside elements have of it is forgotten by DELETE /contacts/{contactId} of the API.'

/** Leads to the page that asks whether a contact is to be forgotten. */
export function ForgetButton({ contactId }: { contactId: string }) {
  return (
    <form action={forgetPath(contactId)}>
      <button class="plain">Forget this contact …</button>
    </form>
  )
}

/** `GET /contact/{contactId}/forget`: says what would go, and asks. */
export async function confirmForget(context: PageContext): Promise<Response> {
  const { env } = context
  const id = readContactId(context)
  const [names, counts] = await Promise.all([
    listSomeNames(env.DB, [id]),
    countContactEvents(env.DB, id),
  ])
  if (!names.has(id) && counts.length === 0) throw unknownContact(ELSEWHERE)
  const events = counts.reduce((sum, each) => sum + each.events, 0)
  return context.html(
    <Layout view="/contact" title={`Forget contact ${id}?`}>
      <p class="note warn">This cannot be undone.</p>
      <Names known={names.get(id)} />
      <Consequences events={events} />
      <form method="post" action={forgetPath(id)}>
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
  const number = await forgetContact(context.env, id, suppressions)
  return context.redirect(`/forgotten/${number}`, 303)
}

function Consequences({ events }: { events: number }) {
  const isWhole = events < MAX_CONTACT_EVENTS
  return (
    <>
      <h2>What goes</h2>
      <ul>
        <li>
          all events until now:{' '}
          {isWhole ? `${formatCount(events, 'event')} here` : `more than ${formatNumber(events)}`},
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

function forgetPath(contactId: string): string {
  return `/contact/${contactId}/forget`
}
