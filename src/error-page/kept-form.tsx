import type { Context } from 'hono'
import type { Child } from 'hono/jsx'
import { time } from '../http/query-fields.ts'
import type { HttpError } from '../platform/http-error.ts'
import { listChannels } from '../db/reports/channels.ts'
import { bouncesQuery } from '../bounces/page/bounces.tsx'
import { campaignsQuery } from '../reports/page/query.ts'
import { ReadForm } from '../sync/page/runs.tsx'
import { overviewQuery } from '../overview/overview.tsx'
import { readForm } from '../web/form.ts'
import type { Clock } from '../web/format.ts'
import { PeriodForm } from '../web/period-choice.tsx'
import { readLenientQuery } from '../web/page-query.ts'
import { viewerClock } from '../web/viewer.ts'
import { RecentFilter } from '../events/page/filter.tsx'
import { recentQuery } from '../events/page/query.ts'

type PageContext = Context<{ Bindings: Env }>

/** What was filled in, by the names of the fields. */
type Given = Readonly<Partial<Record<string, string>>>

/** The parameters of the pages that have a form with a period. */
const OF_PERIODS = new Map(
  Object.entries({
    '/': overviewQuery,
    '/campaigns': campaignsQuery,
    '/bounces': bouncesQuery,
  }).map(([path, query]) => [path, Object.keys(query('UTC').shape)]),
)

const OF_RECENT = Object.keys(recentQuery('UTC').shape)

/** Fields for text: what was written there stays, though it is wrong. */
const WRITTEN = ['since', 'until', 'messageId', 'contactId']

/** The form of a page as it was filled in, without the one parameter that is wrong and has no field. */
export async function keepForm(
  context: PageContext,
  { details }: HttpError,
): Promise<Child | undefined> {
  const wrong = String(details['parameter'] ?? '')
  const { path } = context.req
  const clock = viewerClock(context)
  if (path === '/coverage/read') {
    const { since = '', until = '' } = await readForm(context.req)
    return <ReadForm since={since} until={until} />
  }
  const given = Object.fromEntries(readLenientQuery(context.req.url))
  const keep = (names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = given[name]
        const isKept = value !== undefined && (name !== wrong || WRITTEN.includes(name))
        return isKept ? [[name, value]] : []
      }),
    )
  const known = OF_PERIODS.get(path)
  if (known) return <KeptPeriod path={path} given={keep(known)} clock={clock} />
  if (path === '/recent') {
    const { cursor: _cursor, ...query } = keep(OF_RECENT)
    return <RecentFilter query={query} channels={await listChannels(context.env.DB)} />
  }
  return undefined
}

function KeptPeriod({ path, given, clock }: { path: string; given: Given; clock: Clock }) {
  const { since = '', until = '', last: _last, cursor: _cursor, ...query } = given
  return (
    <div class="bar">
      <PeriodForm
        path={path}
        query={query}
        since={toField(since, clock)}
        until={toField(until, clock)}
      />
    </div>
  )
}

/** A time as a field has it: links have it in UTC. What is no time stays as it is. */
function toField(given: string, clock: Clock): string {
  const parsed = time(clock.zone).safeParse(given)
  return parsed.success ? clock.field(parsed.data) : given
}
