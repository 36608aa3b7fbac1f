import type { Context } from 'hono'
import { findGroups, formatGroupCursor, type FoundGroups } from '../breakdown-page.ts'
import { REPORTS, toCampaignFilter, toPeriod as toCounted } from '../api.ts'
import { BASES, WHY_INCOMPLETE } from '../../db/reports/rates.ts'
import { Chips } from '../../web/chips.tsx'
import { isIncomplete, toLine } from './line.tsx'
import { BY, campaignsQuery, FILTERS, toRequest, type Asked } from './query.ts'
import { NoCampaigns } from './empty.tsx'
import { CampaignsTable } from './table.tsx'
import { countTrends } from './trends.ts'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { toPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock } from '../../web/viewer.ts'

const LINES = 20

/** `GET /campaigns`: what became of each message, broadcast, workflow, …. */
export async function showCampaigns(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const query = readPageQuery(campaignsQuery(clock.zone), req.url)
  const period = toPeriod(query, 'month')
  const asked = toRequest(query, period)
  const counted = toCounted(period)
  const dimension = REPORTS[query.by]
  const filter = toCampaignFilter(query)
  const question = { dimension, filter, period: counted, order: query.sort, limit: LINES }
  const found = await findGroups(env.DB, { ...question, after: query.cursor }, query.search)
  const keys = found.groups.map(({ key }) => key)
  const trends = await countTrends(env.DB, dimension, filter, keys, counted, clock.zone)
  const lines = found.groups.map((group) => toLine(group, trends.get(group.key)))
  const { by, sort, ...others } = asked.page
  const { since: _since, until: _until, last: _last, ...kept } = asked.page
  return context.html(
    <Layout view="/campaigns">
      <PeriodChoice path="/campaigns" period={period} query={kept} clock={clock} />
      <div class="bar">
        <nav class="switch" aria-label="One line for each">
          {Object.entries(BY).map(([name, one]) => (
            <a
              href={link('/campaigns', { by: name, ...others, sort })}
              aria-current={name === asked.by ? 'true' : undefined}
            >
              {one}s
            </a>
          ))}
        </nav>
        <Search asked={asked} />
      </div>
      <Chips path="/campaigns" query={asked.page} removable={[...FILTERS, 'search']} />
      <Limits found={found} />
      {lines.length === 0 ? (
        <NoCampaigns asked={asked} hasCursor={query.cursor !== undefined} hasMore={!!found.next} />
      ) : (
        <CampaignsTable lines={lines} asked={asked} counted={counted} clock={clock} />
      )}
      <Paging asked={asked} found={found} hasCursor={query.cursor !== undefined} />
      <p class="quiet">
        People, counted once per delivery. Percentages are of people {BASES.delivered.meaning};
        undelivered, of people {BASES.attempted.meaning}. Times are {clock.name}.
      </p>
      {lines.some(isIncomplete) && <p class="quiet">n/a: {WHY_INCOMPLETE}</p>}
    </Layout>,
  )
}

function Search({ asked: { by, search, page } }: { asked: Asked }) {
  const hasNames = by === 'messages' || by === 'broadcasts' || by === 'workflows'
  return (
    <form action="/campaigns" class="inline" role="search">
      {Object.entries({ ...page, search: undefined }).map(
        ([name, value]) =>
          value !== undefined && <input type="hidden" name={name} value={String(value)} />,
      )}
      <label>
        {hasNames ? 'Name, tag, sender or id' : BY[by]}{' '}
        <input type="search" name="search" value={search ?? ''} maxlength={200} />
      </label>
      <button>Search</button>
    </form>
  )
}

/** What the numbers leave out. */
function Limits({ found: { complete, isSearched } }: { found: FoundGroups }) {
  return (
    <>
      {!complete && (
        <p class="note warn">
          Too much data for one page: numbers may be low and rows missing. Choose a shorter period,
          or fewer campaigns.
        </p>
      )}
      {!isSearched && (
        <p class="note">Only the newest 10,000 campaigns are searched; there are more.</p>
      )}
    </>
  )
}

function Paging({
  asked: { page },
  found: { next },
  hasCursor,
}: {
  asked: Asked
  found: FoundGroups
  hasCursor: boolean
}) {
  if (!next && !hasCursor) return null
  return (
    <nav class="bar" aria-label="Pages">
      {hasCursor && <a href={link('/campaigns', page)}>First page</a>}
      {next && (
        <a rel="next" href={link('/campaigns', { ...page, cursor: formatGroupCursor(next) })}>
          More
        </a>
      )}
    </nav>
  )
}
