import * as z from 'zod'
import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { DIMENSION_OF } from '../event/dimensions.ts'
import { list, perZone } from '../http/query-fields.ts'
import { campaignFields, toCampaignFilter, toPeriod as toCounted } from '../reports/api.ts'
import { thresholdsOf } from '../reports/rates.ts'
import { findNormalSilence } from '../db/monitor/silence.ts'
import { countAll } from '../db/reports/all.ts'
import { listBreakdown } from '../db/reports/breakdown.ts'
import { MissedNote, readMissed } from '../sync/page/missed.tsx'
import { Chips } from '../web/chips.tsx'
import { downloadCsv, isCsvRequested } from '../web/csv-download.ts'
import { Layout } from '../web/layout.tsx'
import { timeInLink, toQuery } from '../web/link.ts'
import { namePeriod, PeriodChoice } from '../web/period-choice.tsx'
import { periodBefore, periodFields, periodQuery, toPeriod } from '../web/period.ts'
import { readPageQuery } from '../web/page-query.ts'
import { showPage, viewerOf, type PageContext } from '../web/viewer.tsx'
import { countActivity } from './activity-counts.ts'
import { toActivityCsv } from './activity-table.tsx'
import { Activity } from './activity.tsx'
import { Anomalies, readAnomalies } from './anomalies.tsx'
import { FirstEvent, Waiting } from './first-event.tsx'
import { LargestCampaigns } from './largest-campaigns.tsx'
import { NowLine, nowQuery, readNow, silenceOf, type Now } from './now.tsx'
import { Results } from './results.tsx'

const CAMPAIGNS = 5
const FILTERS = ['activityStatus', ...DIMENSION_OF.keys()]
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

/** `GET /`: what became of the messages of a period, and whether events arrive. */
export async function showOverview(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { clock } = viewer
  const query = readPageQuery(overviewQuery(clock.zone), req.url)
  const period = toPeriod(query, '7days', clock.zone)
  const [now, missed, anomalies] = await Promise.all([
    readNow(context),
    readMissed(env, Date.now()),
    readAnomalies(env.DB, Date.now()),
  ])
  if (!hasAnyEvent(now)) {
    return showPage(
      context,
      <Layout view="/" title={viewer.text('setup.title')}>
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
  const filter = toCampaignFilter(query)
  const earlier = periodBefore(period, clock.zone)
  const [normalMs, bars, counted, before, largest] = await Promise.all([
    normalSilence(env.DB, now),
    countActivity(env.DB, filter, period, clock),
    countAll(env.DB, filter, toCounted(period)),
    countAll(env.DB, filter, toCounted(earlier)),
    listBreakdown(env.DB, {
      dimension: 'messageId',
      filter,
      period: toCounted(period),
      order: 'largest',
      limit: CAMPAIGNS,
      after: undefined,
    }),
  ])
  if (isCsvRequested(context)) {
    return downloadCsv(context, toActivityCsv(bars, activityStatus, viewer))
  }
  const time = periodQuery(period)
  const filters = toQuery({ ...campaigns, activityStatus })
  const thresholds = thresholdsOf(env)
  return showPage(
    context,
    <Layout view="/" aside={<PeriodChoice path="/" period={period} query={{ ...filters, as }} />}>
      <NowLine now={now} normalMs={normalMs} />
      <Chips path="/" query={{ ...filters, ...time }} removable={FILTERS} />
      <Results
        counts={counted.counts}
        before={before.counts}
        thresholds={thresholds}
        rows={{
          ...toQuery(campaigns),
          since: timeInLink(period.since),
          until: timeInLink(period.until),
        }}
      />
      <p class="quiet">
        {viewer.text('results.compared', { period: namePeriod(earlier, viewer) })}
      </p>
      <Anomalies anomalies={anomalies} />
      <MissedNote missed={missed} />
      <section aria-labelledby="activity">
        <h2 id="activity">{viewer.text('overview.activity')}</h2>
        <Activity
          chart={bars}
          chosen={activityStatus}
          query={{ ...filters, ...time }}
          period={period}
          isTable={as === 'table'}
        />
      </section>
      <LargestCampaigns groups={largest.groups} thresholds={thresholds} time={time} />
    </Layout>,
  )
}

/** `GET /now`: only the line, to renew it. Its URL has the normal silence once that was computed. */
export async function showNow(context: PageContext): Promise<Response> {
  const { normal, ...counted } = readPageQuery(nowQuery, context.req.url)
  const now = await readNow(context, counted)
  const normalMs =
    normal === undefined
      ? await normalSilence(context.env.DB, now)
      : normal === 'unknown'
        ? null
        : Number(normal)
  return showPage(context, <NowLine now={now} normalMs={normalMs} />)
}

/** `GET /first-event`: whether the first event has come. */
export async function showFirstEvent(context: PageContext): Promise<Response> {
  return showPage(context, <Waiting hasAnyEvent={hasAnyEvent(await readNow(context))} />)
}

function hasAnyEvent({ lastStoredAt, quarantined }: Now): boolean {
  return lastStoredAt !== null || quarantined > 0
}

/** The longest normal silence, from a month of totals; computed only if it is needed. */
async function normalSilence(db: D1Database, now: Now): Promise<number | null | undefined> {
  if (silenceOf(now) < HOUR_MS / 2) return undefined
  return findNormalSilence(db, { since: now.at - SILENCE_DAYS * DAY_MS, until: now.at })
}
