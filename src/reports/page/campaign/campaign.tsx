import * as z from 'zod'
import { DAY_MS } from '../../../event/clock.ts'
import type { Group } from '../../../db/reports/breakdown.ts'
import { integer, perZone } from '../../../http/query-fields.ts'
import { Layout } from '../../../web/layout.tsx'
import { link, timeInLink, type Query } from '../../../web/link.ts'
import { PageError } from '../../../web/page-error.ts'
import { readPageQuery } from '../../../web/page-query.ts'
import { PeriodChoice } from '../../../web/period-choice.tsx'
import { periodFields, periodQuery, toPeriod, type Period } from '../../../web/period.ts'
import { showPage, useViewer, viewerOf, type PageContext } from '../../../web/viewer.tsx'
import { campaignFields, toCampaignFilter } from '../../api.ts'
import { toCounts } from '../../counts.ts'
import { thresholdsOf, type Thresholds } from '../../rates.ts'
import { CauseTable } from '../bounce-table.tsx'
import { ClicksTable } from '../clicks/clicks-table.tsx'
import { Delays } from '../delays.tsx'
import { FilterChips } from '../filter-chips.tsx'
import { nameFilters } from '../names.ts'
import { ProviderTable } from '../providers/provider-table.tsx'
import { toFilters } from '../query.ts'
import { nameOf } from '../subject.tsx'
import { CompareForm } from './compare.tsx'
import { CurveChart } from './curve.tsx'
import { Facts } from './facts.tsx'
import { Funnel } from './funnel.tsx'
import { LanguageTable } from './languages.tsx'
import { findCampaign, lifeOf, readCampaign, type Campaign } from './read.ts'

/** All of a longer campaign would take long to read. */
const MAX_LIFE_MS = 45 * DAY_MS
const LAST_MS = 30 * DAY_MS

/** How much earlier others may have begun that it is compared with. */
const COMPARED_MS = 92 * DAY_MS

const MAX_CAUSES = 5

/** The parameters of `GET /campaigns/{id}`. @param zone of times without one */
const campaignQuery = perZone((zone) =>
  z.strictObject({ ...periodFields(zone), ...campaignFields() }),
)

/** `GET /campaigns/{id}`: the results of one message, of its whole life unless that is long, or a period is chosen. */
export async function showCampaign(context: PageContext): Promise<Response> {
  const { env, req } = context
  const viewer = viewerOf(context)
  const { text, clock } = viewer
  const { success, data: messageId } = integer.safeParse(req.param('id'))
  if (!success) throw noCampaign()
  const query = readPageQuery(campaignQuery(clock.zone), req.url)
  const { messageId: _messageId, ...others } = toCampaignFilter(query)
  const life = await findCampaign(env.DB, String(BigInt(messageId)), others)
  if (!life) throw noCampaign()
  const { messageId: _id, ...filters } = toFilters(query)
  const chosen = hasPeriod(query) ? toPeriod(query, '30days', clock.zone) : lastDaysOf(life)
  const campaign = await readCampaign(env.DB, life, { filter: others, chosen, zone: clock.zone })
  const path = `/campaigns/${life.key}`
  const period = chosen ?? lifeOf(life)
  const own: Query = { messageId: life.key, ...filters }
  const name = nameOf('messages', life.key, life.campaign, text)
  return showPage(
    context,
    <Layout view="/campaigns" title={name}>
      <Facts group={life} languages={campaign.languages.groups.map(({ key }) => key)} />
      <div class="bar print-none">
        <PeriodChoice path={path} period={period} query={filters} />
        {chosen && (
          <a href={link(path, { ...filters, ...momentsOf(lifeOf(life)) })}>
            {text('campaign.allTime')}
          </a>
        )}
        <a href={link('/recent', own)}>{text('campaign.events')}</a>
        <a href={link('/', { ...own, ...periodQuery(period) })}>{text('campaign.chart')}</a>
      </div>
      <FilterChips
        path={path}
        query={{ ...filters, ...(chosen && periodQuery(chosen)) }}
        removable={Object.keys(filters)}
        names={await nameFilters(env.DB, others, viewer)}
      />
      {campaign.group === undefined ? (
        <p class="empty">{text('campaign.nothing')}</p>
      ) : (
        <Results
          group={campaign.group}
          campaign={campaign}
          thresholds={thresholdsOf(env)}
          own={own}
          people={chosen ? { ...own, ...momentsOf(chosen) } : own}
          period={period}
        />
      )}
      <CompareForm
        messageId={life.key}
        others={campaign.others}
        since={life.firstHour - COMPARED_MS}
      />
      <p class="quiet">
        {text('campaigns.note')} {text('campaigns.rolledUp')}{' '}
        {text('campaigns.times', { zone: clock.name })}
      </p>
    </Layout>,
  )
}

function noCampaign(): PageError {
  return new PageError(404, 'not_found', 'campaign.notFound', { log: 'nothing' })
}

function hasPeriod({ period, first, last, since, until }: Record<string, unknown>): boolean {
  return [period, first, last, since, until].some((value) => value !== undefined)
}

/** The last days of a campaign that goes on for long, such as a message of a workflow; undefined for a shorter one. */
function lastDaysOf(life: Group): Period | undefined {
  const { since, until } = lifeOf(life)
  return until - since > MAX_LIFE_MS ? { since: until - LAST_MS, until } : undefined
}

function momentsOf({ since, until }: Period): Query {
  return { since: timeInLink(since), until: timeInLink(until) }
}

/** @param own selects the campaign @param people selects its people in the period */
function Results({
  group,
  campaign: { curve, links, sources, causes, providers, delays, languages },
  thresholds,
  own,
  people,
  period,
}: {
  group: Group
  campaign: Campaign
  thresholds: Thresholds
  own: Query
  people: Query
  period: Period
}) {
  const { text } = useViewer()
  const all = { ...own, ...periodQuery(period) }
  const { clicked } = toCounts(group.counts)
  return (
    <>
      <Funnel counts={group.counts} thresholds={thresholds} people={people} />
      {curve && (
        <section>
          <h2>{text('campaign.overTime')}</h2>
          <CurveChart curve={curve} />
          <p class="print-none">
            <a href={link('/campaigns', all)}>{text('campaign.byDay')}</a>
            {' · '}
            <a href={link('/campaigns/hours', all)}>{text('campaign.byHour')}</a>
          </p>
        </section>
      )}
      <Delays delays={delays} />
      {links.lines.length > 0 && (
        <section>
          <h2>{text('campaign.links')}</h2>
          <p>
            {text('campaign.clicks', {
              clicks: clicked.events,
              machines: clicked.events - clicked.withoutMachines.events,
            })}
          </p>
          <ClicksTable by="link" lines={links.lines} people={people} />
          <p class="print-none">
            <a href={link('/campaigns/clicks', all)}>{text('campaign.allLinks')}</a>
          </p>
        </section>
      )}
      {sources.lines.length > 0 && (
        <section>
          <h2>{text('campaign.sources')}</h2>
          <ClicksTable by="source" lines={sources.lines} people={undefined} />
          <p class="print-none">
            <a href={link('/campaigns/clicks', { ...all, by: 'campaign' })}>
              {text('campaign.allUtm')}
            </a>
          </p>
        </section>
      )}
      {causes.causes.length > 0 && (
        <section>
          <h2>{text('campaign.causes')}</h2>
          <CauseTable causes={causes.causes} max={MAX_CAUSES} />
          <p class="print-none">
            <a href={link('/bounces', all)}>{text('campaign.allBounces')}</a>
          </p>
        </section>
      )}
      {providers.providers.length > 0 && (
        <section>
          <h2>{text('providers.title')}</h2>
          <ProviderTable providers={providers.providers} thresholds={thresholds} />
          {providers.next && (
            <p class="print-none">
              <a href={link('/providers', all)}>{text('campaign.allProviders')}</a>
            </p>
          )}
        </section>
      )}
      {languages.groups.length > 1 && (
        <section>
          <h2>{text('campaign.byLanguage')}</h2>
          <LanguageTable groups={languages.groups} thresholds={thresholds} />
        </section>
      )}
    </>
  )
}
