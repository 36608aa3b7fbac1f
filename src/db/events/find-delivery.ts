import { DAY_MS, MINUTE_MS } from '../../event/clock.ts'
import { valueOf } from '../columns.ts'
import { valuesOf, where, type Condition } from './filter.ts'
import type { Position } from '../stored-activity.ts'
import { isIid } from './scan-plan.ts'

/** Rows that one look goes through. */
const STEP_ROWS = 20_000
/** From the time in an `iid` on: a delivery begins soon after it. */
const FIRST_ROWS = 5_000
const MAX_FOUND = 500

/** An event of a delivery; `contactId` in decimal digits, null where it names none. */
type FoundEvent = Position & { contactId: string | null }

/** How a look went: `next` is where the following one begins, null where there is nothing more to look at. */
export type DeliverySearch = { found: FoundEvent[]; next: Position | null }

/**
 * Looks for events of a delivery by its `iid` alone, which no index has: from the time in it on, if it has one, and
 * then a bounded number of the newest events.
 *
 * @param after the `next` of the look before
 */
export async function findDelivery(
  db: D1Database,
  iid: string,
  after: Position | undefined,
): Promise<DeliverySearch> {
  const madeAt = timeOfUuid(iid)
  if (madeAt !== undefined && !after) {
    const first = await look(db, iid, { since: madeAt - MINUTE_MS, order: 'ASC', rows: FIRST_ROWS })
    if (first.found.length > 0) return first
  }
  // Where the time zone is set wrong, events are dated up to a day before.
  const since = madeAt === undefined ? undefined : madeAt - DAY_MS
  return look(db, iid, { since, after, order: 'DESC', rows: STEP_ROWS })
}

type ScanStretch = {
  since: number | undefined
  after?: Position | undefined
  order: 'ASC' | 'DESC'
  rows: number
}

async function look(
  db: D1Database,
  iid: string,
  { since, after, order, rows }: ScanStretch,
): Promise<DeliverySearch> {
  const conditions: Condition[] = [
    ...(since === undefined ? [] : [{ sql: 'occurredAt >= ?', values: [since] }]),
    ...(after
      ? [{ sql: '(occurredAt, id) < (?, unhex(?))', values: [after.occurredAt, after.id] }]
      : []),
  ]
  const stretch = `FROM activity ${where(conditions)} ORDER BY occurredAt ${order}, id ${order}`
  const [values, asked] = [valuesOf(conditions), isIid(iid)]
  const [found, end] = await db.batch<FoundEvent>([
    db
      .prepare(
        `SELECT occurredAt, ${valueOf('id')} AS id, CAST(contactId AS TEXT) AS contactId
         FROM (SELECT occurredAt, id, iid, contactId ${stretch} LIMIT ${rows})
         WHERE ${asked.sql} LIMIT ${MAX_FOUND}`,
      )
      .bind(...values, ...asked.values),
    db
      .prepare(
        `SELECT occurredAt, ${valueOf('id')} AS id
         FROM (SELECT occurredAt, id ${stretch} LIMIT 1 OFFSET ${rows - 1})`,
      )
      .bind(...values),
  ])
  return { found: found?.results ?? [], next: end?.results[0] ?? null }
}

const UUID_1 = /^([\da-f]{8})-([\da-f]{4})-1([\da-f]{3})-/i
const GREGORIAN_MS = 12_219_292_800_000 // from 15 October 1582, when the time of a UUID begins, to 1970

/** When a UUID of version 1 was made (RFC 9562): UTC milliseconds; undefined for whatever else. */
export function timeOfUuid(text: string): number | undefined {
  const [, low, middle, high] = UUID_1.exec(text) ?? []
  if (low === undefined) return undefined
  return Number(BigInt(`0x${high}${middle}${low}`) / 10_000n) - GREGORIAN_MS
}
