import type { Context } from 'hono'
import * as z from 'zod'
import { perZone } from '../../http/query-fields.ts'
import { campaignFields, toCampaignFilter } from '../../reports/api.ts'
import { countBounces, type Bounces } from '../../db/reports/bounces.ts'
import { BounceReport } from './report.tsx'
import { Chips } from '../../web/chips.tsx'
import type { Clock } from '../../web/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link, timeInLink, toQuery } from '../../web/link.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock } from '../../web/viewer.ts'

/** The parameters of `GET /bounces`. @param zone of times without one */
export const bouncesQuery = perZone((zone) =>
  z.strictObject({ ...periodFields(zone), ...campaignFields() }),
)

/** `GET /bounces`: why messages are not delivered, and to which domains. */
export async function showBounces(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const asked = readPageQuery(bouncesQuery(clock.zone), req.url)
  const { last: _last, since: _since, until: _until, ...campaigns } = asked
  const period = toPeriod(asked, 'month')
  const found = await countBounces(env.DB, toCampaignFilter(asked), period)
  const filters = toQuery(campaigns)
  const rows = {
    ...filters,
    activityStatus: 'UNDELIVERED',
    since: timeInLink(period.since),
    until: timeInLink(period.until),
  }
  const longer =
    period.last === 'month' ? undefined : link('/bounces', { ...filters, last: 'month' })
  return context.html(
    <Layout view="/bounces">
      <PeriodChoice path="/bounces" period={period} query={filters} clock={clock} />
      <Chips
        path="/bounces"
        query={{ ...filters, ...periodQuery(period) }}
        removable={Object.keys(filters)}
      />
      {found.events === 0 ? (
        <p class="empty">
          Nothing bounced in this period.{' '}
          {longer !== undefined && (
            <>
              Snapshot at <a href={longer}>the last month</a>.
            </>
          )}
        </p>
      ) : (
        <BounceReport found={found} rows={rows} />
      )}
      {!found.complete && <NotWhole found={found} clock={clock} />}
    </Layout>,
  )
}

function NotWhole({ found, clock }: { found: Bounces; clock: Clock }) {
  return (
    <p class="note">
      There was more than is counted for one look: this is a part of it
      {found.oldest !== null && `, the newest, back to ${clock.exact(found.oldest)}`}. Choose a
      shorter period to see all of it.
    </p>
  )
}
