import type { Child } from 'hono/jsx'
import { toUtc } from '../event/clock.ts'
import { toLocalText } from '../event/time-zone.ts'
import type { HttpError } from '../platform/http-error.ts'
import { listChannels } from '../db/reports/campaigns.ts'
import { bouncesQuery } from '../bounces/page/bounces.tsx'
import { RecentFilter } from '../events/page/filter.tsx'
import { recentQuery } from '../events/page/query.ts'
import { overviewQuery } from '../overview/overview.tsx'
import { campaignsQuery } from '../reports/page/query.ts'
import { SyncForm } from '../sync/page/runs.tsx'
import { readForm } from '../web/form.ts'
import { PeriodForm } from '../web/period-choice.tsx'
import { readLenientQuery } from '../web/page-query.ts'
import { useViewer, type PageContext } from '../web/viewer.tsx'

/** Parameters as sent, by name. */
type Parameters = Readonly<Partial<Record<string, string>>>

/** The names of the parameters of pages with a form for a period. */
const WITH_PERIOD = new Map(
  Object.entries({
    '/': overviewQuery,
    '/campaigns': campaignsQuery,
    '/bounces': bouncesQuery,
  }).map(([path, query]) => [path, Object.keys(query('UTC').shape)]),
)

const OF_RECENT = Object.keys(recentQuery('UTC').shape)

/** Text fields, which keep an invalid value. */
const TEXT_FIELDS = ['first', 'last', 'since', 'until', 'messageId', 'contactId']

/** The form of a page as it was filled in, without the invalid parameter if there is no field for it. */
export async function keepForm(
  context: PageContext,
  { details }: HttpError,
): Promise<Child | undefined> {
  const { path } = context.req
  if (path === '/coverage/sync') {
    const { since = '', until = '' } = await readForm(context.req)
    return <SyncForm since={since} until={until} />
  }
  const keep = (names: readonly string[]): Parameters => {
    const kept = Array.from(readLenientQuery(context.req.url)).filter(
      ([name]) =>
        names.includes(name) && (name !== details['parameter'] || TEXT_FIELDS.includes(name)),
    )
    return Object.fromEntries(kept)
  }
  const names = WITH_PERIOD.get(path)
  if (names) return <KeptPeriod path={path} kept={keep(names)} />
  if (path === '/recent') {
    const { cursor: _cursor, ...query } = keep(OF_RECENT)
    return <RecentFilter query={query} channels={await listChannels(context.env.DB)} />
  }
  return undefined
}

function KeptPeriod({ path, kept }: { path: string; kept: Parameters }) {
  const { zone } = useViewer().clock
  const { since, until, period: _period, cursor: _cursor, ...fields } = kept
  const { first = toDay(since, zone), last = toDay(until, zone), ...query } = fields
  return (
    <div class="bar">
      <PeriodForm path={path} query={query} first={first} last={last} />
    </div>
  )
}

/** The day of a moment of a link; empty if it is none. */
function toDay(moment: string | undefined, zone: string): string {
  const time = moment === undefined ? undefined : toUtc(moment, zone)
  return time === undefined ? '' : toLocalText(time, zone).slice(0, 10)
}
