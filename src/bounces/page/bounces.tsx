import * as z from 'zod'
import { perZone } from '../../http/query-fields.ts'
import { campaignFields, toCampaignFilter } from '../../reports/api.ts'
import { FilterChips } from '../../reports/page/filter-chips.tsx'
import { nameFilters } from '../../reports/page/names.ts'
import { toFilters } from '../../reports/page/query.ts'
import { countCauses } from '../../db/reports/bounce-causes.ts'
import { countBounces } from '../../db/reports/bounces.ts'
import { isCsvRequested } from '../../web/csv-download.ts'
import { DownloadLink } from '../../web/download-link.tsx'
import { Layout } from '../../web/layout.tsx'
import { link, timeInLink } from '../../web/link.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { showPage, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { downloadBounces } from './download.ts'
import { BounceReport, BounceTotals, CauseReport } from './report.tsx'

/** A campaign with fewer says little. */
const MIN_RECIPIENTS = 100

/** The parameters of `GET /bounces`. @param zone of times without one */
export const bouncesQuery = perZone((zone) =>
  z.strictObject({ ...periodFields(zone), ...campaignFields() }),
)

/** `GET /bounces`: the causes, reasons and domains of undelivered messages. */
export async function showBounces(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { clock, text, rich } = viewer
  const query = readPageQuery(bouncesQuery(clock.zone), req.url)
  const period = toPeriod(query, '30days', clock.zone)
  const filter = toCampaignFilter(query)
  const [causes, bounces] = await Promise.all([
    countCauses(env.DB, filter, period),
    countBounces(env.DB, filter, period),
  ])
  if (isCsvRequested(context)) return downloadBounces(context, causes, bounces)
  const filters = toFilters(query)
  const rows = {
    ...filters,
    activityStatus: 'UNDELIVERED',
    since: timeInLink(period.since),
    until: timeInLink(period.until),
  }
  return showPage(
    context,
    <Layout view="/bounces">
      <PeriodChoice path="/bounces" period={period} query={filters} />
      <FilterChips
        path="/bounces"
        query={{ ...filters, ...periodQuery(period) }}
        removable={Object.keys(filters)}
        names={await nameFilters(env.DB, filter, viewer)}
      />
      {bounces.events > 0 && <BounceTotals bounces={bounces} rows={rows} />}
      {causes.causes.length > 0 && <CauseReport counts={causes} />}
      {bounces.events > 0 && <BounceReport bounces={bounces} rows={rows} />}
      {bounces.events === 0 && causes.causes.length === 0 && (
        <p class="empty">
          {period.name === '30days'
            ? text('bounces.none')
            : rich('bounces.noneYet', {
                link: (content) => (
                  <a href={link('/bounces', { ...filters, period: '30days' })}>{content}</a>
                ),
              })}
        </p>
      )}
      <p class="bar">
        {(bounces.events > 0 || causes.causes.length > 0) && <DownloadLink />}
        <a href={link('/providers', { ...filters, ...periodQuery(period), sort: 'undelivered' })}>
          {text('bounces.providers')}
        </a>
        <a
          href={link('/campaigns', {
            ...filters,
            ...periodQuery(period),
            sort: 'hardBounced',
            min: MIN_RECIPIENTS,
          })}
        >
          {text('bounces.campaigns')}
        </a>
      </p>
      {!bounces.complete && (
        <p class="note">
          {bounces.oldest === null
            ? text('bounces.tooMuch')
            : text('bounces.tooMuchSince', { time: clock.exact(bounces.oldest) })}
        </p>
      )}
    </Layout>,
  )
}
