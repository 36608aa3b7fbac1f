import type { FilterName } from '../activity/parameters.ts'
import { isOneOf, valuesOf, where } from './filter.ts'
import { IS_RARE } from './sources.ts'
import type { CampaignFilter, Period } from './totals.ts'

/** Bounces that have something in common. */
export type BounceCount = {
  what: string | null
  events: number
  /** Of these, permanent ones, and temporary ones; the others do not say. */
  hard: number
  soft: number
}

/** What came of a look at the newest bounces of a period. */
export type Bounces = {
  /** By the text that explains them. */
  descriptions: BounceCount[]
  /** By the domain of the email address. */
  domains: BounceCount[]
  events: number
  hard: number
  soft: number
  /** The oldest one that was looked at: UTC milliseconds; null where there was none. */
  oldest: number | null
  /** False where there are more events, or more different texts or domains, than are looked at. */
  isWhole: boolean
}

const MAX_BOUNCES = 50_000
const MAX_LINES = 5_000
const MAX_DESCRIPTION = 500

/** Counts the UNDELIVERED events of a period, the newest `MAX_BOUNCES` of them. */
export async function countBounces(
  db: D1Database,
  filter: CampaignFilter,
  { since, until }: Period,
): Promise<Bounces> {
  const conditions = Object.entries(filter).flatMap(([name, values]) =>
    values ? [isOneOf(name as FilterName, values)] : [],
  )
  const scan = `
    SELECT occurredAt, hardBounce, statusDescription, email FROM (
      SELECT occurredAt, hardBounce, statusDescription, email, mediaType, messageId, broadcastId, workflowId, "from"
      FROM activity INDEXED BY activity_rare
      WHERE activityStatus = 'UNDELIVERED'
        AND ${IS_RARE}
        AND occurredAt >= ? AND occurredAt < ?
      ORDER BY occurredAt DESC LIMIT ${MAX_BOUNCES}
    )`
  const values = [since, until, ...valuesOf(conditions)]
  const count = (what: string) =>
    db
      .prepare(
        `SELECT ${what} AS what, count(*) AS events, sum(hardBounce = 1) AS hard, sum(hardBounce = 0) AS soft
         FROM (${scan} ${where(conditions)})
         GROUP BY what ORDER BY events DESC LIMIT ${MAX_LINES}`,
      )
      .bind(...values)
  const [descriptions, domains, sums, extent] = await db.batch<Row>([
    count(`substr(statusDescription, 1, ${MAX_DESCRIPTION})`),
    count(`CASE WHEN instr(email, '@') > 0 THEN lower(substr(email, instr(email, '@') + 1)) END`),
    count('NULL'),
    db
      .prepare(`SELECT count(*) AS looked, min(occurredAt) AS oldest FROM (${scan})`)
      .bind(since, until),
  ])
  const [all = { events: 0, hard: 0, soft: 0 }] = (sums?.results ?? []).map(toCount)
  const lines = (domains?.results ?? []).map(toCount)
  const texts = (descriptions?.results ?? []).map(toCount)
  const isCut = Number(extent?.results[0]?.['looked']) >= MAX_BOUNCES
  return {
    descriptions: texts,
    domains: lines.filter(({ what }) => what !== null),
    ...{ events: all.events, hard: all.hard, soft: all.soft },
    oldest: toTime(extent?.results[0]?.['oldest']),
    isWhole: !isCut && texts.length < MAX_LINES && lines.length < MAX_LINES,
  }
}

type Row = Record<string, number | string | null>

function toTime(cell: number | string | null | undefined): number | null {
  return typeof cell === 'number' ? cell : null
}

function toCount(row: Row): BounceCount {
  const { what = null } = row
  return {
    what: what === null ? null : String(what),
    events: Number(row['events']),
    hard: Number(row['hard'] ?? 0),
    soft: Number(row['soft'] ?? 0),
  }
}
