import type { Context } from 'hono'
import { countSeldom } from '../seldom-counts.ts'
import { readStatus, statusQuery, type Status } from '../api.ts'
import { formatNumber, type Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock } from '../../web/viewer.ts'
import { FactList, Moment } from '../../web/facts.tsx'
import { apiFacts } from './sync.tsx'
import {
  archiveFacts,
  databaseFacts,
  eventFacts,
  quarantineFacts,
  usageFacts,
} from './sections.tsx'

/** `GET /status` in a browser: what needs attention, and then how everything is. */
export async function showStatus(context: Context<{ Bindings: Env }>): Promise<Response> {
  readPageQuery(statusQuery, context.req.url)
  const status = await readStatus(context.env, Date.now(), countSeldom)
  const clock = viewerClock(context)
  const { secrets, ...settings } = status.settings
  return context.html(
    <Layout view="/status">
      <Problems status={status} clock={clock} />
      <FactList title="Events" facts={eventFacts(status, clock)} />
      <FactList title="Set aside" facts={quarantineFacts(status, clock)} />
      <FactList title="Database" facts={databaseFacts(status)} />
      <FactList title="Used since midnight UTC" facts={usageFacts(status)} />
      <FactList title="Archive and erasure" facts={archiveFacts(status, clock)} />
      <FactList title="Yespo’s API" facts={apiFacts(status, clock)} />
      <FactList
        title="Settings in force"
        facts={[
          ...Object.entries(settings).map(([name, value]) => [name, describe(value)] as const),
          ...Object.entries(secrets).map(
            ([name, isSet]) => [name, isSet ? 'set' : 'not set'] as const,
          ),
        ]}
      />
      <p class="quiet">
        Times are {clock.name}. Version {status.version}. Monitoring: GET this URL with a{' '}
        <a href="/docs">bearer token</a> returns JSON.
      </p>
    </Layout>,
  )
}

function describe(value: string | number | readonly string[] | null): string {
  if (value === null) return 'wrong: see above'
  if (typeof value === 'number') return formatNumber(value)
  return typeof value === 'object' ? value.join(', ') || 'none' : value
}

function Problems({ status, clock }: { status: Status; clock: Clock }) {
  const { problems, checkedAt } = status
  return (
    <>
      {problems.length === 0 ? (
        <p class="note good">
          {checkedAt === null ? 'Nothing is known to need attention.' : 'Nothing needs attention.'}
        </p>
      ) : (
        <section>
          <h2>Needs your attention</h2>
          {problems.map(({ message, since }) => (
            <p class="note bad">
              <bdi>{message}</bdi>{' '}
              <span class="quiet">
                Since <Moment time={since} clock={clock} />
              </span>
            </p>
          ))}
        </section>
      )}
      <p class="quiet">
        {checkedAt === null ? (
          'Not checked yet: that happens every 5 minutes where it is deployed.'
        ) : (
          <>
            Checked <Moment time={checkedAt} clock={clock} />, and every 5 minutes.
          </>
        )}
      </p>
    </>
  )
}
