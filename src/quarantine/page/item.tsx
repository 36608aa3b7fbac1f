import type { Context } from 'hono'
import { cutText } from '../../platform/cut-text.ts'
import { HttpError } from '../../platform/http-error.ts'
import { findItem, type StoredItem } from '../../db/quarantine/list.ts'
import { operateSettings } from '../../settings/settings.ts'
import { mayOperate } from '../../web/session/session.ts'
import { ElementActions } from './action-forms.tsx'
import { listMembers } from '../../events/page/event-values.ts'
import type { Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { KINDS, placeOf, PRE_BEGIN, writeExpiry } from './list.tsx'
import { viewerClock } from '../../web/viewer.ts'

const MAX_SHOWN = 100_000 // characters
const MAX_PARTS = 4 // enough for that many

/** `GET /set-aside/{request}/{elementIndex}`: all that was sent. */
export async function showItem(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const [request = '', place = ''] = [req.param('request'), req.param('elementIndex')]
  const found = /^\d{1,9}$/.test(place)
    ? await findItem(env.DB, request, Number(place), MAX_PARTS)
    : null
  if (!found) throw new HttpError(404, 'not_found', 'Nothing with this place was set aside.')
  const complete = found.complete && found.sent.length <= MAX_SHOWN
  return context.html(
    <Layout view="/set-aside" title="Set aside">
      <p class="note">
        <bdi>{found.reason}</bdi>
      </p>
      <FactList
        found={found}
        days={operateSettings(env).quarantineDays}
        clock={viewerClock(context)}
      />
      {mayOperate(context) && <ElementActions element={found} />}
      <h2>What was sent</h2>
      {(found.kind === 'bytes' || found.kind === 'bodyBytes') && (
        <p class="quiet">One character for each byte (ISO 8859-1).</p>
      )}
      <pre>
        {PRE_BEGIN}
        {cutText(found.sent, MAX_SHOWN)}
      </pre>
      {!complete && (
        <p class="note">
          There is more: this is the beginning. The table <code>quarantine</code> has all of it.
        </p>
      )}
      <p>
        <a href="/set-aside">All that is set aside</a>
      </p>
    </Layout>,
  )
}

function FactList({ found, days, clock }: { found: StoredItem; days: number; clock: Clock }) {
  return (
    <dl class="card pairs">
      <dt>What</dt>
      <dd>{KINDS[found.kind]}</dd>
      <dt>Where</dt>
      <dd>{placeOf(found)}</dd>
      <dt>Received</dt>
      <dd>
        <time datetime={new Date(found.receivedAt).toISOString()}>
          {clock.exact(found.receivedAt)}
        </time>{' '}
        ({clock.name}), by {found.origin}
      </dd>
      <dt>Kept</dt>
      <dd>{writeExpiry(found, days, clock)}</dd>
      {listMembers(found.labels).map(({ name, text }) => (
        <>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <bdi>{text}</bdi>
          </dd>
        </>
      ))}
    </dl>
  )
}
