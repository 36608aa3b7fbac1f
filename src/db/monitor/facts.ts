import { LIST_ALERTS, type Alert } from './alerts.ts'
import { CUT_OFF } from '../archive/files.ts'
import type { DayUsage } from './usage.ts'

/** Counting ends here: monitors ask every minute, and rows read are counted, too. */
export const MAX_QUARANTINED = 1_000
const MAX_LATE = 1_000
const MAX_FILES = 20_000
const MAX_CUT_OFF = 8 // tries of a file, each with half as many events as the one before
const MAX_ERASURES = 10_000
const USAGE_DAYS = 8

/** Notes that checks leave for each other. */
const KEYS_READ = [
  'check.last', // JSON: when the last check was
  'backlog.waiting', // JSON: how many messages waited at the last checks
  'silence.usual', // JSON: what is usual, and since when that is known
  'rates.at', // when rates were looked at
  'archive.unfinished', // JSON object: since when each file is seen unfinished
  'expiring.days', // QUARANTINE_DAYS at the time of the last check
  'quarantine.reasons', // JSON: digests of the reasons that the owner was told of
  'alerts.ended', // JSON: what ended, and the owner has not been told of yet
  'api.judged', // the last reading of Yespo's API that was judged, and the day
  'outage.notified', // since when the database could not be used, once it can again
  'retention.fault', // why old events do not move to the archive
] as const

export type KeyRead = (typeof KEYS_READ)[number]

/** What is known of a receiver beside its events. Times in UTC milliseconds, null where there is none. */
export type HealthFacts = {
  databaseBytes: number
  /** When the oldest event that is still here happened. */
  oldestActivityAt: number | null
  /** The last days, the oldest first. */
  usage: DayUsage[]
  alerts: Alert[]
  notes: ReadonlyMap<string, string>
}

/** What has to be counted, and so reads the more rows the more there is. Times as in `HealthFacts`. */
export type Counts = {
  /** Counted from the oldest up to `MAX_QUARANTINED`; `expiring` are those received by a given time. */
  quarantined: { elements: number; expiring: number; oldestAt: number | null }
  /** Of the files that are done; `unfinished` has `day.file` of the others. `fault` is of any file. */
  archive: {
    days: number
    events: number
    bytes: number
    unfinished: string[]
    fault: string | null
  }
  /** Counted up to `MAX_LATE`. */
  late: number
  /** `oldestAt`: when the oldest that is under way was asked for. */
  erasures: { underWay: number; finished: number; oldestAt: number | null }
  /** What counting all this read. */
  rowsRead: number
}

const FACTS = [
  'SELECT occurredAt FROM activity ORDER BY occurredAt, id LIMIT 1',
  `SELECT * FROM (SELECT * FROM usage ORDER BY day DESC LIMIT ${USAGE_DAYS}) ORDER BY day`,
  LIST_ALERTS,
] as const

const COUNTS = [
  `SELECT coalesce(sum(state = 'done'), 0) AS files,
     count(DISTINCT CASE WHEN state = 'done' THEN day END) AS days,
     coalesce(sum(events * (state = 'done')), 0) AS events,
     coalesce(sum(bytes * (state = 'done')), 0) AS bytes,
     json_group_array(day || '.' || file) FILTER (WHERE state <> 'done') AS unfinished,
     min(fault) FILTER (WHERE tries > ${MAX_CUT_OFF} OR fault <> '${CUT_OFF}') AS fault
   FROM (SELECT * FROM archive ORDER BY day DESC, file DESC LIMIT ${MAX_FILES})`,
  `SELECT count(*) AS late FROM (SELECT 1 FROM late_arrivals LIMIT ${MAX_LATE})`,
  `SELECT count(*) FILTER (WHERE finishedAt IS NULL) AS underWay, count(finishedAt) AS finished,
     min(erasedAt) FILTER (WHERE finishedAt IS NULL) AS oldestAt
   FROM (SELECT erasedAt, finishedAt FROM erasures ORDER BY number DESC LIMIT ${MAX_ERASURES})`,
] as const

const QUARANTINED = `
  SELECT count(*) AS elements, coalesce(sum(receivedAt <= ?), 0) AS expiring, min(receivedAt) AS oldestAt
  FROM (
    SELECT receivedAt FROM quarantine INDEXED BY quarantine_by_time
    WHERE part = 0 ORDER BY receivedAt LIMIT ${MAX_QUARANTINED}
  )`

type Row = Record<string, number | null>

/** Everything in one transaction, of a few rows. */
export async function readHealthFacts(db: D1Database): Promise<HealthFacts> {
  const results = await db.batch<unknown>([
    ...FACTS.map((sql) => db.prepare(sql)),
    db
      .prepare('SELECT name, value FROM key_values WHERE name IN (SELECT value FROM json_each(?))')
      .bind(JSON.stringify(KEYS_READ)),
  ])
  // One reasoned cast: the statements above say what comes back.
  const rows = <T>(place: number) => (results[place]?.results ?? []) as T[]
  const [oldest, usage, alerts, notes] = [0, 1, 2, 3]
  return {
    databaseBytes: results[oldest]?.meta.size_after ?? 0,
    oldestActivityAt: rows<Row>(oldest)[0]?.['occurredAt'] ?? null,
    usage: rows<DayUsage>(usage),
    alerts: rows<Alert>(alerts),
    notes: new Map(
      rows<{ name: string; value: string }>(notes).map(({ name, value }) => [name, value]),
    ),
  }
}

/**
 * Everything in one transaction, bounded.
 *
 * @param expiringBy what was set aside and received by then expires soon; -Infinity where nothing does
 */
export async function readCounts(db: D1Database, expiringBy: number): Promise<Counts> {
  const results = await db.batch<Row & { unfinished: string; fault: string | null }>([
    ...COUNTS.map((sql) => db.prepare(sql)),
    db.prepare(QUARANTINED).bind(Math.max(expiringBy, -1)),
  ])
  const number = (place: number, name: string) => results[place]?.results[0]?.[name] ?? 0
  const moment = (place: number, name: string) => results[place]?.results[0]?.[name] ?? null
  const [archive, late, erasures, quarantined] = [0, 1, 2, 3]
  return {
    quarantined: {
      elements: number(quarantined, 'elements'),
      expiring: number(quarantined, 'expiring'),
      oldestAt: moment(quarantined, 'oldestAt'),
    },
    archive: {
      days: number(archive, 'days'),
      events: number(archive, 'events'),
      bytes: number(archive, 'bytes'),
      unfinished: JSON.parse(results[archive]?.results[0]?.unfinished ?? '[]'),
      fault: results[archive]?.results[0]?.fault ?? null,
    },
    late: number(late, 'late'),
    erasures: {
      underWay: number(erasures, 'underWay'),
      finished: number(erasures, 'finished'),
      oldestAt: moment(erasures, 'oldestAt'),
    },
    rowsRead: results.reduce((sum, { meta }) => sum + meta.rows_read, 0),
  }
}
