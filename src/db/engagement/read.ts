import { DAY_MS } from '../../event/clock.ts'
import { ENGAGED_KEY } from '../keys.ts'
import { FIRST_PAGE } from './fold.ts'

/** The bands of contacts, by the full days since they last read or clicked: the last day of each. */
const BANDS = {
  '0-30': { last: 30 },
  '31-90': { last: 90 },
  '91-180': { last: 180 },
  more: { last: Infinity },
  never: { last: undefined },
  unknown: { last: undefined },
} as const

export type Band = keyof typeof BANDS

// One reasoned cast: TypeScript forgets the names of keys.
export const BAND_NAMES = Object.keys(BANDS) as Band[]

/** Selects contacts. Days are full days before the end of the last one that was folded. */
export type EngagementFilter = {
  mediaType: string
  /** Only contacts to whom something was delivered in these last days. */
  deliveredWithin?: number | undefined
  /** Only contacts who have read or clicked nothing in these last days. */
  notEngagedWithin?: number | undefined
}

/** Contacts by band. */
export type Engagement = {
  /** The end of the last day that was folded: UTC milliseconds; null before the first. */
  asOf: number | null
  bands: Record<Band, number>
}

/** A contact; the days are since 1970. */
export type EngagedContact = {
  /** Decimal digits. */
  contactId: string
  band: Band
  deliveredOn: number | null
  engagedOn: number | null
}

/** Pages that are read at once. */
const PAGES = 4

const DAY = `(SELECT CAST(value AS INTEGER) / ${DAY_MS} FROM key_values WHERE name = '${ENGAGED_KEY}')`

/** If no contact of a channel (?1) ever read or clicked, it does not report that. */
const HAS_READS = `EXISTS (
  SELECT 1 FROM engagement CROSS JOIN json_each(contacts) AS row
  WHERE mediaType = ?1 AND row.value ->> 2 IS NOT NULL
)`

const WHEN = Object.entries(BANDS).flatMap(([name, { last }]) =>
  last !== undefined && Number.isFinite(last)
    ? [`WHEN engagedOn >= day - ${last} THEN '${name}'`]
    : [],
)

const BAND = `CASE WHEN engagedOn IS NULL THEN iif(${HAS_READS}, 'never', 'unknown')
  ${WHEN.join(' ')} ELSE 'more' END`

/** Binds ?2, deliveredWithin, and ?3, notEngagedWithin. */
const MATCHES = `
  (?2 IS NULL OR deliveredOn >= day - ?2) AND (?3 IS NULL OR engagedOn IS NULL OR engagedOn < day - ?3)`

/** @param pages of a channel */
function contactsOf(pages: string): string {
  return `
    SELECT row.value ->> 0 AS contactId, row.value ->> 1 AS deliveredOn, row.value ->> 2 AS engagedOn,
      coalesce(${DAY}, 0) AS day
    FROM (${pages}) AS page CROSS JOIN json_each(page.contacts) AS row`
}

const COUNT = `
  SELECT ${BAND} AS band, count(*) AS contacts
  FROM (${contactsOf('SELECT contacts FROM engagement WHERE mediaType = ?1')}) WHERE ${MATCHES} GROUP BY band`

/** Counts the contacts of a channel by band. */
export async function countEngagement(
  db: D1Database,
  filter: EngagementFilter,
): Promise<Engagement> {
  const [state, counts] = await db.batch<{ day: number | null; band: Band; contacts: number }>([
    db.prepare(`SELECT ${DAY} AS day`),
    db.prepare(COUNT).bind(...valuesOf(filter)),
  ])
  const found = new Map(counts?.results.map(({ band, contacts }) => [band, contacts]))
  const day = state?.results[0]?.day ?? null
  const bands = BAND_NAMES.map((band) => [band, found.get(band) ?? 0])
  return {
    asOf: day === null ? null : day * DAY_MS,
    // One reasoned cast: it has every name.
    bands: Object.fromEntries(bands) as Record<Band, number>,
  }
}

/** The pages from that of the contact ?4 on. */
const FROM_PAGE = `
  FROM engagement WHERE mediaType = ?1 AND firstContactId >= coalesce((
    SELECT max(firstContactId) FROM engagement WHERE mediaType = ?1 AND firstContactId <= CAST(?4 AS INTEGER)
  ), ${FIRST_PAGE}) ORDER BY firstContactId`

const LIST = `
  SELECT CAST(contactId AS TEXT) AS contactId, band, deliveredOn, engagedOn FROM (
    SELECT *, ${BAND} AS band
    FROM (${contactsOf(`SELECT contacts ${FROM_PAGE} LIMIT ${PAGES}`)})
    WHERE contactId >= CAST(?4 AS INTEGER) AND ${MATCHES}
  ) AS listed WHERE ?5 IS NULL OR band IN (SELECT value FROM json_each(?5))
  ORDER BY listed.contactId`

const NEXT = `SELECT CAST(firstContactId AS TEXT) AS next ${FROM_PAGE} LIMIT 1 OFFSET ${PAGES}`

/**
 * The next contacts of a channel, in order of their IDs.
 *
 * @param bands undefined for all
 * @param from the contact to begin with: decimal digits
 * @returns `next` is where to continue; null at the end
 */
export async function listEngagement(
  db: D1Database,
  filter: EngagementFilter,
  bands: readonly Band[] | undefined,
  from = FIRST_PAGE,
): Promise<{ contacts: EngagedContact[]; next: string | null }> {
  const values = valuesOf(filter)
  const [contacts, next] = await db.batch([
    db.prepare(LIST).bind(...values, from, bands ? JSON.stringify(bands) : null),
    db.prepare(NEXT).bind(...values, from),
  ])
  return {
    // Two reasoned casts: the statements select these columns.
    contacts: (contacts?.results ?? []) as EngagedContact[],
    next: (next?.results[0] as { next: string } | undefined)?.next ?? null,
  }
}

/** The channels with contacts. */
export async function listEngagedChannels(db: D1Database): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT DISTINCT mediaType FROM engagement ORDER BY mediaType')
    .all<{ mediaType: string }>()
  return results.map(({ mediaType }) => mediaType)
}

function valuesOf({ mediaType, deliveredWithin, notEngagedWithin }: EngagementFilter) {
  return [mediaType, deliveredWithin ?? null, notEngagedWithin ?? null]
}
