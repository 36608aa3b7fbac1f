import * as z from 'zod'
import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { list, perZone } from '../http/query-fields.ts'
import { campaignFields, toCampaignFilter } from '../reports/api.ts'
import { countAlerts } from '../db/monitor/alerts.ts'
import { findNormalSilence } from '../db/monitor/silence.ts'
import { MissedNote, readMissed } from '../sync/page/missed.tsx'
import { Layout } from '../web/layout.tsx'
import { toQuery } from '../web/link.ts'
import { PeriodChoice } from '../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../web/period.ts'
import { readPageQuery } from '../web/page-query.ts'
import { viewerClock, type PageContext, showPage } from '../web/viewer.tsx'
import { countActivity } from './activity-counts.ts'
import { Activity } from './activity.tsx'
import { FirstEvent, Waiting } from './first-event.tsx'
import { NowPanel, nowQuery, readNow, silenceOf, type Now } from './now.tsx'

const SILENCE_DAYS = 28

/** The parameters of `GET /`. @param zone of times without one */
export const overviewQuery = perZone((zone) =>
  z.strictObject({
    ...periodFields(zone),
    ...campaignFields(),
    activityStatus: list.optional(),
    as: z.literal('table', { error: 'must be table' }).optional(),
  }),
)

/** `GET /`: whether events arrive, and the events over time. */
export async function showOverview(context: PageContext): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const query = readPageQuery(overviewQuery(clock.zone), req.url)
  const period = toPeriod(query, '7days', clock.zone)
  const [now, problems, missed] = await Promise.all([
    readNow(context),
    countAlerts(env.DB),
    readMissed(env, Date.now()),
  ])
  if (!hasAnyEvent(now)) {
    return showPage(
      context,
      <Layout view="/" title="Waiting for the first event">
        <FirstEvent origin={new URL(req.url).origin} env={env} />
      </Layout>,
    )
  }
  const {
    activityStatus,
    as,
    period: _period,
    first: _first,
    last: _last,
    since: _since,
    until: _until,
    ...campaigns
  } = query
  const [normalMs, bars] = await Promise.all([
    normalSilence(env.DB, now),
    countActivity(env.DB, toCampaignFilter(query), period, clock),
  ])
  const filters = toQuery({ ...campaigns, activityStatus })
  return showPage(
    context,
    <Layout view="/">
      <ProblemsNote problems={problems} />
      <NowPanel now={now} normalMs={normalMs} clock={clock} />
      <MissedNote missed={missed} />
      <section aria-labelledby="activity">
        <h2 id="activity">Activity</h2>
        <PeriodChoice path="/" period={period} query={{ ...filters, as }} />
        <Activity
          chart={bars}
          chosen={activityStatus}
          query={{ ...filters, ...periodQuery(period) }}
          period={period}
          isTable={as === 'table'}
          clock={clock}
        />
      </section>
    </Layout>,
  )
}

/** `GET /now`: only the panel, to renew it. Its URL has the normal silence once that was computed. */
export async function showNow(context: PageContext): Promise<Response> {
  const { normal, ...counted } = readPageQuery(nowQuery, context.req.url)
  const now = await readNow(context, counted)
  const normalMs =
    normal === undefined
      ? await normalSilence(context.env.DB, now)
      : normal === 'unknown'
        ? null
        : Number(normal)
  return showPage(context, <NowPanel now={now} normalMs={normalMs} clock={viewerClock(context)} />)
}

/** `GET /first-event`: whether the first event has come. */
export async function showFirstEvent(context: PageContext): Promise<Response> {
  return showPage(context, <Waiting hasAnyEvent={hasAnyEvent(await readNow(context))} />)
}

function ProblemsNote({ problems }: { problems: number }) {
  if (problems === 0) return null
  return (
    <p class="note bad">
      {problems === 1 ? '1 problem needs' : `${problems} problems need`} your attention.{' '}
      <a href="/status">See what to do</a>
    </p>
  )
}

function hasAnyEvent({ lastStoredAt, quarantined }: Now): boolean {
  return lastStoredAt !== null || quarantined > 0
}

/** The longest normal silence, from a month of totals; computed only if it is needed. */
async function normalSilence(db: D1Database, now: Now): Promise<number | null | undefined> {
  if (silenceOf(now) < HOUR_MS / 2) return undefined
  return findNormalSilence(db, { since: now.at - SILENCE_DAYS * DAY_MS, until: now.at })
}
