import { findGroups, formatGroupCursor, toGroupQuery, type FoundGroups } from '../breakdown-page.ts'
import { DIMENSIONS } from '../../event/dimensions.ts'
import { toCampaignFilter, toPeriod as toCounted } from '../api.ts'
import { BASES, WHY_INCOMPLETE } from '../../db/reports/rates.ts'
import { Chips } from '../../web/chips.tsx'
import { HiddenFields } from '../../web/hidden-fields.tsx'
import { Layout } from '../../web/layout.tsx'
import { link } from '../../web/link.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { toPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import { countGroupsIn } from '../../db/reports/breakdown.ts'
import { periodBefore } from '../comparison.ts'
import { thresholdsOf } from '../rates.ts'
import { NoCampaigns } from './empty.tsx'
import { isIncomplete, toLine } from './line.tsx'
import { campaignsQuery, FILTERS, toRequest, type Request } from './query.ts'
import { showLinks } from './links.tsx'
import { MAX_COMPARED, showRates } from './rates.tsx'
import { CampaignsTable } from './table.tsx'
import { countTrends } from './trends.ts'

const LINES = 20

/** `GET /campaigns`: the results of each message, broadcast, workflow, …. */
export async function showCampaigns(context: PageContext): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const query = readPageQuery(campaignsQuery(clock.zone), req.url)
  const period = toPeriod(query, '30days', clock.zone)
  const request = toRequest(query, period)
  const counted = toCounted(period)
  const dimension = DIMENSIONS[query.by].column
  const filter = toCampaignFilter(query)
  const question = toGroupQuery(
    { ...query, sort: request.sort },
    { dimension, filter, period: counted, limit: LINES },
  )
  const found = await findGroups(env.DB, question, query.search)
  const keys = found.groups.map(({ key }) => key)
  const trends = await countTrends(env.DB, dimension, filter, keys, counted, clock.zone)
  const before =
    query.compare &&
    (await countGroupsIn(
      env.DB,
      question,
      found.groups,
      toCounted(periodBefore(query.compare, counted, clock.zone)),
    ))
  const thresholds = thresholdsOf(env)
  const lines = found.groups.map((group) =>
    toLine(group, {
      trend: trends.get(group.key),
      thresholds,
      before: before && (before.counts.get(group.key) ?? []),
    }),
  )
  // The links of all campaigns together would tell nothing.
  const isChosen = Object.values(filter).some((values) => values !== undefined)
  const hasFew = isChosen && keys.length > 0 && keys.length <= MAX_COMPARED
  const rates = hasFew
    ? await showRates(env.DB, found.groups, {
        by: query.by,
        filter,
        period: counted,
        zone: clock.zone,
        thresholds,
      })
    : undefined
  const links = isChosen ? await showLinks(env.DB, filter, counted) : undefined
  const hasCursor = query.cursor !== undefined
  const { by, sort, ...others } = request.page
  const { since: _since, until: _until, last: _last, ...kept } = request.page
  return showPage(
    context,
    <Layout view="/campaigns">
      <PeriodChoice path="/campaigns" period={period} query={kept} />
      <div class="bar">
        <nav class="switch" aria-label="One line for each">
          {Object.entries(DIMENSIONS).map(([name, { title }]) => (
            <a
              href={link('/campaigns', { by: name, ...others, sort })}
              aria-current={name === request.by ? 'true' : undefined}
            >
              {title}s
            </a>
          ))}
        </nav>
        <Search request={request} />
      </div>
      <Chips path="/campaigns" query={request.page} removable={[...FILTERS, 'search']} />
      <ComparisonChoice request={request} />
      <Limits found={found} />
      {lines.length === 0 ? (
        <NoCampaigns request={request} hasCursor={hasCursor} hasMore={found.next !== null} />
      ) : (
        <CampaignsTable lines={lines} request={request} counted={counted} clock={clock} />
      )}
      <Paging request={request} found={found} hasCursor={hasCursor} />
      {rates}
      {links}
      <p class="quiet">
        People, counted once per delivery. Percentages are of people {BASES.delivered.meaning};
        undelivered, of people {BASES.attempted.meaning}. Times are {clock.name}.
      </p>
      <p>
        <a href="/engagement">Contacts by their last read or click</a>
      </p>
      {lines.some(isIncomplete) && <p class="quiet">n/a: {WHY_INCOMPLETE}</p>}
    </Layout>,
  )
}

const COMPARED = { none: 'nothing', previous: 'the period before', '4weeks': 'four weeks earlier' }

function ComparisonChoice({ request: { page } }: { request: Request }) {
  return (
    <nav class="switch" aria-label="Compare with">
      {Object.entries(COMPARED).map(([name, title]) => {
        const compare = name === 'none' ? undefined : name
        return (
          <a
            href={link('/campaigns', { ...page, compare })}
            aria-current={page['compare'] === compare ? 'true' : undefined}
          >
            Compare with {title}
          </a>
        )
      })}
    </nav>
  )
}

function Search({ request: { by, search, page } }: { request: Request }) {
  const hasNames = DIMENSIONS[by].searched.some((name) => name === 'messageName')
  return (
    <form action="/campaigns" class="inline" role="search">
      <HiddenFields fields={{ ...page, search: undefined }} />
      <label>
        {hasNames ? 'Name, tag, sender or ID' : DIMENSIONS[by].title}{' '}
        <input type="search" name="search" value={search ?? ''} maxlength={200} />
      </label>
      <button>Search</button>
    </form>
  )
}

/** Notes on incomplete results. */
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
        <p class="note">Only the newest 10,000 campaigns were searched; there are more.</p>
      )}
    </>
  )
}

function Paging({
  request: { page },
  found: { next },
  hasCursor,
}: {
  request: Request
  found: FoundGroups
  hasCursor: boolean
}) {
  if (!next && !hasCursor) return null
  return (
    <nav class="bar" aria-label="Pages">
      {hasCursor && <a href={link('/campaigns', page)}>First page</a>}
      {next && (
        <a rel="next" href={link('/campaigns', { ...page, cursor: formatGroupCursor(next) })}>
          Next page
        </a>
      )}
    </nav>
  )
}
