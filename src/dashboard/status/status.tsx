import type { Context } from 'hono'
import { countSeldom } from '../../operate/status/counts.ts'
import { readStatus, statusQuery, type Status } from '../../operate/status/status.ts'
import { formatNumber, type Clock } from '../page/format.ts'
import { Layout } from '../page/layout.tsx'
import { readPageQuery } from '../page/query.ts'
import { viewerClock } from '../page/viewer.ts'
import { Facts, Moment } from './facts.tsx'
import { apiFacts } from './reading.tsx'
import { archiveFacts, databaseFacts, eventFacts, setAsideFacts, usageFacts } from './sections.tsx'

/** `GET /status` in a browser: what needs attention, and then how everything is. */
export async function showStatus(context: Context<{ Bindings: Env }>): Promise<Response> {
  readPageQuery(statusQuery, context.req.url)
  const status = await readStatus(context.env, Date.now(), countSeldom)
  const clock = viewerClock(context)
  const { secrets, ...settings } = status.settings
  return context.html(
    <Layout view="/status">
      <Problems status={status} clock={clock} />
      <Facts title="Events" facts={eventFacts(status, clock)} />
      <Facts title="Set aside" facts={setAsideFacts(status, clock)} />
      <Facts title="Database" facts={databaseFacts(status)} />
      <Facts title="Used since midnight UTC" facts={usageFacts(status)} />
      <Facts title="Archive and erasure" facts={archiveFacts(status, clock)} />
      <Facts title="Yespo’s API" facts={apiFacts(status, clock)} />
      <Facts
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
