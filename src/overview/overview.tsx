import type { Context } from 'hono'
import * as z from 'zod'
import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { list, perZone } from '../http/query-fields.ts'
import { campaignFields, toCampaignFilter } from '../reports/api.ts'
import { countAlerts } from '../db/monitor/alerts.ts'
import { findNormalSilence } from '../db/monitor/silence.ts'
import { MissedNote, readMissed } from '../sync/page/missed.tsx'
import { countActivity } from './activity-counts.ts'
import { Activity } from './activity.tsx'
import { Layout } from '../web/layout.tsx'
import { NowPanel, nowQuery, readNow, silenceOf, type Now } from './now.tsx'
import { PeriodChoice } from '../web/period-choice.tsx'
import { toQuery } from '../web/link.ts'
import { periodFields, periodQuery, toPeriod } from '../web/period.ts'
import { readPageQuery } from '../web/page-query.ts'
import { FirstEvent, Waiting } from './first-event.tsx'
import { ProblemsNote } from '../monitoring/page/problems.tsx'
import { viewerClock } from '../web/viewer.ts'

type PageContext = Context<{ Bindings: Env }>

const SILENCE_DAYS = 28

/** The parameters of `GET /`. @param zone of times without one */
export const overviewQuery = perZone((zone) =>
  z.strictObject({
    ...periodFields(zone),
    ...campaignFields(),
    activityStatus: list.optional(),
    as: z.literal('table', { error: 'can only be table' }).optional(),
  }),
)

/** `GET /`: whether events arrive, and what happened over time. */
export async function showOverview(context: PageContext): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const query = readPageQuery(overviewQuery(clock.zone), req.url)
  const period = toPeriod(query, 'day')
  const [state, problems, missed] = await Promise.all([
    readNow(context),
    countAlerts(env.DB),
    readMissed(env, Date.now()),
  ])
  const now = <NowPanel state={state} usual={await normalSilence(env.DB, state)} clock={clock} />
  if (!hasAnyEvent(state)) {
    return context.html(
      <Layout view="/" title="Waiting for the first event">
        <FirstEvent origin={new URL(req.url).origin} env={env} />
      </Layout>,
    )
  }
  const { activityStatus, as, last: _last, since: _since, until: _until, ...campaigns } = query
  const bars = await countActivity(env.DB, toCampaignFilter(query), period, clock)
  const filters = toQuery({ ...campaigns, activityStatus })
  return context.html(
    <Layout view="/">
      <ProblemsNote problems={problems} />
      {now}
      <MissedNote missed={missed} clock={clock} />
      <section aria-labelledby="activity">
        <h2 id="activity">Activity</h2>
        <PeriodChoice path="/" period={period} query={{ ...filters, as }} clock={clock} />
        <Activity
          bars={bars}
          complete={bars.complete}
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

/** `GET /now`: the panel alone, to renew it. What is usual is in its address once it was asked for. */
export async function showNow(context: PageContext): Promise<Response> {
  const { usual: given, ...counted } = readPageQuery(nowQuery, context.req.url)
  const state = await readNow(context, counted)
  const known = given === undefined ? undefined : given === 'unknown' ? null : Number(given)
  const usual = known === undefined ? await normalSilence(context.env.DB, state) : known
  return context.html(<NowPanel state={state} usual={usual} clock={viewerClock(context)} />)
}

/** `GET /arrived`: whether the first event has come. */
export async function showFirstEvent(context: PageContext): Promise<Response> {
  readPageQuery(z.strictObject({}), context.req.url)
  return context.html(<Waiting hasAnyEvent={hasAnyEvent(await readNow(context))} />)
}

function hasAnyEvent({ lastStoredAt, quarantined }: Now): boolean {
  return lastStoredAt !== null || quarantined > 0
}

/** What is usual is asked for only where it matters: the answer goes through a month of totals. */
async function normalSilence(db: D1Database, state: Now): Promise<number | null | undefined> {
  if (silenceOf(state) < HOUR_MS / 2) return undefined
  return findNormalSilence(db, { since: state.now - SILENCE_DAYS * DAY_MS, until: state.now })
}
