import type { Context } from 'hono'
import * as z from 'zod'
import { DAY_MS } from '../../event/clock.ts'
import { readsApi } from '../../settings/settings.ts'
import { readCoverage } from '../../db/sync/coverage.ts'
import { listShown } from '../../db/sync/runs.ts'
import { startOfDay } from '../../db/monitor/usage.ts'
import { formatCount } from '../../web/count.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock } from '../../web/viewer.ts'
import { mayOperate } from '../../web/session/session.ts'
import { ReadForm, Readings } from './runs.tsx'
import { dayInLink, DayTable, KindTable } from './table.tsx'

type PageContext = Context<{ Bindings: Env }>

const PERIODS = [7, 30, 90] as const // Yespo keeps 90 days
const SHOWN_RUNS = 20

const count = z
  .string()
  .regex(/^\d{1,9}$/, 'has to be a number')
  .transform(Number)
  .optional()

const coverageQuery = z.strictObject({
  days: z
    .enum(PERIODS.map(String), { error: `has to be one of ${PERIODS.join(', ')}` })
    .default('7')
    .transform(Number),
  day: z.iso.date('has to be a day such as 2026-01-31').transform(Date.parse).optional(),
  begun: count,
  cancelled: count,
})
type Query = z.output<typeof coverageQuery>

/** `GET /coverage` in a browser: what the webhook missed, by day, and the last syncs. */
export async function showCoverage(context: PageContext): Promise<Response> {
  const { env, req } = context
  const query = readPageQuery(coverageQuery, req.url)
  const now = Date.now()
  const clock = viewerClock(context)
  const { day, days } = query
  const period = { since: startOfDay(now) - (days - 1) * DAY_MS, until: startOfDay(now) + DAY_MS }
  const [all, ofDay, pulls] = await Promise.all([
    readCoverage(env.DB, period, DAY_MS),
    day === undefined
      ? undefined
      : readCoverage(env.DB, { since: day, until: day + DAY_MS }, DAY_MS),
    listShown(env.DB, SHOWN_RUNS),
  ])
  const isRead = readsApi(env)
  return context.html(
    <Layout view="/status" title="What the webhook missed">
      <p>
        Yespo’s API lists the same events. Whatever the webhook missed is filled in from the API;
        this page compares the two.
      </p>
      <Outcome query={query} />
      {!isRead && <NotRead />}
      <div class="bar">
        <Days days={days} />
      </div>
      {all.lines.length > 0 ? (
        <DayTable lines={all.lines} days={days} />
      ) : (
        <p class="empty">Nothing that happened in these days has been read from the API.</p>
      )}
      {!all.complete && <p class="note">There is more than is shown: choose fewer days.</p>}
      {day !== undefined && ofDay && (
        <section>
          <h2>{dayInLink(day)}</h2>
          {ofDay.lines.length > 0 ? (
            <KindTable lines={ofDay.lines} day={day} />
          ) : (
            <p class="empty">Nothing that happened on this day has been read from the API.</p>
          )}
        </section>
      )}
      <Readings pulls={pulls} mayCancel={mayOperate(context)} clock={clock} />
      {isRead && mayOperate(context) && (
        <ReadForm since={clock.field(day ?? now - DAY_MS)} until={clock.field(now)} />
      )}
      <p class="quiet">
        Days are days of UTC; other times are {clock.name}. “Coverage” is the share of the API’s
        events that the webhook delivered.
      </p>
    </Layout>,
  )
}

/** `GET /coverage/readings`: the last readings alone, to renew them. */
export async function showReadings(context: PageContext): Promise<Response> {
  readPageQuery(z.strictObject({}), context.req.url)
  const pulls = await listShown(context.env.DB, SHOWN_RUNS)
  return context.html(
    <Readings pulls={pulls} mayCancel={mayOperate(context)} clock={viewerClock(context)} />,
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

function NotRead() {
  return (
    <p class="note">
      Yespo’s API is not read: set the secret YESPO_API_KEY to the key of Yespo’s API (Account
      settings → API), and see under <a href="/status">Status</a> whether a setting is wrong.
    </p>
  )
}

function Outcome({ query: { begun, cancelled } }: { query: Query }) {
  if (begun === undefined && cancelled === undefined) return null
  return (
    <p class="note" role="status">
      {begun !== undefined && 'Sync started: see its progress below.'}
      {cancelled !== undefined &&
        (cancelled === 0
          ? 'No sync was running.'
          : `${formatCount(cancelled, 'sync')} cancelled. What was read by then stays.`)}
    </p>
  )
}
