import type { Context } from 'hono'
import * as z from 'zod'
import { MAX_AHEAD_MS } from '../../activity/clock.ts'
import { cursor, perZone } from '../../read/fields.ts'
import { countContactEvents, MAX_CONTACT_EVENTS } from '../../store/contact-counts.ts'
import type { StoredActivity } from '../../store/stored-activity.ts'
import { listSomeNames } from '../../store/names.ts'
import { listStops } from '../../store/stops.ts'
import { Counts, Names } from './facts.tsx'
import { ForgetButton } from './forget.tsx'
import { readContactId, unknownContact } from './known.ts'
import { SearchForm } from './search.tsx'
import { Stops } from './stops.tsx'
import { EventRows } from '../recent/event-list.tsx'
import { hasDatedAhead } from '../../read/dated-ahead.ts'
import { findEvents } from '../recent/find-events.ts'
import type { Clock } from '../page/format.ts'
import { Layout } from '../page/layout.tsx'
import { readPageQuery } from '../page/query.ts'
import { DatedAhead, Onward } from '../recent/recent.tsx'
import { mayOperate } from '../session/session.ts'
import { viewerClock } from '../page/viewer.ts'

const contactQuery = perZone(() => z.strictObject({ cursor: cursor.optional() }))

/** `GET /contact/{contactId}`: who it is, whether it may be written to, and what became of all it was sent. */
export async function showContact(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { cursor: after } = readPageQuery(contactQuery(''), req.url)
  const id = readContactId(context)
  const filter = { parameters: { contactId: [id] }, until: Date.now() + MAX_AHEAD_MS }
  const [names, counts, stops, found, isAhead] = await Promise.all([
    listSomeNames(env.DB, [id]),
    countContactEvents(env.DB, id),
    listStops(env.DB, id),
    findEvents(env.DB, filter, undefined, after),
    !after && hasDatedAhead(env.DB, filter),
  ])
  if (!names.has(id) && counts.length === 0) throw unknownContact()
  const clock = viewerClock(context)
  const isWhole = counts.reduce((sum, { events }) => sum + events, 0) < MAX_CONTACT_EVENTS
  return context.html(
    <Layout view="/contact" title={`Contact ${id}`}>
      <SearchForm />
      <Stops stops={stops} isWhole={isWhole} clock={clock} />
      <Names known={names.get(id)} />
      {mayOperate(context) && <ForgetButton contactId={id} />}
      <h2>Events</h2>
      <Counts contactId={id} counts={counts} isWhole={isWhole} />
      <Days activities={found.activities} clock={clock} />
      {found.activities.length === 0 && after && <p class="empty">There is nothing older.</p>}
      <Onward path={`/contact/${id}`} query={{}} found={found} clock={clock} />
      {isAhead && <DatedAhead query={{ contactId: id }} />}
      <p class="quiet">Times are {clock.name}.</p>
    </Layout>,
  )
}

function Days({ activities, clock }: { activities: readonly StoredActivity[]; clock: Clock }) {
  const days = Map.groupBy(activities, ({ occurredAt }) => clock.date(occurredAt))
  return [...days].map(([day, members]) => (
    <section>
      <h3>{day}</h3>
      <ol class="events" aria-label={day}>
        <EventRows activities={members} clock={clock} />
      </ol>
    </section>
  ))
}
