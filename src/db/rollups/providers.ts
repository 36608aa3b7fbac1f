import type { OffsetSpan } from '../../event/offset-spans.ts'
import { floorTo } from '../columns.ts'
import { valuesOf, where, type Condition } from '../events/filter.ts'
import { attemptedIn, RATES } from '../reports/rates.ts'
import { RATE_ORDERS } from '../reports/rank-groups.ts'
import { KINDS, periodOf, type CampaignFilter, type Count, type Period } from '../reports/totals.ts'
import { MAX_ROLLED_UP, scanNewest } from './scan.ts'

/**
 * The order of mailbox providers: most people written to first, or highest rate first. Providers without a rate come
 * last.
 */
export const PROVIDER_ORDERS = ['largest', ...RATE_ORDERS] as const

type ProviderOrder = (typeof PROVIDER_ORDERS)[number]

/** The cursor of a provider: the next page begins after it. A provider without a rate has -1. */
export type ProviderCursor = { rate: number; volume: number; key: string }

export type ProviderQuery = {
  filter: CampaignFilter
  /** Widened to full hours. */
  period: Period
  order: ProviderOrder
  /** Providers with fewer people written to are left out. */
  minVolume: number
  /** A part of the name. */
  search: string | undefined
  limit: number
  after: ProviderCursor | undefined
}

/** Events of one kind, and contacts, counted once per delivery; of UNDELIVERED by cause. */
export type ProviderCount = Count & { cause: string }

/** A mailbox provider: see `providerOf`. */
type Provider = { provider: string; counts: ProviderCount[] }

/** Providers; `complete` is false if there was more to count than one report reads. */
export type ProviderPage = {
  providers: Provider[]
  next: ProviderCursor | null
  rowsScanned: number
  complete: boolean
}

const RATE_SCALE = 1_000_000 // a rate is an integer, so that a cursor is exact

const contactsOf = (status: string, kinds: readonly number[]) =>
  `coalesce(sum(contacts) FILTER (WHERE activityStatus = '${status}' AND hardBounce IN (${kinds.join(', ')})), 0)`

/** A provider's counts in SQL. */
const PARTS = {
  delivered: contactsOf('DELIVERED', [KINDS.all]),
  // All kinds of bounces, less the contacts that had several: see `roll-up.ts`.
  undelivered: contactsOf('UNDELIVERED', [KINDS.all, KINDS.soft, KINDS.hard]),
  repeated: `coalesce(sum(contacts) FILTER (WHERE hardBounce = ${KINDS.repeated}), 0)`,
  read: contactsOf('READ', [KINDS.all]),
  clicked: contactsOf('CLICKED', [KINDS.all]),
  spam: contactsOf('SPAM', [KINDS.all]),
  unsubscribed: contactsOf('UNSUBSCRIBED', [KINDS.all]),
}

const ATTEMPTED = attemptedIn('delivered', 'undelivered', 'repeated')

/** The rate and the volume by which providers are sorted. */
function toKeys(order: ProviderOrder): { rate: string; volume: string } {
  if (order === 'largest') return { rate: '0', volume: ATTEMPTED }
  const base = RATES[order].over === 'attempted' ? ATTEMPTED : 'delivered'
  const isRate = `${order} <= ${base} AND ${base} > 0`
  return {
    rate: `iif(${isRate}, CAST(round(${RATE_SCALE}.0 * ${order} / ${base}) AS INTEGER), -1)`,
    volume: base,
  }
}

const SCANNED = `
  SELECT value ->> 1 AS provider, value ->> 2 AS activityStatus, value ->> 3 AS hardBounce, value ->> 4 AS cause,
    sum(value ->> 5) AS events, sum(value ->> 6) AS contacts`

type Row = ProviderCount & { provider: string; rate: number; volume: number; rows: number }

/** A page of mailbox providers with their counts. */
export async function listProviders(db: D1Database, query: ProviderQuery): Promise<ProviderPage> {
  const { filter, period, order, minVolume, search, limit, after } = query
  const scan = scanNewest('providers', period, filter)
  const { rate, volume } = toKeys(order)
  const chosen: Condition[] = [
    { sql: `provider <> ''`, values: [] },
    { sql: `${ATTEMPTED} >= ?`, values: [minVolume] },
  ]
  if (search !== undefined) {
    chosen.push({ sql: 'instr(provider, ?) > 0', values: [search.toLowerCase()] })
  }
  if (after) {
    const { rate: rateBefore, volume: volumeBefore, key } = after
    const values = [rateBefore, volumeBefore, key]
    chosen.push({ sql: `(${rate}, ${volume}, provider) < (?, ?, ?)`, values })
  }
  // Grouping by one text is a third faster than by four values of it.
  const parts = Object.entries(PARTS).map(([name, sql]) => `${sql} AS ${name}`)
  const { results } = await db
    .prepare(
      `WITH scanned AS (${scan.sql}), counted AS MATERIALIZED (
         SELECT key ->> 0 AS provider, key ->> 1 AS activityStatus, key ->> 2 AS hardBounce, key ->> 3 AS cause,
           events, contacts, scannedRows
         FROM (
           SELECT json_extract(value, '$[1]', '$[2]', '$[3]', '$[4]') AS key,
             sum(value ->> 5) AS events, sum(value ->> 6) AS contacts, count(*) AS scannedRows
           FROM scanned GROUP BY key
         )
       ), chosen AS MATERIALIZED (
         SELECT provider, ${rate} AS rate, ${volume} AS volume
         FROM (SELECT provider, ${parts.join(', ')} FROM counted GROUP BY provider)
         ${where(chosen)} ORDER BY rate DESC, volume DESC, provider DESC LIMIT ${limit + 1}
       )
       SELECT *, (SELECT sum(scannedRows) FROM counted) AS rows FROM chosen JOIN counted USING (provider)
       ORDER BY rate DESC, volume DESC, provider DESC`,
    )
    .bind(...scan.values, ...valuesOf(chosen))
    .all<Row>()
  const found = [...Map.groupBy(results, ({ provider }) => provider)]
  const [last] = found[limit - 1]?.[1] ?? []
  const rowsScanned = results[0]?.rows ?? 0
  return {
    providers: found.slice(0, limit).map(([provider, counts]) => ({ provider, counts })),
    next:
      last && found.length > limit
        ? { rate: last.rate, volume: last.volume, key: last.provider }
        : null,
    rowsScanned,
    complete: rowsScanned < MAX_ROLLED_UP,
  }
}

/** The counts of a provider in an hour or day of a zone's clocks: see `BucketCount`. */
export type ProviderBucket = ProviderCount & { bucket: number; offset: number }

/**
 * A provider's counts by hour or day of a zone's clocks, oldest first.
 *
 * @param spans that make up the period, without gaps
 * @param bucketMs an hour or a day
 */
export async function countProviderByTime(
  db: D1Database,
  provider: string,
  filter: CampaignFilter,
  spans: readonly OffsetSpan[],
  bucketMs: number,
): Promise<{ counts: ProviderBucket[]; rowsScanned: number; complete: boolean }> {
  const scan = scanNewest('providers', periodOf(spans), filter)
  const { results } = await db
    .prepare(
      `WITH span AS MATERIALIZED (
         SELECT value ->> 'since' AS since, value ->> 'until' AS until, value ->> 'offset' AS offset
         FROM json_each(?)
       ), scanned AS (${scan.sql})
       ${SCANNED}, offset, ${floorTo('(hour + offset)', bucketMs)} / ${bucketMs} AS bucket,
         (SELECT count(*) FROM scanned) AS rows
       FROM scanned JOIN span ON hour >= since AND hour < until
       WHERE provider = ?
       GROUP BY bucket, offset, activityStatus, hardBounce, cause ORDER BY bucket`,
    )
    .bind(JSON.stringify(spans), ...scan.values, provider)
    .all<ProviderBucket & { rows: number }>()
  const rowsScanned = results[0]?.rows ?? 0
  return { counts: results, rowsScanned, complete: rowsScanned < MAX_ROLLED_UP }
}
