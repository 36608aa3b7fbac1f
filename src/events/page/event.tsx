import type { Context } from 'hono'
import { formatCursor, parseCursor } from '../../http/cursor.ts'
import { HttpError } from '../../platform/http-error.ts'
import { findActivity } from '../../db/events/list.ts'
import type { StoredActivity } from '../../db/stored-activity.ts'
import { textOf } from '../../web/event-text.ts'
import { fit, listMembers, listSent, type Shown } from './event-values.ts'
import { clockOf, type Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { nameOf, toneOf } from '../../web/statuses.ts'
import { viewerClock } from '../../web/viewer.ts'

const UTC = clockOf('UTC')
const MAX_SHOWN = 30_000 // characters: an event may be almost 2 MB

/** `GET /recent/{id}`: all of one event. */
export async function showEvent(context: Context<{ Bindings: Env }>): Promise<Response> {
  const position = parseCursor(context.req.param('id') ?? '')
  const activity = position && (await findActivity(context.env.DB, position))
  if (!activity) throw new HttpError(404, 'not_found', 'There is no event with this id.')
  const clock = viewerClock(context)
  const status = textOf(activity, 'activityStatus') ?? ''
  return context.html(
    <Layout view="/recent" title="Event">
      <p>
        <i class={`dot fill-${toneOf(status)}`}></i>
        <bdi>{nameOf(status)}</bdi>, <time>{clock.exact(activity.occurredAt)}</time>
      </p>
      <section class="card" aria-label="All of this event">
        <div id="loaded">
          <Event activity={activity} clock={clock} />
        </div>
      </section>
      <p>
        <a href="/recent">All events</a>
      </p>
    </Layout>,
  )
}

function Event({ activity, clock }: { activity: StoredActivity; clock: Clock }) {
  const sent = listSent(activity)
  const { shown, complete } = fit(sent, MAX_SHOWN)
  const labels = fit(listMembers(activity.labels), MAX_SHOWN / 10)
  const id = formatCursor(activity)
  return (
    <>
      <p class="quiet">Sent by Yespo</p>
      <Pairs values={shown} />
      {!complete && (
        <p class="note">
          This event is longer than a page should be. <code>GET /activity/{id}</code> of the API has
          all of it.
        </p>
      )}
      {labels.shown.length > 0 && (
        <>
          <p class="quiet">Labels of the request</p>
          <Pairs values={labels.shown} />
        </>
      )}
      <p class="quiet">Known here</p>
      <dl class="pairs">
        <dt>happened</dt>
        <dd>
          <Moment time={activity.occurredAt} clock={clock} />
        </dd>
        <dt>received</dt>
        <dd>
          <Moment time={activity.receivedAt} clock={clock} />
        </dd>
        <dt>by</dt>
        <dd>{activity.origin}</dd>
        <dt>id</dt>
        <dd>
          <a href={`/recent/${id}`}>{id}</a>
        </dd>
      </dl>
    </>
  )
}

function Moment({ time, clock }: { time: number; clock: Clock }) {
  return (
    <>
      <time datetime={new Date(time).toISOString()}>{clock.exact(time)}</time> {clock.name}
      {clock.zone !== 'UTC' && `, ${UTC.exact(time)} UTC`}
    </>
  )
}

function Pairs({ values }: { values: readonly Shown[] }) {
  return (
    <dl class="pairs">
      {values.map(({ name, text, rows, target }) => (
        <>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
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
            </bdi>
          </dd>
        </>
      ))}
    </dl>
  )
}
