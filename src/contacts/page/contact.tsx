import * as z from 'zod'
import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { cursor } from '../../http/query-fields.ts'
import { listSomeIdentifiers } from '../../db/events/identifiers.ts'
import { hasDatedAhead } from '../../db/events/dated-ahead.ts'
import { readContact } from '../../history/contact-record.ts'
import { continueHistory, openHistory } from '../../history/history.ts'
import { EventRows } from '../../events/page/event-list.tsx'
import { findEvents, type Found } from '../../events/page/find-events.ts'
import { DatedAhead, Older } from '../../events/page/recent.tsx'
import type { Clock } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { mayOperate } from '../../web/session/session.ts'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import { describeChecked } from '../explain.ts'
import { explainContact } from '../explanation.ts'
import { readContactId, unknownContact } from './contact-id.ts'
import { Explanation } from './explanation.tsx'
import { SearchForm } from './search.tsx'
import { Addresses, Counts } from './summary.tsx'

const contactQuery = z.strictObject({ cursor: cursor.optional() })

/** `GET /contact/{contactId}`: whether a contact may be contacted, its addresses and its events. */
export async function showContact(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { cursor: after } = readPageQuery(contactQuery, req.url)
  const id = readContactId(context)
  const filter = { parameters: { contactId: [id] }, until: Date.now() + MAX_AHEAD_MS }
  const history = openHistory(env)
  const [identifiers, record, found, isAhead] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    readContact(continueHistory(history), id),
    findEvents(history, filter, undefined, after),
    !after && hasDatedAhead(env.DB, filter),
  ])
  const { counts, complete } = record
  if (!identifiers.has(id) && counts.length === 0 && complete) throw unknownContact()
  const clock = viewerClock(context)
  const checked = describeChecked(record, clock.exact)
  const channels = explainContact(record, identifiers.get(id)?.names ?? {})
  return showPage(
    context,
    <Layout view="/contact" title={`Contact ${id}`}>
      <SearchForm />
      <Explanation channels={channels} checked={checked} clock={clock} />
      <Addresses identifiers={identifiers.get(id)} />
      {mayOperate(context) && (
        <form action={`/contact/${id}/erase`}>
          <button class="plain">Erase personal data…</button>
        </form>
      )}
      <h2>Events</h2>
      <Counts contactId={id} counts={counts} included={checked} />
      <Days found={found} clock={clock} />
      {found.events.length === 0 && after && <p class="empty">No older events.</p>}
      <Older path={`/contact/${id}`} query={{}} found={found} />
      {isAhead && <DatedAhead query={{ contactId: id }} />}
      <p class="quiet">Times are {clock.name}.</p>
    </Layout>,
  )
}

function Days({ found, clock }: { found: Found; clock: Clock }) {
  const days = Map.groupBy(found.events, ({ occurredAt }) => clock.date(occurredAt))
  return [...days].map(([day, members]) => (
    <section>
      <h3>{day}</h3>
      <ol class="events" aria-label={day}>
        <EventRows events={members} isArchived={found.isArchived} />
      </ol>
    </section>
  ))
}
