import { DAY_MS } from '../activity/clock.ts'
import { EACH_SHARD, lastPage } from './deliveries.ts'

/** When events came in and were stored: UTC milliseconds; null where that is not known. */
export type Arrivals = {
  /** When a new event was stored last. */
  lastStoredAt: number | null
  /** When the last of all that is stored had come in at the door. */
  lastReceivedAt: number | null
  /** How long that one took from the door into the database. */
  lagMs: number | null
  /** When the newest event happened; ahead of now where a time zone is set wrong. */
  newestAt: number | null
}

type Row = Record<string, number | string | null>

/** No queue keeps anything for longer: what took more was set aside in between, and stored by a replay. */
const MAX_LAG_MS = 4 * DAY_MS

// A replay of what came in long ago may have been the last to write all stamps, and be among the newest
// events, but not be all of these.
const NEWEST_EVENTS = 20

const STAMP = /^(\d{13})\.(?:(\d{1,16})\.)?/

/** What tells of arrivals: two statements, the first of four rows. For `readArrivals`. */
export const ARRIVALS = [
  `SELECT stamp FROM ${EACH_SHARD} AS shard
   CROSS JOIN deliveries ON page = ${lastPage('shard.value')}`,
  `SELECT max(receivedAt) AS receivedAt, max(occurredAt) AS newestAt FROM (
     SELECT receivedAt, occurredAt FROM activity
     ORDER BY occurredAt DESC, id DESC LIMIT ${NEWEST_EVENTS}
   )`,
] as const

/** Reads what `ARRIVALS` found. */
export function readArrivals(stamps: readonly Row[], [newest]: readonly Row[]): Arrivals {
  const numberOf = (name: string) => (typeof newest?.[name] === 'number' ? newest[name] : null)
  const eventReceivedAt = numberOf('receivedAt')
  // A recount leaves stamps that tell no time, and an earlier version some that do not tell when it came.
  const writes = stamps.flatMap(({ stamp }) => {
    const [, storedAt, receivedAt] = STAMP.exec(String(stamp)) ?? []
    return storedAt === undefined ? [] : [{ storedAt: +storedAt, receivedAt: +(receivedAt ?? 0) }]
  })
  const [last] = writes.toSorted((a, b) => b.receivedAt - a.receivedAt || a.storedAt - b.storedAt)
  const lastReceivedAt = Math.max(eventReceivedAt ?? 0, last?.receivedAt ?? 0) || null
  const lagMs = last ? Math.max(0, last.storedAt - last.receivedAt) : Infinity
  const isKnown = lastReceivedAt !== null && last?.receivedAt === lastReceivedAt
  const storedAt = Math.max(0, ...writes.map((write) => write.storedAt)) || eventReceivedAt
  return {
    lastStoredAt: eventReceivedAt && storedAt,
    lastReceivedAt,
    lagMs: isKnown && lagMs <= MAX_LAG_MS ? lagMs : null,
    newestAt: numberOf('newestAt'),
  }
}

/** When events came in and were stored. */
export async function findArrivals(db: D1Database): Promise<Arrivals> {
  const [stamps, newest] = await db.batch<Row>(ARRIVALS.map((sql) => db.prepare(sql)))
  return readArrivals(stamps?.results ?? [], newest?.results ?? [])
}
