import { isFromAccess } from '../../web/session/session.ts'
import { countSeldom } from '../seldom-counts.ts'
import { readStatus, type Status } from '../api.ts'
import { Layout } from '../../web/layout.tsx'
import { Moment } from '../../web/moment.tsx'
import { PropertySection, type Property } from '../../web/properties.tsx'
import { showPage, useViewer, viewerOf, type PageContext, type Viewer } from '../../web/viewer.tsx'
import {
  archiveProperties,
  databaseProperties,
  eventProperties,
  quarantineProperties,
  rollupProperties,
  usageProperties,
} from './sections.tsx'
import { syncProperties } from './sync.tsx'

/** The sections of the page, in this order. */
const SECTIONS = {
  'status.events': eventProperties,
  'status.quarantine': quarantineProperties,
  'status.database': databaseProperties,
  'status.usage': usageProperties,
  'status.archive': archiveProperties,
  'status.rollups': rollupProperties,
  'status.api': syncProperties,
  'status.settings': settingProperties,
} as const

/** `GET /status` in a browser: the problems, then the state of everything. */
export async function showStatus(context: PageContext): Promise<Response> {
  const viewer = viewerOf(context)
  const { text, rich, clock, language } = viewer
  const status = await readStatus(context.env, Date.now(), { language, count: countSeldom })
  return showPage(
    context,
    <Layout view="/status">
      {isFromAccess(context) && (
        <p class="note bad" data-webhook="/webhooks/yespo" hidden>
          {text('status.accessBlocks')}
        </p>
      )}
      <Problems status={status} />
      {Object.entries(SECTIONS).map(([key, list]) => (
        <PropertySection
          title={text(key as keyof typeof SECTIONS)}
          properties={list(status, viewer)}
        />
      ))}
      <p class="quiet">
        {rich('status.footer', {
          zone: clock.name,
          version: status.version,
          docs: (content) => <a href="/docs">{content}</a>,
        })}
      </p>
    </Layout>,
  )
}

function settingProperties(
  { settings: { secrets, ...settings } }: Status,
  viewer: Viewer,
): Property[] {
  const { text } = viewer
  return [
    ...Object.entries(settings).map(([name, value]): Property => [name, describe(value, viewer)]),
    ...Object.entries(secrets).map(([name, isSet]): Property => [
      name,
      text(isSet ? 'status.set' : 'status.notSet'),
    ]),
  ]
}

function describe(
  value: string | number | readonly string[] | null,
  { text, number }: Viewer,
): string {
  if (value === null) return text('status.invalid')
  if (typeof value === 'number') return number(value)
  return typeof value === 'object'
    ? value.join(', ') || text('status.nothing')
    : value || text('status.notSet')
}

function Problems({ status }: { status: Status }) {
  const { text, rich } = useViewer()
  const { problems, checkedAt } = status
  return (
    <>
      {problems.length === 0 ? (
        <p class="note good">{text('status.noProblems')}</p>
      ) : (
        <section>
          <h2>{text('status.problems')}</h2>
          {problems.map(({ message, since }) => (
            <p class="note bad">
              <bdi>{message}</bdi>{' '}
              <span class="quiet">{rich('status.since', { time: <Moment time={since} /> })}</span>
            </p>
          ))}
        </section>
      )}
      <p class="quiet">
        {checkedAt === null
          ? text('status.notChecked')
          : rich('status.checked', { time: <Moment time={checkedAt} /> })}
      </p>
    </>
  )
}
