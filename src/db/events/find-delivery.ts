import { DAY_MS, MINUTE_MS } from '../../event/clock.ts'
import { valueOf } from '../columns.ts'
import { occurredIn, olderThan, valuesOf, where } from './filter.ts'
import type { EventKey } from '../stored-event.ts'
import { isIid } from './scan-plan.ts'

/** Rows to scan in one search. */
const STEP_ROWS = 20_000
/** Rows to scan from the time in an `iid` on: a delivery begins soon after it. */
const FIRST_ROWS = 5_000
const MAX_FOUND = 500

/** An event of a delivery; `contactId` in decimal digits, null if it has none. */
type FoundEvent = EventKey & { contactId: string | null }

/** The result of a search: `next` is where the following one begins, null if there is nothing more to scan. */
export type DeliverySearch = { found: FoundEvent[]; next: EventKey | null }

/**
 * Searches for events of a delivery by its `iid` alone, which no index has: from the time in it on, if it has one, and
 * then among a bounded number of the newest events.
 *
 * @param after the `next` of the search before
 */
export async function findDelivery(
  db: D1Database,
  iid: string,
  after: EventKey | undefined,
): Promise<DeliverySearch> {
  const madeAt = timeOfUuid(iid)
  if (madeAt !== undefined && !after) {
    const first = await search(db, iid, {
      since: madeAt - MINUTE_MS,
      order: 'ASC',
      rows: FIRST_ROWS,
    })
    if (first.found.length > 0) return first
  }
  // With a wrong time zone setting, events are dated up to a day earlier.
  const since = madeAt === undefined ? undefined : madeAt - DAY_MS
  return search(db, iid, { since, after, order: 'DESC', rows: STEP_ROWS })
}

type Scan = {
  since: number | undefined
  after?: EventKey | undefined
  order: 'ASC' | 'DESC'
  rows: number
}

async function search(
  db: D1Database,
  iid: string,
  { since, after, order, rows }: Scan,
): Promise<DeliverySearch> {
  const range = [...occurredIn({ since }), ...olderThan(after)]
  const scan = `FROM activity ${where(range)} ORDER BY occurredAt ${order}, id ${order}`
  const values = valuesOf(range)
  const condition = isIid(iid)
  const [found, end] = await db.batch<FoundEvent>([
    db
      .prepare(
        `SELECT occurredAt, ${valueOf('id')} AS id, CAST(contactId AS TEXT) AS contactId
         FROM (SELECT occurredAt, id, iid, contactId ${scan} LIMIT ${rows})
         WHERE ${condition.sql} LIMIT ${MAX_FOUND}`,
      )
      .bind(...values, ...condition.values),
    db
      .prepare(
        `SELECT occurredAt, ${valueOf('id')} AS id
         FROM (SELECT occurredAt, id ${scan} LIMIT 1 OFFSET ${rows - 1})`,
      )
      .bind(...values),
  ])
  return { found: found?.results ?? [], next: end?.results[0] ?? null }
}

const UUID_1 = /^([\da-f]{8})-([\da-f]{4})-1([\da-f]{3})-/i
const GREGORIAN_MS = 12_219_292_800_000 // from 15 October 1582, when the time of a UUID begins, to 1970

/** When a UUID of version 1 was made (RFC 9562): UTC milliseconds; undefined for anything else. */
export function timeOfUuid(text: string): number | undefined {
  const [, low, middle, high] = UUID_1.exec(text) ?? []
  if (low === undefined) return undefined
  return Number(BigInt(`0x${high}${middle}${low}`) / 10_000n) - GREGORIAN_MS
}
