import { causeOf } from '../../event/bounce/cause.ts'
import { toCauseName, type CauseName } from '../../event/bounce/causes.ts'
import { occurredIn, valuesOf, where } from '../events/filter.ts'
import { IS_RARE } from '../events/scan-plan.ts'
import { ROLLED_UP_KEY } from '../keys.ts'
import { MAX_ROLLED_UP, scanRollups, toFullHours } from '../rollups/scan.ts'
import { MAX_TIME } from '../stored-event.ts'
import { MAX_DESCRIPTION } from './bounces.ts'
import { KINDS, ofCampaigns, type CampaignFilter, type Period } from './totals.ts'

/** Bounces with the same cause. */
export type CauseCount = {
  cause: CauseName
  events: number
  /** Permanent and temporary ones; of the others it is unknown. */
  hard: number
  soft: number
}

/** The bounces of a period by cause, also of archived events. */
export type CauseCounts = {
  /** Most frequent first. */
  causes: CauseCount[]
  /** Hours of the period whose bounces are not, or not all, counted yet. */
  waitingHours: number
  /** False if there was more to count than is read. */
  complete: boolean
}

const MAX_FRESH = 20_000
const MAX_LINES = 5_000

/** All hours before it are in the rollups, or wait: UTC milliseconds. */
const ROLLED_UP_UNTIL = `coalesce(
  (SELECT CAST(value AS INTEGER) FROM key_values WHERE name = '${ROLLED_UP_KEY}'), ${-MAX_TIME})`

/** Counts the bounces of the hours that a period touches: in the rollups, and the events since. */
export async function countCauses(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<CauseCounts> {
  const hours = toFullHours(period)
  const [rolledUp, fresh, state] = await db.batch<Row>([
    sumRollups(db, filter, hours),
    countFresh(db, filter, hours),
    readState(db, hours),
  ])
  const stored = rolledUp?.results ?? []
  const direct = fresh?.results ?? []
  const [{ waiting = 0, scanned = 0 } = {}] = state?.results ?? []
  const rows = stored.reduce((sum, row) => sum + Number(row['rows']), 0)
  return {
    causes: groupCauses([
      ...stored.map((row) => ({ ...toCounts(row), cause: toCauseName(String(row['cause'])) })),
      ...direct.map((row) => ({
        ...toCounts(row),
        cause: causeOf(toText(row['description']), toText(row['mediaType'])),
      })),
    ]),
    waitingHours: Number(waiting),
    complete: rows < MAX_ROLLED_UP && Number(scanned) < MAX_FRESH && direct.length < MAX_LINES,
  }
}

function sumRollups(db: D1Database, filter: CampaignFilter, hours: Period): D1PreparedStatement {
  const { sql, values } = scanRollups('causes', hours, filter)
  return db
    .prepare(
      `SELECT cause, count(*) AS rows, sum(events) AS events,
         sum(events * (kind = ${KINDS.hard})) AS hard, sum(events * (kind = ${KINDS.soft})) AS soft
       FROM (
         SELECT row.value ->> 1 AS kind, row.value ->> 2 AS cause, row.value ->> 3 AS events
         ${sql} AND rollups.hour < ${ROLLED_UP_UNTIL}
         ORDER BY rollups.hour DESC LIMIT ${MAX_ROLLED_UP}
       ) GROUP BY cause`,
    )
    .bind(...values)
}

/** The newest bounces since the rollups; binds the values of the period. */
function scanFresh(columns: string, hours: Period): string {
  return `
    SELECT ${columns} FROM activity INDEXED BY activity_rare
    ${where(occurredIn(hours))} AND occurredAt >= ${ROLLED_UP_UNTIL}
      AND activityStatus = 'UNDELIVERED' AND ${IS_RARE}
    ORDER BY occurredAt DESC LIMIT ${MAX_FRESH}`
}

function countFresh(db: D1Database, filter: CampaignFilter, hours: Period): D1PreparedStatement {
  const conditions = ofCampaigns(filter)
  const columns = `substr(statusDescription, 1, ${MAX_DESCRIPTION}) AS description, hardBounce, campaign`
  return db
    .prepare(
      `SELECT description, mediaType, count(*) AS events,
         sum(hardBounce = 1) AS hard, sum(hardBounce = 0) AS soft
       FROM (${scanFresh(columns, hours)}) LEFT JOIN campaigns USING (campaign)
       ${where(conditions)}
       GROUP BY description, mediaType ORDER BY events DESC LIMIT ${MAX_LINES}`,
    )
    .bind(...valuesOf([...occurredIn(hours), ...conditions]))
}

function readState(db: D1Database, hours: Period): D1PreparedStatement {
  return db
    .prepare(
      `SELECT (SELECT count(*) FROM (${scanFresh('1', hours)})) AS scanned,
         (SELECT count(*) FROM rollup_hours INDEXED BY rollup_hours_open
          WHERE state <> 'done' AND hour >= ? AND hour < ? AND hour < ${ROLLED_UP_UNTIL}) AS waiting`,
    )
    .bind(...valuesOf(occurredIn(hours)), hours.since, hours.until)
}

type Row = Record<string, number | string | null>

function toText(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function toCounts({ events, hard, soft }: Row): Omit<CauseCount, 'cause'> {
  return { events: Number(events), hard: Number(hard), soft: Number(soft) }
}

/** Adds up counts of the same cause, most frequent first. */
export function groupCauses(counts: readonly CauseCount[]): CauseCount[] {
  const groups = new Map<CauseName, CauseCount>()
  for (const { cause, events, hard, soft } of counts) {
    const group = groups.get(cause) ?? { cause, events: 0, hard: 0, soft: 0 }
    group.events += events
    group.hard += hard
    group.soft += soft
    groups.set(cause, group)
  }
  return [...groups.values()].sort((a, b) => b.events - a.events)
}
