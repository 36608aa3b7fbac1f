import { DAY_MS, MAX_AHEAD_MS } from '../../event/clock.ts'
import { STORED_AT } from '../write/stored-row.ts'
import { LAST_EVENT } from './usage.ts'

/** When events came in and were stored: UTC milliseconds; null if unknown. */
export type RecentEvents = {
  /** When a new event was last stored, from the webhook or from Yespo's API. */
  lastStoredAt: number | null
  /** When the webhook's last event came in at the edge. */
  lastReceivedAt: number | null
  /** The delay of that event from the edge to the database. */
  lagMs: number | null
  /** When the newest event of either occurred, except those dated further ahead than any time zone explains. */
  newestAt: number | null
  /**
   * The median of how far the webhook's newest events are dated after their arrival: above zero if the time zone
   * setting is wrong, but not because of a single odd event.
   */
  aheadMs: number | null
}

type Row = Record<string, number | string | null>

/** No queue keeps a message longer: an event that took more was quarantined in between, and stored by a replay. */
const MAX_LAG_MS = 4 * DAY_MS

/** The number of events for the median. */
const NEWEST_EVENTS = 20

const NEWEST = `
  SELECT occurredAt, receivedAt, origin, ${STORED_AT} AS storedAt FROM activity WHERE occurredAt < ?1
  ORDER BY occurredAt DESC, id DESC LIMIT ${NEWEST_EVENTS}`

/** The two statements for `readRecentEvents`, which read some twenty rows. @param now UTC milliseconds */
export function selectRecentEvents(db: D1Database, now: number): D1PreparedStatement[] {
  return [db.prepare(LAST_EVENT), db.prepare(NEWEST).bind(now + MAX_AHEAD_MS)]
}

/**
 * Reads the results of `selectRecentEvents`: the recorded usage, which may be a minute old, and the newest events,
 * which need not include the last one that came in.
 */
export function readRecentEvents(recorded: readonly Row[], newest: readonly Row[]): RecentEvents {
  const seen = newest.map((row) => ({
    occurredAt: Number(row['occurredAt']),
    receivedAt: Number(row['receivedAt']),
    storedAt: Number(row['storedAt']),
    isFromWebhook: row['origin'] !== 'api',
  }))
  const fromWebhook = seen.filter(({ isFromWebhook }) => isFromWebhook)
  const arrivals = [
    ...recorded.map(({ receivedAt, lag }) => ({
      receivedAt: Number(receivedAt),
      lag: Number(lag),
    })),
    ...fromWebhook.map(({ receivedAt, storedAt }) => ({ receivedAt, lag: storedAt - receivedAt })),
  ]
  const lastReceivedAt = Math.max(0, ...arrivals.map(({ receivedAt }) => receivedAt)) || null
  const lags = arrivals.flatMap(({ receivedAt, lag }) => (receivedAt === lastReceivedAt ? lag : []))
  const lagMs = Math.max(0, Math.min(...lags))
  const stored = [...recorded, ...seen].map(({ storedAt }) => Number(storedAt))
  return {
    lastStoredAt: Math.max(0, ...stored) || null,
    lastReceivedAt,
    lagMs: lagMs <= MAX_LAG_MS ? lagMs : null,
    newestAt: seen.length > 0 ? Math.max(...seen.map(({ occurredAt }) => occurredAt)) : null,
    aheadMs: findMedian(fromWebhook.map(({ occurredAt, receivedAt }) => occurredAt - receivedAt)),
  }
}

function findMedian(values: number[]): number | null {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null
}

/** When events came in and were stored. */
export async function findRecentEvents(db: D1Database, now = Date.now()): Promise<RecentEvents> {
  const [recorded, newest] = await db.batch<Row>(selectRecentEvents(db, now))
  return readRecentEvents(recorded?.results ?? [], newest?.results ?? [])
}

/** When a new event was last stored: UTC milliseconds; null if unknown. */
export async function readLastStored(db: D1Database): Promise<number | null> {
  return (await findRecentEvents(db)).lastStoredAt
}
