import * as z from 'zod'
import { integer } from '../../http/query-fields.ts'
import { formatCursor, parseCursor } from '../../http/cursor.ts'
import { HttpError } from '../../platform/http-error.ts'
import type { StoredEvent } from '../../db/stored-event.ts'
import { findInHistory } from '../../history/find-event.ts'
import { openHistory } from '../../history/history.ts'
import { textOf } from '../../web/event-text.ts'
import { clockOf, type Clock } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { Moment } from '../../web/moment.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { Properties, type Property } from '../../web/properties.tsx'
import { nameOf, toneOf } from '../../web/statuses.ts'
import { viewerClock, viewerOf, type PageContext, showPage } from '../../web/viewer.tsx'
import { fit, listMembers, listSent, type ShownValue } from './event-values.ts'

const UTC = clockOf('UTC')
const MAX_SHOWN = 30_000 // characters: an event may be almost 2 MB

const eventQuery = z.strictObject({ contactId: integer.optional() })

/** `GET /recent/{id}`: everything about one event. */
export async function showEvent(context: PageContext): Promise<Response> {
  const { contactId } = readPageQuery(eventQuery, context.req.url)
  const key = parseCursor(context.req.param('id') ?? '')
  const event = key && (await findInHistory(openHistory(context.env), key, contactId))
  if (!event) throw new HttpError(404, 'not_found', 'There is no event with this ID.')
  const clock = viewerClock(context)
  const status = textOf(event, 'activityStatus') ?? ''
  return showPage(
    context,
    <Layout view="/recent" title="Event">
      <p>
        <i class={`dot fill-${toneOf(status)}`}></i>
        <bdi>{nameOf(status, viewerOf(context).text)}</bdi>,{' '}
        <time>{clock.exact(event.occurredAt)}</time>
      </p>
      <section class="card" aria-label="Event">
        <div id="loaded">
          <Event event={event} clock={clock} />
        </div>
      </section>
      <p>
        <a href="/recent">All events</a>
      </p>
    </Layout>,
  )
}

function Event({ event, clock }: { event: StoredEvent; clock: Clock }) {
  const { shown, complete } = fit(listSent(event), MAX_SHOWN)
  const labels = fit(listMembers(event.labels), MAX_SHOWN / 10)
  const id = formatCursor(event)
  return (
    <>
      <p class="quiet">Sent by Yespo</p>
      <Properties class="pairs" properties={shown.map(toProperty)} />
      {!complete && (
        <p class="note">
          This event is too long to show all of it. <code>GET /activity/{id}</code> of the API has
          the rest.
        </p>
      )}
      {labels.shown.length > 0 && (
        <>
          <p class="quiet">Labels of the request</p>
          <Properties class="pairs" properties={labels.shown.map(toProperty)} />
        </>
      )}
      <p class="quiet">Recorded here</p>
      <Properties
        class="pairs"
        properties={[
          ['Occurred', <ZonedMoment time={event.occurredAt} clock={clock} />],
          ['Received', <ZonedMoment time={event.receivedAt} clock={clock} />],
          ['Source', event.origin],
          ['ID', <a href={`/recent/${id}`}>{id}</a>],
        ]}
      />
    </>
  )
}

/** A time with its zone, and in UTC. */
function ZonedMoment({ time, clock }: { time: number; clock: Clock }) {
  return (
    <>
      <Moment time={time} /> {clock.name}
      {clock.zone !== 'UTC' && `, ${UTC.exact(time)} UTC`}
    </>
  )
}

function toProperty({ name, label, text, rows, target }: ShownValue): Property {
  return [
    <bdi title={label === name ? undefined : name}>{label}</bdi>,
    <bdi>
      {rows !== undefined ? (
        <a href={rows}>{text}</a>
      ) : target !== undefined ? (
        <a href={target} rel="noopener noreferrer" target="_blank">
          {text}
          <span class="unseen"> (in a new tab)</span>
        </a>
      ) : (
        text
      )}
    </bdi>,
  ]
}
