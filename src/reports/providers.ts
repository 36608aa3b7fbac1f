import type { Context } from 'hono'
import * as z from 'zod'
import { toCauseName } from '../event/bounce/causes.ts'
import { providerOf, titleOfProvider } from '../event/mailbox-provider.ts'
import { readRollupState } from '../db/rollups/hours.ts'
import {
  countProviderByTime,
  listProviders,
  PROVIDER_ORDERS,
  type ProviderCount,
  type ProviderCursor,
} from '../db/rollups/providers.ts'
import { toFullHours } from '../db/rollups/scan.ts'
import { toRates } from '../db/reports/rates.ts'
import { KINDS, periodOf, type Count } from '../db/reports/totals.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { cursorOf, limit, period, perZone, searched, volume } from '../http/query-fields.ts'
import { moment, nextPage } from '../http/response-fields.ts'
import { describeCause } from '../language/causes.ts'
import { readSettings } from '../settings/settings.ts'
import {
  campaignFields,
  describePeriod,
  periodSchema,
  scannedSchema,
  toCampaignFilter,
  toPeriod,
} from './api.ts'
import { ratesSchema } from './rates.ts'
import { BUCKETS, chooseOffsetSpans, listBuckets, nameBucket, placeOf } from './buckets.ts'
import { countFields, toCounts } from './counts.ts'
import { describeRolledUp, ROLLED_UP, rolledUpSchema } from './rolled-up.ts'
import { timeZoneField, zoneOf } from './totals.ts'

const providerCursor = cursorOf(
  /^(-?\d{1,15})\.(\d{1,15})\.(.*)$/s,
  ([rate, volume, key = '']): ProviderCursor => ({
    rate: Number(rate),
    volume: Number(volume),
    key,
  }),
)

/** The query parameters that choose and sort mailbox providers. */
export function providerFields() {
  return {
    sort: z
      .enum(PROVIDER_ORDERS, { error: `must be one of ${PROVIDER_ORDERS.join(', ')}` })
      .default('largest')
      .meta({
        description: '`largest`: most people written to first; otherwise highest rate first.',
      }),
    minVolume: volume
      .default(0)
      .meta({ description: 'Leaves out providers with fewer people written to.' }),
  }
}

const providersQuery = perZone((zone) =>
  z.strictObject({
    ...period(zone),
    ...campaignFields(),
    ...providerFields(),
    search: searched.optional().meta({ description: 'A part of the name: `gmail`, `.ua`.' }),
    limit: limit(200, 20),
    cursor: providerCursor.optional().meta({ description: 'The `next` of the previous page.' }),
  }),
)

function lineFields() {
  const cause = z.strictObject({
    cause: z.string(),
    title: z.string(),
    events: z.int(),
    contacts: z.int(),
    hard: z.int().meta({ description: 'Permanent ones, of the events.' }),
  })
  return {
    ...countFields(),
    causes: z
      .array(cause)
      .meta({ description: 'Why messages bounced, most frequent first: see `/reports/bounces`.' }),
    rates: ratesSchema(),
  }
}

const providersSchema = lazily(() => {
  const line = z.strictObject({
    provider: z.string().meta({
      description:
        'The name of a mailbox provider with several domains, such as `gmail`; otherwise the domain.',
    }),
    title: z.string(),
    ...lineFields(),
  })
  return z
    .strictObject({
      period: periodSchema(),
      rolledUp: rolledUpSchema(),
      report: z.array(line),
      scanned: scannedSchema(),
      next: nextPage(),
    })
    .meta({ id: 'ProvidersReport' })
})

const showProviders = defineEndpoint({
  method: 'get',
  path: '/reports/providers',
  access: 'readToken',
  operationId: 'providersReport',
  tag: 'Reports',
  summary: 'Counts and rates by mailbox provider',
  description: `Emails only. ${ROLLED_UP}`,
  query: providersQuery,
  response: providersSchema,
  async handle({ env, query }) {
    const counted = toFullHours(toPeriod(query))
    const [page, state] = await Promise.all([
      listProviders(env.DB, {
        filter: toCampaignFilter(query),
        period: counted,
        order: query.sort,
        minVolume: query.minVolume,
        search: query.search,
        limit: query.limit,
        after: query.cursor,
      }),
      readRollupState(env.DB),
    ])
    return {
      period: describePeriod(counted),
      rolledUp: describeRolledUp(state),
      report: page.providers.map(({ provider, counts }) => ({
        provider,
        title: titleOfProvider(provider),
        ...describeCounts(counts),
      })),
      scanned: { rows: page.rowsScanned, complete: page.complete },
      next: page.next && `${page.next.rate}.${page.next.volume}.${page.next.key}`,
    }
  },
})

const seriesQuery = perZone((zone) =>
  z.strictObject({
    by: z
      .enum(['hour', 'day'], { error: 'must be hour or day' })
      .default('day')
      .meta({ description: 'A line for each hour (up to 31 days) or day (up to 400).' }),
    timeZone: timeZoneField(),
    ...period(zone),
    ...campaignFields(),
  }),
)

const seriesSchema = lazily(() => {
  const line = z.strictObject({
    time: z.string().meta({ description: 'The local hour or day.' }),
    start: moment('Its start'),
    ...lineFields(),
  })
  return z
    .strictObject({
      provider: z.string(),
      title: z.string(),
      by: z.enum(['hour', 'day']),
      timeZone: z.string(),
      period: periodSchema(),
      rolledUp: rolledUpSchema(),
      report: z.array(line).meta({ description: 'Oldest first.' }),
      scanned: scannedSchema(),
    })
    .meta({ id: 'ProviderReport' })
})

const showProvider = defineEndpoint({
  method: 'get',
  path: '/reports/providers/{provider}',
  access: 'readToken',
  operationId: 'providerReport',
  tag: 'Reports',
  summary: 'A mailbox provider by hour or by day',
  description: `Shows since when a provider rejects messages, and why. In a time zone with an offset of half an hour, an hour counts where it begins. ${ROLLED_UP}`,
  parameter: { description: 'A provider, or one of its domains.', type: 'string' },
  query: (timeZone, context?: Context) => seriesQuery(zoneOf(context) ?? timeZone),
  response: seriesSchema,
  async handle({ env, query, parameter }) {
    const { by } = query
    const zone = query.timeZone ?? readSettings(env).timeZone
    const provider = providerOf(parameter) || parameter
    const spans = chooseOffsetSpans(by, query, zone)
    const counted = toFullHours(periodOf(spans))
    const [found, state] = await Promise.all([
      countProviderByTime(env.DB, provider, toCampaignFilter(query), spans, BUCKETS[by].ms),
      readRollupState(env.DB),
    ])
    const placed = Map.groupBy(found.counts, (count) => placeOf(by, count))
    return {
      provider,
      title: titleOfProvider(provider),
      by,
      timeZone: zone,
      period: describePeriod(counted),
      rolledUp: describeRolledUp(state),
      report: listBuckets(by, spans, zone).map((bucket) => ({
        time: nameBucket(by, bucket),
        start: bucket.start,
        ...describeCounts(placed.get(placeOf(by, bucket)) ?? []),
      })),
      scanned: { rows: found.rowsScanned, complete: found.complete },
    }
  },
})

export const providerEndpoints = [showProviders, showProvider]

/** Counts, causes of bounces and rates, as in responses. */
export function describeCounts(counts: readonly ProviderCount[]) {
  const added = toTotals(counts)
  return { ...toCounts(added), causes: toCauses(counts), rates: toRates(added) }
}

/** Counts as in `totals`: of each kind one. */
function toTotals(counts: readonly ProviderCount[]): Count[] {
  const kinds = new Map<string, Count>()
  for (const { activityStatus, hardBounce, events, contacts } of counts) {
    const isBounce = activityStatus === 'UNDELIVERED' && hardBounce !== KINDS.repeated
    const own = isBounce && hardBounce !== KINDS.all ? [KINDS.all, hardBounce] : [hardBounce]
    for (const kind of own) {
      const key = `${activityStatus} ${kind}`
      const sum = kinds.get(key) ?? { activityStatus, hardBounce: kind, events: 0, contacts: 0 }
      sum.events += events
      sum.contacts += contacts
      kinds.set(key, sum)
    }
  }
  return [...kinds.values()]
}

/** The causes of bounces, most frequent first. */
function toCauses(counts: readonly ProviderCount[]) {
  const bounces = counts.filter(
    ({ cause, hardBounce }) => cause !== '' && hardBounce !== KINDS.repeated,
  )
  return [...Map.groupBy(bounces, ({ cause }) => cause)]
    .map(([cause, own]) => ({
      cause,
      title: describeCause(toCauseName(cause)).title,
      events: sum(own, 'events'),
      contacts: sum(own, 'contacts'),
      hard: sum(
        own.filter(({ hardBounce }) => hardBounce === KINDS.hard),
        'events',
      ),
    }))
    .sort((a, b) => b.events - a.events)
}

const sum = (counts: readonly ProviderCount[], name: 'events' | 'contacts') =>
  counts.reduce((total, count) => total + count[name], 0)
