import { normalizeDomain } from '../../event/identifier.ts'
import { allOf, isOfCampaigns, valuesOf, where } from '../events/filter.ts'
import { IS_RARE } from '../events/scan-plan.ts'
import { campaignConditions, type CampaignFilter, type Period } from './totals.ts'

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
  complete: boolean
}

const MAX_BOUNCES = 50_000
const MAX_LINES = 5_000
const MAX_DESCRIPTION = 600 // characters: more than are looked at
/** Characters behind the "@" of an address; no domain has more. */
export const MAX_DOMAIN = 255

const END = `substr(email, -${MAX_DOMAIN + 1})`
/** What is behind the last "@" of an address: all that is not one is taken off its end to find it. */
const BEHIND_AT = `
  CASE WHEN instr(${END}, '@') > 0
  THEN lower(substr(${END}, length(rtrim(${END}, replace(${END}, '@', ''))) + 1)) END`

/** Counts the UNDELIVERED events of a period, the newest `MAX_BOUNCES` of them. */
export async function countBounces(
  db: D1Database,
  filter: CampaignFilter,
  { since, until }: Period,
): Promise<Bounces> {
  const conditions = isOfCampaigns(campaignConditions(filter))
  const scan = `
    SELECT * FROM (
      SELECT occurredAt, hardBounce, statusDescription, email, campaign
      FROM activity INDEXED BY activity_rare
      WHERE activityStatus = 'UNDELIVERED' AND ${IS_RARE} AND occurredAt >= ? AND occurredAt < ?
      ORDER BY occurredAt DESC LIMIT ${MAX_BOUNCES}
    )`
  const isQueried = allOf(conditions)
  const [found, extent] = await db.batch<Row>([
    db
      .prepare(
        `SELECT substr(statusDescription, 1, ${MAX_DESCRIPTION}) AS description,
           ${BEHIND_AT} AS domain,
           count(*) AS events, sum(hardBounce = 1) AS hard, sum(hardBounce = 0) AS soft
         FROM (${scan} ${where(conditions)})
         GROUP BY description, domain ORDER BY events DESC LIMIT ${MAX_LINES}`,
      )
      .bind(since, until, ...valuesOf(conditions)),
    db
      .prepare(
        `SELECT count(*) AS looked, min(occurredAt) AS oldest, sum(isQueried) AS events,
           sum(isQueried AND hardBounce = 1) AS hard, sum(isQueried AND hardBounce = 0) AS soft
         FROM (SELECT occurredAt, hardBounce, ${isQueried} AS isQueried FROM (${scan}))`,
      )
      .bind(...valuesOf(conditions), since, until),
  ])
  const lines = found?.results ?? []
  const [all = {}] = extent?.results ?? []
  return {
    descriptions: groupBy(lines, ({ description: text }) =>
      typeof text === 'string' ? text : null,
    ),
    domains: groupBy(lines, ({ domain: text }) =>
      typeof text === 'string' ? normalizeDomain(text) : null,
    ).filter(({ what }) => what !== null),
    ...toSums(all),
    oldest: typeof all['oldest'] === 'number' ? all['oldest'] : null,
    complete: Number(all['looked']) < MAX_BOUNCES && lines.length < MAX_LINES,
  }
}

type Row = Record<string, number | string | null>

function toSums(row: Row): Omit<BounceCount, 'what'> {
  const { events, hard, soft } = row
  return { events: Number(events ?? 0), hard: Number(hard ?? 0), soft: Number(soft ?? 0) }
}

/** The lines that have the same in common as one, the most frequent first. */
function groupBy(lines: readonly Row[], what: (line: Row) => string | null): BounceCount[] {
  const groups = Map.groupBy(lines, what)
  const counts = [...groups].map(([what, members]) => {
    const sum = { what, events: 0, hard: 0, soft: 0 }
    for (const { events, hard, soft } of members.map(toSums)) {
      sum.events += events
      sum.hard += hard
      sum.soft += soft
    }
    return sum
  })
  return counts.sort((a, b) => b.events - a.events)
}
