import { DAY_MS, MAX_AHEAD_MS } from '../../event/clock.ts'
import { STORED_AT } from '../write/saved-by.ts'
import { LAST_EVENT } from './usage.ts'

/** When events came in and were stored: UTC milliseconds; null where that is not known. */
export type RecentEvents = {
  /** When a new event was stored last, of the webhook or of Yespo's API. */
  lastStoredAt: number | null
  /** When the last of all that the webhook confirmed had come in at the door. */
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

/** Of which the middle one is looked at. */
const NEWEST_EVENTS = 20

const NEWEST = `
  SELECT occurredAt, receivedAt, origin, ${STORED_AT} AS storedAt FROM activity WHERE occurredAt < ?1
  ORDER BY occurredAt DESC, id DESC LIMIT ${NEWEST_EVENTS}`

/** What tells of arrivals: two statements, of some twenty rows. For `readRecentEvents`. @param now UTC milliseconds */
export function selectRecentEvents(db: D1Database, now: number): D1PreparedStatement[] {
  return [db.prepare(LAST_EVENT), db.prepare(NEWEST).bind(now + MAX_AHEAD_MS)]
}

/**
 * Reads what `selectRecentEvents` found: what was written down, which may be a minute old, and the newest events, among
 * which the last to come in need not be.
 */
export function readRecentEvents(noted: readonly Row[], newest: readonly Row[]): RecentEvents {
  const seen = newest.map((row) => ({
    occurredAt: Number(row['occurredAt']),
    receivedAt: Number(row['receivedAt']),
    storedAt: Number(row['storedAt']),
    isOfWebhook: row['origin'] !== 'api',
  }))
  const ofWebhook = seen.filter(({ isOfWebhook }) => isOfWebhook)
  const arrivals = [
    ...noted.map(({ receivedAt, lag }) => ({ receivedAt: Number(receivedAt), lag: Number(lag) })),
    ...ofWebhook.map(({ receivedAt, storedAt }) => ({ receivedAt, lag: storedAt - receivedAt })),
  ]
  const lastReceivedAt = Math.max(0, ...arrivals.map(({ receivedAt }) => receivedAt)) || null
  const lags = arrivals.flatMap(({ receivedAt, lag }) => (receivedAt === lastReceivedAt ? lag : []))
  const lagMs = Math.max(0, Math.min(...lags))
  const stored = [...noted, ...seen].map(({ storedAt }) => Number(storedAt))
  return {
    lastStoredAt: Math.max(0, ...stored) || null,
    lastReceivedAt,
    lagMs: lagMs <= MAX_LAG_MS ? lagMs : null,
    newestAt: seen.length > 0 ? Math.max(...seen.map(({ occurredAt }) => occurredAt)) : null,
    aheadMs: findMiddle(ofWebhook.map(({ occurredAt, receivedAt }) => occurredAt - receivedAt)),
  }
}

function findMiddle(values: number[]): number | null {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null
}

/** When events came in and were stored. */
export async function findRecentEvents(db: D1Database, now = Date.now()): Promise<RecentEvents> {
  const [noted, newest] = await db.batch<Row>(selectRecentEvents(db, now))
  return readRecentEvents(noted?.results ?? [], newest?.results ?? [])
}
