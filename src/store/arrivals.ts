import { DAY_MS, MAX_AHEAD_MS } from '../activity/clock.ts'
import { EACH_SHARD, lastPage } from './deliveries.ts'

/** When events came in and were stored: UTC milliseconds; null where that is not known. */
export type Arrivals = {
  /** When a new event was stored last, of the webhook or of Yespo's API. */
  lastStoredAt: number | null
  /** When the last of all that the webhook brought had come in at the door. */
  lastReceivedAt: number | null
  /** How long that one took from the door into the database. */
  lagMs: number | null
  /** When the newest event of both happened; one that is dated further ahead than any zone is none. */
  newestAt: number | null
  /**
   * How long after its arrival the middle one of the webhook's newest events is dated: above zero if a time zone is set
   * wrong, and not for one odd event.
   */
  aheadMs: number | null
}

type Row = Record<string, number | string | null>

/** No queue keeps anything for longer: what took more was set aside in between, and stored by a replay. */
const MAX_LAG_MS = 4 * DAY_MS

// A replay of what came in long ago may have been the last to write all stamps, and be among the newest
// events, but not be all of these.
const NEWEST_EVENTS = 20
/** Among so many these are looked for, where the newest are of the API. */
const MOST_EVENTS = 200

const STAMP = /^(\d{13})\.(?:(\d{1,16})\.(kept\.)?)?/

const listNewest = (limit: number) => `
  SELECT receivedAt, occurredAt, origin FROM activity WHERE occurredAt < ?1
  ORDER BY occurredAt DESC, id DESC LIMIT ${limit}`

const STAMPS = `
  SELECT stamp FROM ${EACH_SHARD} AS shard
  CROSS JOIN deliveries ON page = ${lastPage('shard.value')}`

const SUMS = `max(receivedAt) AS ofWebhook, json_group_array(occurredAt - receivedAt) AS ahead`

// Where some of the newest are of the API, as many of the webhook are looked for among more.
const NEWEST = `
  SELECT receivedAt, newestAt, iif(ofApi = 0, ofWebhook, further ->> 'ofWebhook') AS ofWebhook,
    iif(ofApi = 0, ahead, further ->> 'ahead') AS ahead
  FROM (
    SELECT *, CASE WHEN ofApi > 0 THEN (
      SELECT json_object('ofWebhook', ofWebhook, 'ahead', ahead) FROM (
        SELECT ${SUMS} FROM (
          SELECT receivedAt, occurredAt FROM (${listNewest(MOST_EVENTS)})
          WHERE origin <> 'api' LIMIT ${NEWEST_EVENTS}
        )
      )
    ) END AS further
    FROM (
      SELECT max(receivedAt) AS receivedAt, max(occurredAt) AS newestAt, ${SUMS},
        count(CASE WHEN origin = 'api' THEN 1 END) AS ofApi
      FROM (${listNewest(NEWEST_EVENTS)})
    )
  )`

/** What tells of arrivals: two statements, the first of four rows. For `readArrivals`. @param now UTC milliseconds */
export function selectArrivals(db: D1Database, now: number): D1PreparedStatement[] {
  return [db.prepare(STAMPS), db.prepare(NEWEST).bind(now + MAX_AHEAD_MS)]
}

/** Reads what `selectArrivals` found. */
export function readArrivals(stamps: readonly Row[], [newest]: readonly Row[]): Arrivals {
  const numberOf = (name: string) => (typeof newest?.[name] === 'number' ? newest[name] : null)
  const eventReceivedAt = numberOf('receivedAt')
  const writes = stamps.flatMap(({ stamp }) => readStamp(String(stamp)))
  const received = writes.map(({ receivedAt }) => receivedAt)
  const lastReceivedAt = Math.max(numberOf('ofWebhook') ?? 0, ...received) || null
  const storedThen = writes.flatMap(({ storedAt, receivedAt, isKept }) =>
    receivedAt === lastReceivedAt && !isKept ? storedAt : [],
  )
  const lagMs = Math.max(0, Math.min(...storedThen) - (lastReceivedAt ?? 0))
  const storedAt = Math.max(0, ...writes.map((write) => write.storedAt)) || eventReceivedAt
  return {
    lastStoredAt: eventReceivedAt && storedAt,
    lastReceivedAt,
    lagMs: lagMs <= MAX_LAG_MS ? lagMs : null,
    newestAt: numberOf('newestAt'),
    aheadMs: findMiddle(JSON.parse(String(newest?.['ahead'] ?? '[]'))),
  }
}

function findMiddle(values: number[]): number | null {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null
}

// A recount leaves stamps that tell no time, and an earlier version some that do not tell when it came.
function readStamp(stamp: string) {
  const [, storedAt, receivedAt = '0', kept] = STAMP.exec(stamp) ?? []
  if (storedAt === undefined) return []
  return [{ storedAt: +storedAt, receivedAt: +receivedAt, isKept: kept !== undefined }]
}

/** When events came in and were stored. */
export async function findArrivals(db: D1Database, now = Date.now()): Promise<Arrivals> {
  const [stamps, newest] = await db.batch<Row>(selectArrivals(db, now))
  return readArrivals(stamps?.results ?? [], newest?.results ?? [])
}
