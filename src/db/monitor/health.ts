import { LIST_ALERTS, toAlert, type Alert, type AlertRow } from './alerts.ts'
import { CUT_OFF } from '../archive/files.ts'
import { ANOMALIES_KEY, ENGAGED_KEY } from '../keys.ts'
import { ROLLUP_STATE, type RollupState } from '../rollups/hours.ts'
import type { DayUsage } from './usage.ts'

/** The maximum that is counted: monitors ask every minute, and rows read are billed. */
export const MAX_QUARANTINED = 1_000
const MAX_LATE = 1_000
const MAX_FILES = 20_000
const MAX_CUT_OFF = 8 // tries of a file, each with half as many events as the one before
const MAX_ERASURES = 10_000
const USAGE_DAYS = 8

/** Values of the key-value store to read: an alert keeps the memory for its next check under `alert.NAME`. */
const KEYS_READ = `name GLOB 'alert.*' OR name IN (
  'check.last', -- JSON: when the last check was
  'alerts.ended', -- JSON: alerts that ended, of which the operator has yet to be notified
  'outage.notified', -- since when the database was unavailable, once it is available again
  '${ANOMALIES_KEY}', -- JSON: the anomalies of the last weeks
  '${ENGAGED_KEY}', -- up to when contacts were folded into engagement
  'retention.early', -- up to when events move early, since the database is nearly full
  'retention.error' -- why old events do not move to the archive
)`

/** The state of a receiver, apart from its events. Times in UTC milliseconds, null if there is none. */
export type Health = {
  databaseBytes: number
  /** When the oldest event in the table occurred. */
  oldestEventAt: number | null
  /** The last days, oldest first. */
  usage: DayUsage[]
  alerts: Alert[]
  /** Values of the key-value store, by name. */
  values: ReadonlyMap<string, string>
}

/** Counts, whose cost grows with what there is to count. Times as in `Health`. */
export type Counts = {
  /** Counted up to `MAX_QUARANTINED`, oldest first; `expiring` are those received by a given time. */
  quarantined: { items: number; expiring: number; oldestAt: number | null }
  /** The finished files; `unfinished` has the numbers of those that events still move to. `error` may be of any file. */
  archive: {
    days: number
    events: number
    bytes: number
    unfinished: string[]
    error: string | null
  }
  /** Counted up to `MAX_LATE`. */
  late: number
  /** `oldestAt` is when the oldest unfinished one was requested. */
  erasures: { underWay: number; finished: number; oldestAt: number | null }
  rollups: RollupState
  /** The rows that were read to count all this. */
  rowsRead: number
}

const HEALTH = [
  'SELECT occurredAt FROM activity ORDER BY occurredAt, id LIMIT 1',
  `SELECT * FROM (SELECT * FROM usage ORDER BY day DESC LIMIT ${USAGE_DAYS}) ORDER BY day`,
  LIST_ALERTS,
] as const

const COUNTS = [
  `SELECT coalesce(sum(state = 'done'), 0) AS files,
     (SELECT count(*) FROM archive_days) AS days,
     coalesce(sum(events * (state = 'done')), 0) AS events,
     coalesce(sum(bytes * (state = 'done')), 0) AS bytes,
     json_group_array(CAST(file AS TEXT)) FILTER (WHERE state IN ('begun', 'written')) AS unfinished,
     min(error) FILTER (WHERE tries > ${MAX_CUT_OFF} OR error <> '${CUT_OFF}') AS error
   FROM (SELECT * FROM archive ORDER BY file DESC LIMIT ${MAX_FILES})`,
  `SELECT count(*) AS late FROM (SELECT 1 FROM late_arrivals LIMIT ${MAX_LATE})`,
  `SELECT count(*) FILTER (WHERE finishedAt IS NULL) AS underWay, count(finishedAt) AS finished,
     min(erasedAt) FILTER (WHERE finishedAt IS NULL) AS oldestAt
   FROM (SELECT erasedAt, finishedAt FROM erasures ORDER BY number DESC LIMIT ${MAX_ERASURES})`,
  ROLLUP_STATE,
] as const

const QUARANTINED = `
  SELECT count(*) AS items, coalesce(sum(receivedAt <= ?), 0) AS expiring, min(receivedAt) AS oldestAt
  FROM (
    SELECT receivedAt FROM quarantine INDEXED BY quarantine_by_time
    WHERE part = 0 ORDER BY receivedAt LIMIT ${MAX_QUARANTINED}
  )`

type Row = Record<string, number | null>

/** Reads the state in one transaction, from few rows. */
export async function readHealth(db: D1Database): Promise<Health> {
  const results = await db.batch<unknown>([
    ...HEALTH.map((sql) => db.prepare(sql)),
    db.prepare(`SELECT name, value FROM key_values WHERE ${KEYS_READ}`),
  ])
  // One reasoned cast: the statements above say what comes back.
  const rows = <T>(index: number) => (results[index]?.results ?? []) as T[]
  const [oldest, usage, alerts, values] = [0, 1, 2, 3]
  return {
    databaseBytes: results[oldest]?.meta.size_after ?? 0,
    oldestEventAt: rows<Row>(oldest)[0]?.['occurredAt'] ?? null,
    usage: rows<DayUsage>(usage),
    alerts: rows<AlertRow>(alerts).map(toAlert),
    values: new Map(
      rows<{ name: string; value: string }>(values).map(({ name, value }) => [name, value]),
    ),
  }
}

/**
 * Counts in one transaction, up to limits.
 *
 * @param expiringBy items received by then expire soon; -Infinity if none do
 */
export async function readCounts(db: D1Database, expiringBy: number): Promise<Counts> {
  const results = await db.batch<Row & { unfinished: string; error: string | null }>([
    ...COUNTS.map((sql) => db.prepare(sql)),
    db.prepare(QUARANTINED).bind(Math.max(expiringBy, -1)),
  ])
  const number = (index: number, name: string) => results[index]?.results[0]?.[name] ?? 0
  const moment = (index: number, name: string) => results[index]?.results[0]?.[name] ?? null
  const [archive, late, erasures, rollups, quarantined] = [0, 1, 2, 3, 4]
  return {
    quarantined: {
      items: number(quarantined, 'items'),
      expiring: number(quarantined, 'expiring'),
      oldestAt: moment(quarantined, 'oldestAt'),
    },
    archive: {
      days: number(archive, 'days'),
      events: number(archive, 'events'),
      bytes: number(archive, 'bytes'),
      unfinished: JSON.parse(results[archive]?.results[0]?.unfinished ?? '[]'),
      error: results[archive]?.results[0]?.error ?? null,
    },
    late: number(late, 'late'),
    erasures: {
      underWay: number(erasures, 'underWay'),
      finished: number(erasures, 'finished'),
      oldestAt: moment(erasures, 'oldestAt'),
    },
    rollups: {
      until: moment(rollups, 'until'),
      open: number(rollups, 'open'),
      failed: number(rollups, 'failed'),
      oldest: moment(rollups, 'oldest'),
    },
    rowsRead: results.reduce((sum, { meta }) => sum + meta.rows_read, 0),
  }
}
