import { DAY_MS } from '../../event/clock.ts'
import { EARLY_KEY, MOVED_KEY } from '../keys.ts'

/** The largest size of a database in bytes. https://developers.cloudflare.com/d1/platform/limits/ */
export const LIMIT_BYTES = { free: 500_000_000, paid: 10_000_000_000 } as const

/** From this share of its limit on, the database is nearly full: events move early, until the other share is reached. */
export const FULL_SHARE = 0.8
export const RELIEVED_SHARE = 0.7

/** Days that always stay: their events may still come in late, or be synced. */
const MIN_DAYS = 2

/** Which events move. Times in UTC milliseconds: starts of days. */
export type Cutoff = { occurredBefore: number; receivedBefore: number }

/** How far moving is, and how large the database is. */
export type MoveState = {
  /** The cutoff for which everything has moved, as text; null if none. */
  moved: string | null
  /** The time up to which events move early, in UTC milliseconds; null if they do not. */
  early: number | null
  /** Without the pages that deleted rows have left, which new rows fill: it falls as events move. */
  databaseBytes: number
}

export type MoveLimits = {
  /** Days after which events move to the archive; 0 keeps all. */
  keepDays: number
  limitBytes: number
  /** UTC milliseconds. */
  now: number
}

/**
 * What is to do next: move events up to the cutoff; let one more day move early, or no more, as there is room again;
 * or wait.
 */
export type MovePlan = { cutoff: Cutoff; next: 'move' | 'moveEarlier' | 'stopEarly' | 'wait' }

/**
 * Decides which events move. While the database is nearly full, the oldest days do before they are `keepDays` old, one
 * after the other: each has moved before the size decides about the next.
 */
export function planMove(state: MoveState, { keepDays, limitBytes, now }: MoveLimits): MovePlan {
  const { moved, early, databaseBytes } = state
  const cutoff = cutoffOf(keepDays, early, now)
  if (keepDays === 0) return { cutoff, next: 'wait' }
  const latest = latestCutoff(now)
  const isAllMoved = moved === cutoffText(latest)
  if (!isAllMoved && moved !== cutoffText(cutoff)) return { cutoff, next: 'move' }
  const share = databaseBytes / limitBytes
  if (share < (early === null ? FULL_SHARE : RELIEVED_SHARE)) {
    return { cutoff, next: early === null ? 'wait' : 'stopEarly' }
  }
  const hasMore = !isAllMoved && cutoff.occurredBefore < latest.occurredBefore
  return { cutoff, next: hasMore ? 'moveEarlier' : 'wait' }
}

/** The cutoff of events that are `keepDays` old, and of those that move early. */
export function cutoffOf(keepDays: number, early: number | null, now: number): Cutoff {
  const kept = daysBefore(keepDays, now)
  const latest = latestCutoff(now).occurredBefore
  if (early === null || Math.min(early, latest) <= kept) {
    return { occurredBefore: kept, receivedBefore: kept }
  }
  return { occurredBefore: Math.min(early, latest), receivedBefore: latest }
}

/** The cutoff of all events that may move early. */
export function latestCutoff(now: number): Cutoff {
  const time = daysBefore(MIN_DAYS, now)
  return { occurredBefore: time, receivedBefore: time }
}

/**
 * The days after which events move.
 *
 * @param early as in `MoveState`
 */
export function daysKept(keepDays: number, early: number | null, now: number): number {
  const { occurredBefore } = cutoffOf(keepDays, early, now)
  return Math.floor(now / DAY_MS) - occurredBefore / DAY_MS
}

/** A cutoff as the key-value store has it. */
export function cutoffText({ occurredBefore, receivedBefore }: Cutoff): string {
  return `${occurredBefore},${receivedBefore}`
}

/** The row of `MOVE_STATE`. */
export type MoveRow = { moved: string | null; early: string | null }

/** Columns from which `toMoveState` makes the state. */
export const MOVE_STATE = `
  (SELECT value FROM key_values WHERE name = '${MOVED_KEY}') AS moved,
  (SELECT value FROM key_values WHERE name = '${EARLY_KEY}') AS early`

/** The state of a result that has the columns. */
export function toMoveState({ results: [row], meta }: D1Result<MoveRow>): MoveState {
  const early = row?.early ?? null
  return {
    moved: row?.moved ?? null,
    early: early === null ? null : Number(early),
    databaseBytes: meta.size_after,
  }
}

export async function readMoveState(db: D1Database): Promise<MoveState> {
  return toMoveState(await db.prepare(`SELECT ${MOVE_STATE}`).all<MoveRow>())
}

function daysBefore(days: number, now: number): number {
  return (Math.floor(now / DAY_MS) - days) * DAY_MS
}
