import { cutText, shorten } from '../../platform/cut-text.ts'
import {
  LOOKUP_PARAMETERS,
  normalizeIdentifier,
  readIdentifiers,
  readPhone,
} from '../../event/identifier.ts'
import { integer } from '../../http/query-fields.ts'
import { openHistory, type History } from '../../history/history.ts'
import { listHistory } from '../../history/list.ts'
import {
  findContactIds,
  listSomeIdentifiers,
  type ContactIdentifiers,
} from '../../db/events/identifiers.ts'
import { MIN_PIECE, searchIdentifiers } from '../../db/events/search-identifiers.ts'
import { MAX_SCANS } from '../../db/events/scan-plan.ts'
import { operateSettings } from '../../settings/settings.ts'
import type { StoredEvent } from '../../db/stored-event.ts'
import { EventRows } from '../../events/page/event-list.tsx'
import { readForm } from '../../web/form.ts'
import { formatCount } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { type PageContext, showPage } from '../../web/viewer.tsx'

const MAX_INPUT = 2_000 // characters, as in the API
const MAX_FOUND = 50 // contacts
const MAX_NAMELESS = 50 // events

/** `GET /contact`: the search form. */
export function showContactSearch(context: PageContext): Response | Promise<Response> {
  return showPage(
    context,
    <Layout view="/contact">
      <SearchForm />
      <p class="empty">
        Search by email, phone, contact ID or customer ID, or a piece of an address, to see every
        message this person was sent.
      </p>
    </Layout>,
  )
}

/**
 * `POST /contact`: redirects to the contact with an address or ID, which is never in a URL. If there is none, it searches
 * for contacts whose address contains the text.
 */
export async function findContact(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { name = '', after = '' } = await readForm(req)
  const input = cutText(name.trim(), MAX_INPUT)
  if (input === '') return context.redirect('/contact', 303)
  const { phoneCountry } = operateSettings(env)
  const history = openHistory(env)
  const ids = after === '' ? await findIds(history, input, phoneCountry) : []
  const [only] = ids
  if (only === undefined) return searchPiece(context, history, input, after)
  if (ids.length === 1) return context.redirect(`/contact/${only}`, 303)
  const shown = ids.slice(0, MAX_SCANS)
  const identifiers = await listSomeIdentifiers(env.DB, shown)
  return showPage(
    context,
    <Layout view="/contact">
      <SearchForm input={input} />
      <p role="status">
        {ids.length <= MAX_SCANS
          ? `${ids.length} contacts match:`
          : `More than ${shown.length} contacts match; these are the first:`}
      </p>
      <Contacts
        contacts={shown.map((id) => ({ contactId: id, names: identifiers.get(id)?.names ?? {} }))}
      />
    </Layout>,
  )
}

/** Shows the contacts whose identifiers contain a text. @param after where the search continues, or empty */
async function searchPiece(
  context: PageContext,
  history: History,
  input: string,
  after: string,
): Promise<Response> {
  const isLong = input.length >= MIN_PIECE
  const from = integer.safeParse(after).data ?? null
  const { contacts, next } = isLong
    ? await searchIdentifiers(history.db, input, from, MAX_FOUND)
    : { contacts: [], next: null }
  const nameless =
    contacts.length === 0 && !next && after === '' ? await findNameless(history, input) : []
  return showPage(
    context,
    <Layout view="/contact">
      <SearchForm input={input} />
      {contacts.length > 0 && (
        <p role="status">
          {formatCount(contacts.length, 'contact')} with “<bdi>{shorten(input, 300)}</bdi>” in an
          address or ID{next ? ' so far' : ''}:
        </p>
      )}
      <Contacts contacts={contacts} />
      {next && <SearchOn input={input} after={next} isEmpty={contacts.length === 0} />}
      {nameless.length > 0 && <Nameless events={nameless} />}
      {contacts.length + nameless.length === 0 && !next && <NoContact input={input} />}
    </Layout>,
  )
}

/** The newest events with an email address and without a contact. */
async function findNameless(history: History, input: string): Promise<StoredEvent[]> {
  const [email = ''] = readIdentifiers('email', input)
  if (normalizeIdentifier('email', email) === undefined) return []
  const filter = { parameters: { email: [email] } }
  return (await listHistory(history, filter, MAX_NAMELESS, undefined)).events
}

/** The IDs of all contacts that a text may identify, decimal digits. */
async function findIds(history: History, input: string, country: string): Promise<string[]> {
  const valuesOf = (name: string) =>
    name === 'sms' ? readPhone(input, country) : readIdentifiers(name, input)
  const found = await Promise.all([
    ...LOOKUP_PARAMETERS.map((name) => findContactIds(history.db, name, valuesOf(name), MAX_SCANS)),
    findById(history, input),
  ])
  return [...new Set(found.flat())]
}

async function findById(history: History, input: string): Promise<string[]> {
  const digits = integer.safeParse(input).data
  if (digits === undefined) return []
  const id = String(BigInt(digits))
  const page = await listHistory(history, { parameters: { contactId: [id] } }, 1, undefined)
  return page.events.length > 0 ? [id] : []
}

/** The search form. @param input the text of the previous search */
export function SearchForm({ input = '' }: { input?: string }) {
  return (
    <form
      method="post"
      action="/contact"
      class="bar"
      role="search"
      aria-label="Contacts"
      data-typed
    >
      <label for="name">Email, phone, contact ID or customer ID</label>
      <input
        id="name"
        name="name"
        value={input}
        size={36}
        required
        autocomplete="off"
        spellcheck={false}
      />
      <button>Find</button>
    </form>
  )
}

function NoContact({ input }: { input: string }) {
  return (
    <div class="empty" role="status">
      <p>
        No contact found for “<bdi>{shorten(input, 300)}</bdi>”. Enter an email address, a phone
        number or the ID as it is in Yespo, or at least {MIN_PIECE} characters of one. It is also
        possible that this person was sent no message since the receiver was set up.
      </p>
    </div>
  )
}

/** The form that continues a search. */
function SearchOn({ input, after, isEmpty }: { input: string; after: string; isEmpty: boolean }) {
  return (
    <form method="post" action="/contact">
      <input type="hidden" name="name" value={input} />
      <input type="hidden" name="after" value={after} />
      <p role="status">
        {isEmpty && 'Nothing found yet. '}Contacts up to ID {after} were searched.{' '}
        <button class="plain">Search on</button>
      </p>
    </form>
  )
}

function Contacts({
  contacts,
}: {
  contacts: readonly { contactId: string; names: ContactIdentifiers }[]
}) {
  if (contacts.length === 0) return null
  return (
    <ul class="card plain-list">
      {contacts.map(({ contactId, names }) => (
        <li>
          <a href={`/contact/${contactId}`}>Contact {contactId}</a>{' '}
          {shorten(Object.values(names).flat().slice(0, 5).join(', '), 300)}
        </li>
      ))}
    </ul>
  )
}

function Nameless({ events }: { events: readonly StoredEvent[] }) {
  return (
    <>
      <p role="status">Yespo sent this address without a contact. Its newest events:</p>
      <ol class="events">
        <EventRows events={events} />
      </ol>
    </>
  )
}
