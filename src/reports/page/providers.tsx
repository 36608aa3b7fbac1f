import * as z from 'zod'
import { listProviders, type ProviderPage } from '../../db/rollups/providers.ts'
import { toFullHours } from '../../db/rollups/scan.ts'
import { BASES } from '../../db/reports/rates.ts'
import { perZone } from '../../http/query-fields.ts'
import { titleOfProvider } from '../../event/mailbox-provider.ts'
import { Chips } from '../../web/chips.tsx'
import { formatNumber, formatRate } from '../../language/format.ts'
import { Layout } from '../../web/layout.tsx'
import { link, toQuery } from '../../web/link.ts'
import { readPageQuery } from '../../web/page-query.ts'
import { PeriodChoice } from '../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod } from '../../web/period.ts'
import { NumberHead, Table } from '../../web/table.tsx'
import { viewerClock, type PageContext, showPage } from '../../web/viewer.tsx'
import { campaignFields, toCampaignFilter } from '../api.ts'
import type { Counts } from '../counts.ts'
import { describeCounts, providerFields } from '../providers.ts'

const LINES = 50
const HEADS = ['Delivered', 'Undelivered', 'Read', 'Clicked', 'Spam', 'Unsubscribed']

/** The parameters of `GET /providers`. @param zone of times without one */
const pageQuery = perZone((zone) => {
  const { sort, minVolume } = providerFields()
  return z.strictObject({ ...periodFields(zone), ...campaignFields(), sort, minVolume })
})

/** `GET /providers`: the results by mailbox provider. */
export async function showProviders(context: PageContext): Promise<Response> {
  const { env, req } = context
  const clock = viewerClock(context)
  const query = readPageQuery(pageQuery(clock.zone), req.url)
  const {
    period: _period,
    first: _first,
    last: _last,
    since: _since,
    until: _until,
    sort,
    minVolume,
    ...campaigns
  } = query
  const period = toPeriod(query, '30days', clock.zone)
  const filters = toQuery(campaigns)
  const kept = {
    ...filters,
    sort: sort === 'largest' ? undefined : sort,
    minVolume: minVolume === 0 ? undefined : minVolume,
  }
  const page = await listProviders(env.DB, {
    filter: toCampaignFilter(query),
    period: toFullHours(period),
    order: sort,
    minVolume,
    search: undefined,
    limit: LINES,
    after: undefined,
  })
  return showPage(
    context,
    <Layout view="/bounces" title="Mailbox providers">
      <PeriodChoice path="/providers" period={period} query={kept} />
      <Chips
        path="/providers"
        query={{ ...kept, ...periodQuery(period) }}
        removable={Object.keys(filters)}
      />
      {page.providers.length === 0 ? (
        <p class="empty">
          No emails in this period.{' '}
          {period.name !== '30days' && (
            <a href={link('/providers', { ...kept, period: '30days' })}>See the last 30 days</a>
          )}
        </p>
      ) : (
        <Providers page={page} />
      )}
      {!page.complete && (
        <p class="note warn">
          Too much data for one page: only the newest hours are counted. Choose a shorter period.
        </p>
      )}
      <p class="quiet">
        People, counted once per delivery. Percentages are of people {BASES.delivered.meaning};
        undelivered, of people {BASES.attempted.meaning}. An hour is counted some ten minutes after
        its end.
      </p>
    </Layout>,
  )
}

function Providers({ page: { providers, next } }: { page: ProviderPage }) {
  return (
    <>
      <Table
        label="Results by mailbox provider"
        heads={['Provider', ...HEADS.map((head) => <NumberHead>{head}</NumberHead>), 'Causes']}
      >
        {providers.map(({ provider, counts }) => (
          <Line provider={provider} line={describeCounts(counts)} />
        ))}
      </Table>
      {next && <p class="quiet">The first {LINES} providers; GET /reports/providers has all.</p>}
    </>
  )
}

function Line({ provider, line }: { provider: string; line: ReturnType<typeof describeCounts> }) {
  const { delivered, undelivered, read, clicked, spam, unsubscribed, causes, rates } = line
  const title = titleOfProvider(provider)
  return (
    <tr>
      <th scope="row">
        <bdi>{title}</bdi>
        {title !== provider && <small>{provider}</small>}
      </th>
      <People contacts={delivered.contacts} rate={null} />
      <People contacts={undelivered.contacts} rate={rates.undelivered.rate}>
        {undelivered.hard.contacts > 0 && `${formatNumber(undelivered.hard.contacts)} hard`}
      </People>
      <Engaged count={read} rate={rates.read.rate} />
      <Engaged count={clicked} rate={rates.clicked.rate} />
      <People contacts={spam.contacts} rate={rates.spam.rate} />
      <People contacts={unsubscribed.contacts} rate={rates.unsubscribed.rate} />
      <td>
        {causes.slice(0, 3).map(({ title: cause, events }) => (
          <small>
            {cause}: {formatNumber(events)}
          </small>
        ))}
      </td>
    </tr>
  )
}

/** People who read or clicked: with machines and, if that is another number, without. */
function Engaged({ count, rate }: { count: Counts['read']; rate: number | null }) {
  const { contacts, withoutMachines } = count
  const isSame = withoutMachines.contacts === contacts
  return (
    <People contacts={contacts} rate={rate}>
      {!isSame && `${formatNumber(withoutMachines.contacts)} without machines`}
    </People>
  )
}

function People({
  contacts,
  rate,
  children,
}: {
  contacts: number
  rate: number | null
  children?: string | false
}) {
  return (
    <td class="right">
      {contacts === 0 ? <span class="quiet">0</span> : formatNumber(contacts)}
      {contacts > 0 && rate !== null && <small>{formatRate(rate)}</small>}
      {children && <small>{children}</small>}
    </td>
  )
}
