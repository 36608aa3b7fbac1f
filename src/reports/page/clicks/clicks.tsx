import * as z from 'zod'
import type { ClickTarget } from '../../../db/rollups/clicks.ts'
import { UTM_NAMES } from '../../../event/link.ts'
import { perZone } from '../../../http/query-fields.ts'
import { downloadCsv, isCsvRequested } from '../../../web/csv-download.ts'
import { DownloadLink } from '../../../web/download-link.tsx'
import { HiddenFields } from '../../../web/hidden-fields.tsx'
import { Layout } from '../../../web/layout.tsx'
import { link, timeInLink } from '../../../web/link.ts'
import { readPageQuery } from '../../../web/page-query.ts'
import { PeriodChoice } from '../../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../../../web/period.ts'
import { showPage, viewerOf, type PageContext } from '../../../web/viewer.tsx'
import { campaignFields, toCampaignFilter } from '../../api.ts'
import { clickFields, findClicks, type ClickReportLine } from '../../clicks.ts'
import { ClicksTable } from './clicks-table.tsx'
import { FilterChips } from '../filter-chips.tsx'
import { nameFilters } from '../names.ts'
import { toFilters } from '../query.ts'
import { Sections } from '../sections.tsx'

const LINES = 50
const MAX_LINES = 1_000 // of a file
const TARGETS = ['link', ...UTM_NAMES] as const

const clicksQuery = perZone((zone) => {
  const { search, cursor } = clickFields(zone)
  return z.strictObject({
    by: z.enum(TARGETS, { error: `must be one of ${TARGETS.join(', ')}` }).default('link'),
    ...periodFields(zone),
    ...campaignFields(),
    search,
    cursor,
  })
})

/** `GET /campaigns/clicks`: the links that were clicked, or the values of a UTM parameter in them. */
export async function showClicks(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { clock, text } = viewer
  const query = readPageQuery(clicksQuery(clock.zone), req.url)
  const { by, search, cursor } = query
  const period = toPeriod(query, '30days', clock.zone)
  const filter = toCampaignFilter(query)
  const isCsv = isCsvRequested(context)
  const { lines, clickers, next, scanned } = await findClicks(env.DB, by, filter, period, {
    sort: 'peopleWithoutMachines',
    search,
    limit: isCsv ? MAX_LINES : LINES,
    cursor,
  })
  if (isCsv) return downloadClicks(context, by, lines)
  const filters = toFilters(query)
  const kept = { by: by === 'link' ? undefined : by, ...filters, search }
  const page = { ...kept, ...periodQuery(period) }
  return showPage(
    context,
    <Layout view="/campaigns" title={text('section./campaigns/clicks')}>
      <Sections current="/campaigns/clicks" query={{ ...filters, ...periodQuery(period) }} />
      <div class="bar">
        <PeriodChoice path="/campaigns/clicks" period={period} query={kept} />
        <form action="/campaigns/clicks" class="inline">
          <HiddenFields fields={{ ...page, search: undefined }} />
          <input
            type="search"
            name="search"
            value={search ?? ''}
            maxlength={200}
            placeholder={text(`clicks.one.${by}`)}
            aria-label={text(`clicks.one.${by}`)}
          />
          <button>{text('campaigns.search')}</button>
        </form>
      </div>
      <nav class="switch one-line" aria-label={text('clicks.by')}>
        {TARGETS.map((target) => (
          <a
            href={link('/campaigns/clicks', { ...page, by: target })}
            aria-current={target === by ? 'true' : undefined}
          >
            {text(`clicks.one.${target}`)}
          </a>
        ))}
      </nav>
      <FilterChips
        path="/campaigns/clicks"
        query={page}
        removable={[...Object.keys(filters), 'search']}
        names={await nameFilters(env.DB, filter, viewer)}
      />
      {lines.length === 0 ? (
        <p class="empty">{text('clicks.none')}</p>
      ) : (
        <>
          <p>
            {text('clicks.clickers', {
              count: clickers.people,
              withoutMachines: clickers.withoutMachines,
            })}
          </p>
          <ClicksTable
            by={by}
            lines={lines}
            people={{
              ...filters,
              since: timeInLink(period.since),
              until: timeInLink(period.until),
            }}
          />
        </>
      )}
      {!scanned.complete && <p class="note warn">{text('campaigns.tooMuch')}</p>}
      <p class="bar">
        {lines.length > 0 && <DownloadLink />}
        {cursor && <a href={link('/campaigns/clicks', page)}>{text('campaigns.firstPage')}</a>}
        {next !== null && (
          <a rel="next" href={link('/campaigns/clicks', { ...page, cursor: next })}>
            {text('campaigns.nextPage')}
          </a>
        )}
      </p>
      <p class="quiet">{text('clicks.note')}</p>
    </Layout>,
  )
}

function downloadClicks(
  context: PageContext,
  by: ClickTarget,
  lines: readonly ClickReportLine[],
): Response {
  const { text } = viewerOf(context)
  return downloadCsv(context, {
    name: by === 'link' ? 'links' : `utm-${by}`,
    heads: [
      text(`clicks.one.${by}`),
      text('clicks.clicks'),
      text('campaign.people'),
      text('campaign.share'),
      text('clicks.clicksWithoutMachines'),
      text('campaign.withoutMachines'),
      text('campaign.share'),
    ],
    rows: lines.map(({ name, clicks, people, share, withoutMachines }) => [
      name,
      clicks,
      people,
      share.rate,
      withoutMachines.clicks,
      withoutMachines.people,
      withoutMachines.share.rate,
    ]),
  })
}
