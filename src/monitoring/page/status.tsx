import { countSeldom } from '../seldom-counts.ts'
import { readStatus, type Status } from '../api.ts'
import { formatNumber, type Clock } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { Moment } from '../../web/moment.tsx'
import { PropertySection, type Property } from '../../web/properties.tsx'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import {
  archiveProperties,
  databaseProperties,
  eventProperties,
  quarantineProperties,
  rollupProperties,
  usageProperties,
} from './sections.tsx'
import { syncProperties } from './sync.tsx'

/** `GET /status` in a browser: the problems, then the state of everything. */
export async function showStatus(context: PageContext): Promise<Response> {
  const status = await readStatus(context.env, Date.now(), countSeldom)
  const clock = viewerClock(context)
  return showPage(
    context,
    <Layout view="/status">
      <Problems status={status} clock={clock} />
      <PropertySection title="Events" properties={eventProperties(status)} />
      <PropertySection title="Quarantine" properties={quarantineProperties(status)} />
      <PropertySection title="Database" properties={databaseProperties(status)} />
      <PropertySection title="Used since midnight UTC" properties={usageProperties(status)} />
      <PropertySection title="Archive and erasures" properties={archiveProperties(status)} />
      <PropertySection
        title="Links, providers, machines and engagement"
        properties={rollupProperties(status)}
      />
      <PropertySection title="Yespo’s API" properties={syncProperties(status)} />
      <PropertySection title="Settings in effect" properties={settingProperties(status)} />
      <p class="quiet">
        Times are {clock.name}. Version {status.version}. Monitoring: GET this URL with a{' '}
        <a href="/docs">bearer token</a> returns JSON.
      </p>
    </Layout>,
  )
}

function settingProperties({ settings: { secrets, ...settings } }: Status): Property[] {
  return [
    ...Object.entries(settings).map(([name, value]): Property => [name, describe(value)]),
    ...Object.entries(secrets).map(([name, isSet]): Property => [name, isSet ? 'set' : 'not set']),
  ]
}

function describe(value: string | number | readonly string[] | null): string {
  if (value === null) return 'invalid: see above'
  if (typeof value === 'number') return formatNumber(value)
  return typeof value === 'object' ? value.join(', ') || 'none' : value
}

function Problems({ status }: { status: Status; clock: Clock }) {
  const { problems, checkedAt } = status
  return (
    <>
      {problems.length === 0 ? (
        <p class="note good">No problems found.</p>
      ) : (
        <section>
          <h2>Problems</h2>
          {problems.map(({ message, since }) => (
            <p class="note bad">
              <bdi>{message}</bdi>{' '}
              <span class="quiet">
                Since <Moment time={since} />
              </span>
            </p>
          ))}
        </section>
      )}
      <p class="quiet">
        {checkedAt === null ? (
          'Not checked yet. Deployed receivers check every 15 minutes.'
        ) : (
          <>
            Checked <Moment time={checkedAt} />, and every 15 minutes.
          </>
        )}
      </p>
    </>
  )
}
