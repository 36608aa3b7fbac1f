import * as z from 'zod'
import { MAX_AHEAD_MS } from '../../event/clock.ts'
import { cursor } from '../../http/query-fields.ts'
import {
  countContactEvents,
  listBlocks,
  MAX_CONTACT_EVENTS,
} from '../../db/events/contact-events.ts'
import type { StoredEvent } from '../../db/stored-event.ts'
import { listSomeIdentifiers } from '../../db/events/identifiers.ts'
import { hasDatedAhead } from '../../db/events/dated-ahead.ts'
import { EventRows } from '../../events/page/event-list.tsx'
import { findEvents } from '../../events/page/find-events.ts'
import { DatedAhead, Older } from '../../events/page/recent.tsx'
import type { Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { mayOperate } from '../../web/session/session.ts'
import { viewerClock, type PageContext } from '../../web/viewer.ts'
import { Blocks } from './blocks.tsx'
import { readContactId, unknownContact } from './contact-id.ts'
import { SearchForm } from './search.tsx'
import { Addresses, Counts } from './summary.tsx'

const contactQuery = z.strictObject({ cursor: cursor.optional() })

/** `GET /contact/{contactId}`: a contact's addresses, whether they may be contacted, and their events. */
export async function showContact(context: PageContext): Promise<Response> {
  const { env, req } = context
  const { cursor: after } = readPageQuery(contactQuery, req.url)
  const id = readContactId(context)
  const filter = { parameters: { contactId: [id] }, until: Date.now() + MAX_AHEAD_MS }
  const [identifiers, counts, blocks, found, isAhead] = await Promise.all([
    listSomeIdentifiers(env.DB, [id]),
    countContactEvents(env.DB, id),
    listBlocks(env.DB, id),
    findEvents(env.DB, filter, undefined, after),
    !after && hasDatedAhead(env.DB, filter),
  ])
  if (!identifiers.has(id) && counts.length === 0) throw unknownContact()
  const clock = viewerClock(context)
  const complete = counts.reduce((sum, { events }) => sum + events, 0) < MAX_CONTACT_EVENTS
  return context.html(
    <Layout view="/contact" title={`Contact ${id}`}>
      <SearchForm />
      <Blocks blocks={blocks} complete={complete} clock={clock} />
      <Addresses identifiers={identifiers.get(id)} />
      {mayOperate(context) && (
        <form action={`/contact/${id}/erase`}>
          <button class="plain">Erase personal data…</button>
        </form>
      )}
      <h2>Events</h2>
      <Counts contactId={id} counts={counts} complete={complete} />
      <Days events={found.events} clock={clock} />
      {found.events.length === 0 && after && <p class="empty">No older events.</p>}
      <Older path={`/contact/${id}`} query={{}} found={found} clock={clock} />
      {isAhead && <DatedAhead query={{ contactId: id }} />}
      <p class="quiet">Times are {clock.name}.</p>
    </Layout>,
  )
}

function Days({ events, clock }: { events: readonly StoredEvent[]; clock: Clock }) {
  const days = Map.groupBy(events, ({ occurredAt }) => clock.date(occurredAt))
  return [...days].map(([day, members]) => (
    <section>
      <h3>{day}</h3>
      <ol class="events" aria-label={day}>
        <EventRows events={members} clock={clock} />
      </ol>
    </section>
  ))
}
