import { normalizeDomain } from '../../event/identifier.ts'
import { allOf, occurredIn, valuesOf, where } from '../events/filter.ts'
import { IS_RARE } from '../events/scan-plan.ts'
import { ofCampaigns, type CampaignFilter, type Period } from './totals.ts'

/** Bounces with the same description, or the same domain. */
export type BounceCount = {
  value: string | null
  events: number
  /** Permanent and temporary ones; of the others it is unknown. */
  hard: number
  soft: number
}

/** Bounces with the same description in one channel. */
export type DescribedBounces = BounceCount & { mediaType: string | null }

/** The newest bounces of a period, counted. */
export type Bounces = {
  /** By description and channel. */
  descriptions: DescribedBounces[]
  /** By the domain of the email address. */
  domains: BounceCount[]
  events: number
  hard: number
  soft: number
  /** The oldest bounce that was read: UTC milliseconds; null if there was none. */
  oldest: number | null
  /** False if there are more events, or more different texts or domains, than are read. */
  complete: boolean
}

const MAX_BOUNCES = 50_000
const MAX_LINES = 5_000
export const MAX_DESCRIPTION = 600 // characters; no more are read
/** Characters after the "@" of an address; no domain has more. */
export const MAX_DOMAIN = 255

const END = `substr(email, -${MAX_DOMAIN + 1})`
/** The text after the last "@" of an address, found by trimming all other characters off its end. */
const BEHIND_AT = `
  CASE WHEN instr(${END}, '@') > 0
  THEN lower(substr(${END}, length(rtrim(${END}, replace(${END}, '@', ''))) + 1)) END`

/** Counts the UNDELIVERED events of a period, the newest `MAX_BOUNCES` of them. */
export async function countBounces(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<Bounces> {
  const conditions = ofCampaigns(filter)
  const range = occurredIn(period)
  const scan = `
    SELECT * FROM (
      SELECT occurredAt, hardBounce, statusDescription, email, campaign
      FROM activity INDEXED BY activity_rare
      ${where(range)} AND activityStatus = 'UNDELIVERED' AND ${IS_RARE}
      ORDER BY occurredAt DESC LIMIT ${MAX_BOUNCES}
    )`
  const isMatch = allOf(conditions)
  const [found, extent] = await db.batch<Row>([
    db
      .prepare(
        `SELECT substr(statusDescription, 1, ${MAX_DESCRIPTION}) AS description,
           ${BEHIND_AT} AS domain, mediaType,
           count(*) AS events, sum(hardBounce = 1) AS hard, sum(hardBounce = 0) AS soft
         FROM (${scan} ${where(conditions)}) LEFT JOIN campaigns USING (campaign)
         GROUP BY description, domain, mediaType ORDER BY events DESC LIMIT ${MAX_LINES}`,
      )
      .bind(...valuesOf([...range, ...conditions])),
    db
      .prepare(
        `SELECT count(*) AS scanned, min(occurredAt) AS oldest, sum(isMatch) AS events,
           sum(isMatch AND hardBounce = 1) AS hard, sum(isMatch AND hardBounce = 0) AS soft
         FROM (SELECT occurredAt, hardBounce, ${isMatch} AS isMatch FROM (${scan}))`,
      )
      .bind(...valuesOf([...conditions, ...range])),
  ])
  const lines = found?.results ?? []
  const [all = {}] = extent?.results ?? []
  const byChannel = Map.groupBy(lines, ({ mediaType }) => toText(mediaType))
  const descriptions = [...byChannel].flatMap(([mediaType, own]) =>
    groupBy(own, ({ description }) => toText(description)).map((counts) => ({
      ...counts,
      mediaType,
    })),
  )
  return {
    descriptions: descriptions.sort((a, b) => b.events - a.events),
    domains: groupBy(lines, ({ domain: text }) =>
      typeof text === 'string' ? normalizeDomain(text) : null,
    ).filter(({ value }) => value !== null),
    ...toSums(all),
    oldest: typeof all['oldest'] === 'number' ? all['oldest'] : null,
    complete: Number(all['scanned']) < MAX_BOUNCES && lines.length < MAX_LINES,
  }
}

type Row = Record<string, number | string | null>

function toText(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function toSums(row: Row): Omit<BounceCount, 'value'> {
  const { events, hard, soft } = row
  return { events: Number(events ?? 0), hard: Number(hard ?? 0), soft: Number(soft ?? 0) }
}

/** Merges lines with the same value, most frequent first. */
function groupBy(lines: readonly Row[], valueOf: (line: Row) => string | null): BounceCount[] {
  const groups = Map.groupBy(lines, valueOf)
  const counts = [...groups].map(([value, members]) => {
    const sum = { value, events: 0, hard: 0, soft: 0 }
    for (const { events, hard, soft } of members.map(toSums)) {
      sum.events += events
      sum.hard += hard
      sum.soft += soft
    }
    return sum
  })
  return counts.sort((a, b) => b.events - a.events)
}
