import * as z from 'zod'
import { integer } from '../../http/query-fields.ts'
import { formatCursor, parseCursor } from '../../http/cursor.ts'
import type { StoredEvent } from '../../db/stored-event.ts'
import { findInHistory } from '../../history/find-event.ts'
import { openHistory } from '../../history/history.ts'
import { textOf } from '../../web/event-text.ts'
import { clockOf } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { PageError } from '../../web/page-error.ts'
import { Moment } from '../../web/moment.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { Properties, type Property } from '../../web/properties.tsx'
import { nameOf, toneOf } from '../../web/statuses.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { fit, listMembers, listSent, type ShownValue } from './event-values.ts'

const MAX_SHOWN = 30_000 // characters: an event may be almost 2 MB

const eventQuery = z.strictObject({ contactId: integer.optional() })

/** `GET /recent/{id}`: everything about one event. */
export async function showEvent(context: PageContext): Promise<Response> {
  const { contactId } = readPageQuery(eventQuery, context.req.url)
  const key = parseCursor(context.req.param('id') ?? '')
  const event = key && (await findInHistory(openHistory(context.env), key, contactId))
  if (!event) throw new PageError(404, 'not_found', 'events.notFound')
  const { text, clock } = viewerOf(context)
  const status = textOf(event, 'activityStatus') ?? ''
  return showPage(
    context,
    <Layout view="/recent" title={text('events.one')}>
      <p>
        <i class={`dot fill-${toneOf(status)}`}></i>
        <bdi>{nameOf(status, text)}</bdi>, <time>{clock.exact(event.occurredAt)}</time>
      </p>
      <section class="card" aria-label={text('events.one')}>
        <div id="loaded">
          <Event event={event} />
        </div>
      </section>
      <p>
        <a href="/recent">{text('events.all')}</a>
      </p>
    </Layout>,
  )
}

function Event({ event }: { event: StoredEvent }) {
  const { text, rich } = useViewer()
  const { shown, complete } = fit(listSent(event, text), MAX_SHOWN)
  const labels = fit(listMembers(event.labels), MAX_SHOWN / 10)
  const id = formatCursor(event)
  return (
    <>
      <p class="quiet">{text('events.sent')}</p>
      <Properties class="pairs" properties={shown.map(toProperty)} />
      {!complete && (
        <p class="note">{rich('events.tooLong', { code: (content) => <code>{content}</code> })}</p>
      )}
      {labels.shown.length > 0 && (
        <>
          <p class="quiet">{text('events.labels')}</p>
          <Properties class="pairs" properties={labels.shown.map(toProperty)} />
        </>
      )}
      <p class="quiet">{text('events.recorded')}</p>
      <Properties
        class="pairs"
        properties={[
          [text('events.occurred'), <ZonedMoment time={event.occurredAt} />],
          [text('events.received'), <ZonedMoment time={event.receivedAt} />],
          [
            text('events.source'),
            text(event.origin === 'api' ? 'events.source.api' : 'events.source.webhook'),
          ],
          ['ID', <a href={`/recent/${id}`}>{id}</a>],
        ]}
      />
    </>
  )
}

/** A time with its zone, and in UTC. */
function ZonedMoment({ time }: { time: number }) {
  const { clock } = useViewer()
  return (
    <>
      <Moment time={time} /> {clock.name}
      {clock.zone !== 'UTC' && <InUtc time={time} />}
    </>
  )
}

function InUtc({ time }: { time: number }) {
  const { text, language } = useViewer()
  return <>, {text('events.utc', { time: clockOf('UTC', language).exact(time) })}</>
}

function NewTab() {
  return <span class="unseen"> {useViewer().text('events.newTab')}</span>
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
          <NewTab />
        </a>
      ) : (
        text
      )}
    </bdi>,
  ]
}
