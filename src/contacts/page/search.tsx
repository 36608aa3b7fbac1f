import { cutText, shorten } from '../../platform/cut-text.ts'
import { LOOKUP_PARAMETERS, readIdentifiers, readPhone } from '../../event/identifier.ts'
import { integer } from '../../http/query-fields.ts'
import { openHistory, type History } from '../../history/history.ts'
import { listHistory } from '../../history/list.ts'
import {
  findContactIds,
  listSomeIdentifiers,
  type SomeIdentifiers,
} from '../../db/events/identifiers.ts'
import { MAX_SCANS } from '../../db/events/scan-plan.ts'
import { operateSettings } from '../../settings/settings.ts'
import { readForm } from '../../web/form.ts'
import { Layout } from '../../web/layout.tsx'
import type { PageContext } from '../../web/viewer.ts'

const MAX_INPUT = 2_000 // characters, as in the API

/** `GET /contact`: the search form. */
export function showContactSearch(context: PageContext): Response | Promise<Response> {
  return context.html(
    <Layout view="/contact">
      <SearchForm />
      <p class="empty">
        Search by full email, phone, contact ID or customer ID to see every message this person was
        sent.
      </p>
    </Layout>,
  )
}

/** `POST /contact`: redirects to the contact with an address or ID, which is never in a URL. */
export async function findContact(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { name = '' } = await readForm(req)
  const input = cutText(name.trim(), MAX_INPUT)
  if (input === '') return context.redirect('/contact', 303)
  const { phoneCountry } = operateSettings(env)
  const ids = await findIds(openHistory(env), input, phoneCountry)
  const [only] = ids
  if (only !== undefined && ids.length === 1) return context.redirect(`/contact/${only}`, 303)
  const shown = ids.slice(0, MAX_SCANS)
  const identifiers = await listSomeIdentifiers(env.DB, shown)
  return context.html(
    <Layout view="/contact">
      <SearchForm input={input} />
      {only === undefined ? (
        <NoContact input={input} />
      ) : (
        <Contacts ids={shown} identifiers={identifiers} complete={ids.length <= MAX_SCANS} />
      )}
    </Layout>,
  )
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
        No contact found for “<bdi>{shorten(input, 300)}</bdi>”. Enter the full email address, the
        phone number with country code, or the ID as it is in Yespo. It is also possible that:
      </p>
      <ul>
        <li>this person was sent no message since the receiver was set up;</li>
        <li>Yespo sent the address without a contact ID.</li>
      </ul>
    </div>
  )
}

function Contacts({
  ids,
  identifiers,
  complete,
}: {
  ids: readonly string[]
  identifiers: ReadonlyMap<string, SomeIdentifiers>
  complete: boolean
}) {
  return (
    <>
      <p role="status">
        {complete
          ? `${ids.length} contacts match:`
          : `More than ${ids.length} contacts match; these are the first:`}
      </p>
      <ul class="card plain-list">
        {ids.map((id) => (
          <li>
            <a href={`/contact/${id}`}>Contact {id}</a>{' '}
            {shorten(
              Object.values(identifiers.get(id)?.names ?? {})
                .flat()
                .slice(0, 5)
                .join(', '),
              300,
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
