import type { Context } from 'hono'
import * as z from 'zod'
import { groupReasons } from '../read/bounces.ts'
import { perZone } from '../read/fields.ts'
import { campaignFields, toCampaignFilter } from '../read/reports.ts'
import { countBounces, type Bounces } from '../store/bounces.ts'
import { BounceTable } from './bounces-table.tsx'
import { Chips } from './chips.tsx'
import { NO_REASON } from './event-text.ts'
import { formatNumber, formatRate, type Clock } from './format.ts'
import { Layout } from './layout.tsx'
import { link, timeInLink, type Query } from './link.ts'
import { PeriodChoice } from './period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from './period.ts'
import { readPageQuery } from './query.ts'
import { viewerClock } from './viewer.ts'

const MOST_LINES = 50

const bouncesQuery = perZone((zone) => {
  const { messageTag: _tag, ...fields } = campaignFields()
  return z.strictObject({ ...periodFields(zone), ...fields })
})

/** `GET /bounces`: why messages are not delivered, and to which domains. */
export async function showBounces(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const asked = readPageQuery(bouncesQuery(clock.zone), req.url)
  const { last: _last, since: _since, until: _until, ...campaigns } = asked
  const period = toPeriod(asked, 'month')
  const found = await countBounces(env.DB, toCampaignFilter(asked), period)
  const filters: Query = Object.fromEntries(
    Object.entries(campaigns).map(([name, value]) => [name, value && [value].flat().join()]),
  )
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
              Look at <a href={longer}>the last month</a>.
            </>
          )}
        </p>
      ) : (
        <Report found={found} rows={rows} />
      )}
      {!found.isWhole && <NotWhole found={found} clock={clock} />}
    </Layout>,
  )
}

function Report({ found, rows }: { found: Bounces; rows: Query }) {
  const reasons = groupReasons(found.descriptions).map(({ reason, example, ...counts }) => ({
    ...counts,
    name: reason ?? 'No reason given',
    example: example === reason ? null : example,
    rows: { ...rows, reason: reason ?? NO_REASON },
  }))
  const domains = found.domains.map(({ what, ...counts }) => ({
    ...counts,
    name: what ?? '',
    example: null,
    rows: { ...rows, domain: what ?? undefined },
  }))
  const share = (events: number) => formatRate(events / found.events)
  return (
    <>
      <dl class="cards">
        <Total name="Bounces" events={found.events} rows={rows} note="messages that were not delivered" />
        <Total
          name="Hard"
          events={found.hard}
          rows={{ ...rows, hardBounce: 'true' }}
          note={`${share(found.hard)}: the address is not to be used again`}
        />
        <Total
          name="Soft"
          events={found.soft}
          rows={{ ...rows, hardBounce: 'false' }}
          note={`${share(found.soft)}: may work another time`}
        />
      </dl>
      <h2>Reasons</h2>
      <BounceTable what="Reason" lines={reasons.slice(0, MOST_LINES)} all={found.events} />
      <Others lines={reasons.length - MOST_LINES} what="reasons" />
      {domains.length > 0 && (
        <>
          <h2>Domains</h2>
          <BounceTable what="Domain" lines={domains.slice(0, MOST_LINES)} all={found.events} />
          <Others lines={domains.length - MOST_LINES} what="domains" />
        </>
      )}
    </>
  )
}

function Total({
  name,
  events,
  rows,
  note,
}: {
  name: string
  events: number
  rows: Query
  note: string
}) {
  return (
    <div class="card">
      <dt>{name}</dt>
      <dd>
        <strong>
          <a href={link('/recent', rows)}>{formatNumber(events)}</a>
        </strong>
        {note}
      </dd>
    </div>
  )
}

function Others({ lines, what }: { lines: number; what: string }) {
  if (lines <= 0) return null
  return (
    <p class="quiet">
      And {formatNumber(lines)} rarer {what}.
    </p>
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
