import { findGroups, formatGroupCursor, toGroupQuery, type FoundGroups } from '../breakdown-page.ts'
import { DIMENSIONS } from '../../event/dimensions.ts'
import { toCampaignFilter, toPeriod as toCounted } from '../api.ts'
import { countAll } from '../../db/reports/all.ts'
import { countGroupsIn } from '../../db/reports/breakdown.ts'
import { averageDelays } from '../../db/rollups/steps.ts'
import { isCsvRequested } from '../../web/csv-download.ts'
import { DownloadLink } from '../../web/download-link.tsx'
import { HiddenFields } from '../../web/hidden-fields.tsx'
import { Layout } from '../../web/layout.tsx'
import { link, timeInLink } from '../../web/link.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { periodQuery, toPeriod } from '../../web/period.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../web/viewer.tsx'
import { periodBefore } from '../comparison.ts'
import { thresholdsOf } from '../rates.ts'
import { Choice, MinimumChoice } from './choice.tsx'
import { ClicksTable } from './clicks/clicks-table.tsx'
import { downloadCampaigns } from './download.ts'
import { NoCampaigns } from './empty.tsx'
import { isIncomplete, toNumbers, type Line } from './line.tsx'
import { FilterChips } from './filter-chips.tsx'
import { nameFilters } from './names.ts'
import { PeopleLinks } from './people/people-links.tsx'
import { campaignsQuery, FILTERS, toRequest, type Request } from './query.ts'
import { MAX_COMPARED, showRates } from './rates.tsx'
import { Sections } from './sections.tsx'
import { CampaignsTable } from './table.tsx'
import { countTrends } from './trends.ts'
import { findClicks } from '../clicks.ts'

const LINES = 20
const MAX_LINES = 1_000 // of a file
const LINKS = 20

/** `GET /campaigns`: the results of each message, broadcast, workflow, …. */
export async function showCampaigns(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { clock, text } = viewer
  const query = readPageQuery(campaignsQuery(clock.zone), req.url)
  const period = toPeriod(query, '30days', clock.zone)
  const request = toRequest(query, period)
  const counted = toCounted(period)
  const dimension = DIMENSIONS[query.by].column
  const filter = toCampaignFilter(query)
  const isCsv = isCsvRequested(context)
  const question = toGroupQuery(
    { ...query, sort: request.sort },
    { dimension, filter, period: counted, limit: isCsv ? MAX_LINES : LINES },
  )
  const found = await findGroups(env.DB, question, query.search)
  if (isCsv) return downloadCampaigns(context, query.by, found.groups)
  const keys = found.groups.map(({ key }) => key)
  const earlier = query.compare && toCounted(periodBefore(query.compare, counted, clock.zone))
  // The links of all campaigns together would tell nothing.
  const isChosen = Object.values(filter).some((values) => values !== undefined)
  const [trends, all, before, allBefore, delays, clicks, names] = await Promise.all([
    countTrends(env.DB, dimension, filter, keys, counted, clock.zone),
    countAll(env.DB, found.filter, counted),
    earlier && countGroupsIn(env.DB, question, found.groups, earlier),
    earlier && countAll(env.DB, found.filter, earlier),
    query.by === 'blocks' && keys.length > 0
      ? averageDelays(env.DB, { ...filter, workflowBlockId: keys }, counted)
      : undefined,
    isChosen
      ? findClicks(env.DB, 'link', filter, counted, { sort: 'people', limit: LINKS })
      : undefined,
    nameFilters(env.DB, filter, viewer),
  ])
  const thresholds = thresholdsOf(env)
  const lines = found.groups.map((group): Line => ({
    ...toNumbers(group.counts, thresholds, before && (before.counts.get(group.key) ?? [])),
    group,
    trend: trends.get(group.key),
    delay: delays?.get(group.key),
  }))
  const hasFew = isChosen && keys.length > 0 && keys.length <= MAX_COMPARED
  const rates = hasFew
    ? await showRates(env.DB, found.groups, {
        by: query.by,
        filter,
        period: counted,
        viewer,
        thresholds,
      })
    : undefined
  const hasCursor = query.cursor !== undefined
  const { by: _by, sort: _sort, ...others } = request.page
  const { since: _since, until: _until, first: _first, last: _last, ...kept } = request.page
  const people = {
    ...request.filters,
    since: timeInLink(period.since),
    until: timeInLink(period.until),
  }
  return showPage(
    context,
    <Layout view="/campaigns">
      <Sections current="/campaigns" query={{ ...request.filters, ...periodQuery(period) }} />
      <div class="bar">
        <PeriodChoice path="/campaigns" period={period} query={{ ...kept, period: undefined }} />
        <ComparisonChoice request={request} />
        {request.sort !== 'newest' && request.sort !== 'steps' && (
          <MinimumChoice path="/campaigns" query={request.page} name="min" value={query.min ?? 0} />
        )}
        <Search request={request} />
      </div>
      <nav class="switch one-line" aria-label={text('campaigns.dimensions')}>
        {Object.keys(DIMENSIONS).map((name) => (
          <a
            href={link('/campaigns', { by: name, ...others, sort: request.page['sort'] })}
            aria-current={name === request.by ? 'true' : undefined}
          >
            {text(`dimension.${name as Request['by']}`)}
          </a>
        ))}
      </nav>
      <FilterChips
        path="/campaigns"
        query={request.page}
        removable={[...FILTERS, 'search']}
        names={names}
      />
      <Limits found={found} isComplete={found.complete && all.complete} />
      {lines.length === 0 ? (
        <NoCampaigns request={request} hasCursor={hasCursor} hasMore={found.next !== null} />
      ) : (
        <CampaignsTable
          lines={lines}
          total={toNumbers(all.counts, thresholds, allBefore && allBefore.counts)}
          request={request}
          counted={counted}
        />
      )}
      <Paging request={request} found={found} hasCursor={hasCursor} />
      {isChosen && lines.length > 0 && <AllPeople query={people} />}
      {rates}
      {clicks && clicks.lines.length > 0 && (
        <section>
          <h2>{text('campaign.links')}</h2>
          <ClicksTable by="link" lines={clicks.lines} people={people} />
          <p>
            <a href={link('/campaigns/clicks', { ...request.filters, ...periodQuery(period) })}>
              {text('campaign.allLinks')}
            </a>
          </p>
        </section>
      )}
      <p class="quiet">
        {text('campaigns.note')} {text('campaigns.times', { zone: clock.name })}
      </p>
      {lines.some(isIncomplete) && <p class="quiet">{text('rate.incomplete.note')}</p>}
    </Layout>,
  )
}

const COMPARISONS = ['none', 'previous', '4weeks'] as const

function ComparisonChoice({ request: { page } }: { request: Request }) {
  const { text } = useViewer()
  return (
    <Choice
      label={text('campaigns.compare')}
      options={COMPARISONS.map((name) => {
        const compare = name === 'none' ? undefined : name
        return {
          title: text(`campaigns.compare.${name}`),
          href: link('/campaigns', { ...page, compare }),
          isChosen: page['compare'] === compare,
        }
      })}
    />
  )
}

function Search({ request: { by, search, page } }: { request: Request }) {
  const { text } = useViewer()
  const hasNames = DIMENSIONS[by].searched.some((name) => name === 'messageName')
  const label = hasNames ? text('campaigns.search.names') : text(`dimension.one.${by}`)
  return (
    <form action="/campaigns" class="inline">
      <HiddenFields fields={{ ...page, search: undefined }} />
      <input
        type="search"
        name="search"
        value={search ?? ''}
        maxlength={200}
        placeholder={label}
        aria-label={label}
      />
      <button>{text('campaigns.search')}</button>
    </form>
  )
}

/** Notes on incomplete results. */
function Limits({
  found: { isSearched },
  isComplete,
}: {
  found: FoundGroups
  isComplete: boolean
}) {
  const { text } = useViewer()
  return (
    <>
      {!isComplete && <p class="note warn">{text('campaigns.tooMuch')}</p>}
      {!isSearched && <p class="note">{text('campaigns.notSearched')}</p>}
    </>
  )
}

/** The lists of people of all campaigns that the filters select. */
function AllPeople({ query }: { query: Request['page'] }) {
  const { text } = useViewer()
  const choices = [
    { title: text('campaign.unread'), did: 'delivered', didNot: 'read' },
    { title: text('status.CLICKED'), did: 'clicked', didNot: undefined },
    { title: text('status.UNDELIVERED'), did: 'bounced', didNot: undefined },
  ]
  return (
    <p>
      {choices.map(({ title, did, didNot }, index) => (
        <>
          {index > 0 && ' · '}
          {title}: <PeopleLinks query={{ ...query, did, didNot }} name={title} />
        </>
      ))}
    </p>
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
  const { text } = useViewer()
  return (
    <nav class="bar" aria-label={text('campaigns.pages')}>
      <DownloadLink page={link('/campaigns', page)} />
      {hasCursor && <a href={link('/campaigns', page)}>{text('campaigns.firstPage')}</a>}
      {next && (
        <a rel="next" href={link('/campaigns', { ...page, cursor: formatGroupCursor(next) })}>
          {text('campaigns.nextPage')}
        </a>
      )}
    </nav>
  )
}
