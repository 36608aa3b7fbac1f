import type { Context } from 'hono'
import { cutText } from '../../platform/cut-text.ts'
import { LOOKUP_PARAMETERS, readIdentifiers } from '../../event/identifier.ts'
import { integer } from '../../http/query-fields.ts'
import { listActivities } from '../../db/events/list.ts'
import {
  findContactIds,
  listSomeIdentifiers,
  type SomeIdentifiers,
} from '../../db/events/identifiers.ts'
import { MAX_SCANS } from '../../db/events/scan-plan.ts'
import { shorten } from '../../web/event-text.ts'
import { readForm } from '../../web/form.ts'
import { Layout } from '../../web/layout.tsx'

type PageContext = Context<{ Bindings: Env }>

const MAX_NAME = 2_000 // characters, as the API takes

/** `GET /contact`: the form that asks whom to show. */
export function showContactSearch(context: PageContext): Response | Promise<Response> {
  return context.html(
    <Layout view="/contact">
      <SearchForm />
      <p class="empty">
        Enter a name to see what became of everything that one contact was sent, on all channels.
      </p>
    </Layout>,
  )
}

/** `POST /contact`: goes on to the contact that a name belongs to. A name is never in an address. */
export async function findContact(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { name = '' } = await readForm(req)
  const given = cutText(name.trim(), MAX_NAME)
  if (given === '') return context.redirect('/contact', 303)
  const ids = await findByName(env.DB, given)
  const [only] = ids
  if (only !== undefined && ids.length === 1) return context.redirect(`/contact/${only}`, 303)
  const shown = ids.slice(0, MAX_SCANS)
  const names = await listSomeIdentifiers(env.DB, shown)
  return context.html(
    <Layout view="/contact">
      <SearchForm given={given} />
      {only === undefined ? (
        <NoContact given={given} />
      ) : (
        <Contacts ids={shown} names={names} complete={ids.length <= MAX_SCANS} />
      )}
    </Layout>,
  )
}

/** The ids of all contacts that a text can mean, decimal digits. */
async function findByName(db: D1Database, given: string): Promise<string[]> {
  const found = await Promise.all([
    ...LOOKUP_PARAMETERS.map((name) =>
      findContactIds(db, name, readIdentifiers(name, given), MAX_SCANS),
    ),
    findById(db, given),
  ])
  return [...new Set(found.flat())]
}

async function findById(db: D1Database, given: string): Promise<string[]> {
  const digits = integer.safeParse(given).data
  if (digits === undefined) return []
  const id = String(BigInt(digits))
  const page = await listActivities(db, { parameters: { contactId: [id] } }, 1, undefined)
  return page.activities.length > 0 ? [id] : []
}

/** @param given what was asked for before */
export function SearchForm({ given = '' }: { given?: string }) {
  return (
    <form method="post" action="/contact" class="bar" role="search" aria-label="Contact" data-typed>
      <label for="name">Email, phone, contact ID or customer ID</label>
      <input
        id="name"
        name="name"
        value={given}
        size={36}
        required
        autocomplete="off"
        spellcheck={false}
      />
      <button>Find</button>
    </form>
  )
}

function NoContact({ given }: { given: string }) {
  return (
    <div class="empty" role="status">
      <p>
        No contact found for “<bdi>{shorten(given, 300)}</bdi>”. Enter the full email address, the
        phone number with its country code, or the ID as it is in Yespo. Otherwise:
      </p>
      <ul>
        <li>nothing was sent to this contact since the receiver has been running;</li>
        <li>or Yespo sent the address without a contact ID, so it belongs to no contact here.</li>
      </ul>
    </div>
  )
}

function Contacts({
  ids,
  names,
  complete,
}: {
  ids: readonly string[]
  names: ReadonlyMap<string, SomeIdentifiers>
  complete: boolean
}) {
  return (
    <>
      <p role="status">
        {complete ? `${ids.length} contacts were` : 'More contacts than are shown were'} seen under
        this name:
      </p>
      <ul class="card plain-list">
        {ids.map((id) => (
          <li>
            <a href={`/contact/${id}`}>Contact {id}</a>{' '}
            {shorten(
              Object.values(names.get(id)?.names ?? {})
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
