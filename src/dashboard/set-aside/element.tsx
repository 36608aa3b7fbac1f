import type { Context } from 'hono'
import { cutText } from '../../cut-text.ts'
import { Refusal } from '../../refusal.ts'
import { findSetAside, type StoredSetAside } from '../../store/quarantine.ts'
import { operateSettings } from '../../settings.ts'
import { mayOperate } from '../session/session.ts'
import { ElementActions } from './actions.tsx'
import { listMembers } from '../recent/event-values.ts'
import type { Clock } from '../page/format.ts'
import { Layout } from '../page/layout.tsx'
import { KINDS, placeOf, PRE_BEGIN, writeExpiry } from './list.tsx'
import { viewerClock } from '../page/viewer.ts'

const MAX_SHOWN = 100_000 // characters
const MAX_PARTS = 4 // enough for that many

/** `GET /set-aside/{request}/{elementIndex}`: all that was sent. */
export async function showSetAsideElement(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const [request = '', place = ''] = [req.param('request'), req.param('elementIndex')]
  const found = /^\d{1,9}$/.test(place)
    ? await findSetAside(env.DB, request, Number(place), MAX_PARTS)
    : null
  if (!found) throw new Refusal(404, 'not_found', 'Nothing with this place was set aside.')
  const isWhole = found.isWhole && found.sent.length <= MAX_SHOWN
  return context.html(
    <Layout view="/set-aside" title="Set aside">
      <p class="note">
        <bdi>{found.reason}</bdi>
      </p>
      <Facts
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
      {!isWhole && (
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

function Facts({ found, days, clock }: { found: StoredSetAside; days: number; clock: Clock }) {
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
