import * as z from 'zod'
import { DAY_MS } from '../../event/clock.ts'
import { readsApi } from '../../settings/settings.ts'
import { readCoverage } from '../../db/sync/coverage.ts'
import { listRuns } from '../../db/sync/runs.ts'
import { startOfDay } from '../../db/monitor/usage.ts'
import { formatCount } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { optionalCount, readPageQuery } from '../../web/page-query.ts'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import { mayOperate } from '../../web/session/session.ts'
import { SyncForm, SyncRuns } from './runs.tsx'
import { dayInLink, DayTable, KindTable } from './table.tsx'

const PERIODS = [7, 30, 90] as const // Yespo keeps 90 days
const SHOWN_RUNS = 20

const coverageQuery = z.strictObject({
  days: z
    .enum(PERIODS.map(String), { error: `must be one of ${PERIODS.join(', ')}` })
    .default('7')
    .transform(Number),
  day: z.iso.date('must be a day such as 2026-01-31').transform(Date.parse).optional(),
  started: optionalCount,
  cancelled: optionalCount,
})
type Query = z.output<typeof coverageQuery>

/** `GET /coverage` in a browser: what the webhook missed, by day, and the recent syncs. */
export async function showCoverage(context: PageContext): Promise<Response> {
  const { env, req } = context
  const query = readPageQuery(coverageQuery, req.url)
  const now = Date.now()
  const clock = viewerClock(context)
  const { day, days } = query
  const period = { since: startOfDay(now) - (days - 1) * DAY_MS, until: startOfDay(now) + DAY_MS }
  const [all, ofDay, runs] = await Promise.all([
    readCoverage(env.DB, period, DAY_MS),
    day === undefined
      ? undefined
      : readCoverage(env.DB, { since: day, until: day + DAY_MS }, DAY_MS),
    listRuns(env.DB, SHOWN_RUNS),
  ])
  const isOn = readsApi(env)
  return showPage(
    context,
    <Layout view="/status" title="What the webhook missed">
      <p>
        Yespo’s API lists the same events. Whatever the webhook missed is filled in from the API;
        this page compares the two.
      </p>
      <Outcome query={query} />
      {!isOn && <SyncOff />}
      <div class="bar">
        <Days days={days} />
      </div>
      {all.lines.length > 0 ? (
        <DayTable lines={all.lines} days={days} />
      ) : (
        <p class="empty">No events of these days have been synced from the API.</p>
      )}
      {!all.complete && <p class="note">Too much data for one page: choose fewer days.</p>}
      {day !== undefined && ofDay && (
        <section>
          <h2>{dayInLink(day)}</h2>
          {ofDay.lines.length > 0 ? (
            <KindTable lines={ofDay.lines} day={day} />
          ) : (
            <p class="empty">No events of this day have been synced from the API.</p>
          )}
        </section>
      )}
      <SyncRuns runs={runs} mayCancel={mayOperate(context)} clock={clock} />
      {isOn && mayOperate(context) && (
        <SyncForm since={clock.field(day ?? now - DAY_MS)} until={clock.field(now)} />
      )}
      <p class="quiet">
        Days are UTC; other times are {clock.name}. “Coverage” is the share of the API’s events that
        the webhook delivered.
      </p>
    </Layout>,
  )
}

/** `GET /coverage/syncs`: only the recent syncs, to renew them. */
export async function showSyncs(context: PageContext): Promise<Response> {
  const runs = await listRuns(context.env.DB, SHOWN_RUNS)
  return showPage(
    context,
    <SyncRuns runs={runs} mayCancel={mayOperate(context)} clock={viewerClock(context)} />,
  )
}

function Days({ days }: { days: number }) {
  return (
    <nav class="switch" aria-label="Period">
      {PERIODS.map((each) => (
        <a
          href={link('/coverage', { days: each })}
          aria-current={each === days ? 'true' : undefined}
        >
          {each} days
        </a>
      ))}
    </nav>
  )
}

function SyncOff() {
  return (
    <p class="note">
      Sync with Yespo’s API is off. Set the secret YESPO_API_KEY to your Yespo API key (Account
      settings → API), and check <a href="/status">Status</a> for invalid settings.
    </p>
  )
}

function Outcome({ query: { started, cancelled } }: { query: Query }) {
  if (started === undefined && cancelled === undefined) return null
  return (
    <p class="note" role="status">
      {started !== undefined && 'Sync started: see its progress below.'}
      {cancelled !== undefined &&
        (cancelled === 0
          ? 'No sync was running.'
          : `${formatCount(cancelled, 'sync')} cancelled. Events synced by then are kept.`)}
    </p>
  )
}
