import * as z from 'zod'
import { listProviders, type ProviderPage } from '../../../db/rollups/providers.ts'
import { toFullHours } from '../../../db/rollups/scan.ts'
import { toCauseName } from '../../../event/bounce/causes.ts'
import { titleOfProvider } from '../../../event/mailbox-provider.ts'
import { perZone } from '../../../http/query-fields.ts'
import { downloadCsv, isCsvRequested } from '../../../web/csv-download.ts'
import { DownloadLink } from '../../../web/download-link.tsx'
import { Layout } from '../../../web/layout.tsx'
import { link } from '../../../web/link.ts'
import { readPageQuery } from '../../../web/page-query.ts'
import { PeriodChoice } from '../../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../../../web/period.ts'
import { showPage, viewerOf, type PageContext } from '../../../web/viewer.tsx'
import { nameOf } from '../../../web/statuses.ts'
import { campaignFields, toCampaignFilter } from '../../api.ts'
import { describeCounts, providerFields } from '../../providers.ts'
import { thresholdsOf } from '../../rates.ts'
import { Choice, MinimumChoice } from '../choice.tsx'
import { FilterChips } from '../filter-chips.tsx'
import { nameFilters } from '../names.ts'
import { ProviderTable } from './provider-table.tsx'
import { toFilters } from '../query.ts'
import { Sections } from '../sections.tsx'
import { PROVIDER_ORDERS } from '../../../db/rollups/providers.ts'

const LINES = 50
const MAX_LINES = 500 // of a file

/** The parameters of `GET /providers`. @param zone of times without one */
const pageQuery = perZone((zone) => {
  const { sort, minVolume } = providerFields()
  return z.strictObject({ ...periodFields(zone), ...campaignFields(), sort, minVolume })
})

/** `GET /providers`: the results by mailbox provider. */
export async function showProviders(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { clock, text, rich } = viewer
  const query = readPageQuery(pageQuery(clock.zone), req.url)
  const { sort, minVolume } = query
  const period = toPeriod(query, '30days', clock.zone)
  const filter = toCampaignFilter(query)
  const isCsv = isCsvRequested(context)
  const page = await listProviders(env.DB, {
    filter,
    period: toFullHours(period),
    order: sort,
    minVolume,
    search: undefined,
    limit: isCsv ? MAX_LINES : LINES,
    after: undefined,
  })
  if (isCsv) return downloadProviders(context, page)
  const filters = toFilters(query)
  const kept = {
    ...filters,
    sort: sort === 'largest' ? undefined : sort,
    minVolume: minVolume === 0 ? undefined : minVolume,
  }
  const all = { ...kept, ...periodQuery(period) }
  return showPage(
    context,
    <Layout view="/campaigns" title={text('providers.title')}>
      <Sections current="/providers" query={{ ...filters, ...periodQuery(period) }} />
      <div class="bar">
        <PeriodChoice path="/providers" period={period} query={kept} />
        <Choice
          label={text('campaigns.sort')}
          options={PROVIDER_ORDERS.map((order) => ({
            title:
              order === 'largest' ? text('campaigns.largest') : nameOf(order.toUpperCase(), text),
            href: link('/providers', { ...all, sort: order === 'largest' ? undefined : order }),
            isChosen: order === sort,
          }))}
        />
        <MinimumChoice path="/providers" query={all} name="minVolume" value={minVolume} />
      </div>
      <FilterChips
        path="/providers"
        query={all}
        removable={Object.keys(filters)}
        names={await nameFilters(env.DB, filter, viewer)}
      />
      {page.providers.length === 0 ? (
        <p class="empty">
          {period.name === '30days'
            ? text('providers.none')
            : rich('providers.noneYet', {
                link: (content) => (
                  <a href={link('/providers', { ...kept, period: '30days' })}>{content}</a>
                ),
              })}
        </p>
      ) : (
        <>
          <ProviderTable providers={page.providers} thresholds={thresholdsOf(env)} />
          <p class="bar">
            <DownloadLink />
          </p>
        </>
      )}
      {page.next && <p class="quiet">{text('providers.first', { count: LINES })}</p>}
      {!page.complete && <p class="note warn">{text('campaigns.tooMuch')}</p>}
      <p class="quiet">
        {text('campaigns.note')} {text('campaigns.rolledUp')}
      </p>
    </Layout>,
  )
}

const COUNTED = ['delivered', 'undelivered', 'read', 'clicked', 'spam', 'unsubscribed'] as const
const RATES = ['undelivered', 'hardBounced', 'read', 'clicked', 'spam', 'unsubscribed'] as const

function downloadProviders(context: PageContext, { providers }: ProviderPage): Response {
  const { text } = viewerOf(context)
  return downloadCsv(context, {
    name: 'providers',
    heads: [
      text('providers.provider'),
      ...COUNTED.map((name) => nameOf(name.toUpperCase(), text)),
      text('campaign.hardBounced'),
      ...RATES.map((name) => text(`rate.${name}`)),
      text('bounces.cause'),
    ],
    rows: providers.map(({ provider, counts }) => {
      const line = describeCounts(counts)
      const [cause] = line.causes
      return [
        titleOfProvider(provider),
        ...COUNTED.map((name) => line[name].contacts),
        line.undelivered.hard.contacts,
        ...RATES.map((name) => line.rates[name].rate),
        cause && text(`cause.${toCauseName(cause.cause)}.title`),
      ]
    }),
  })
}
