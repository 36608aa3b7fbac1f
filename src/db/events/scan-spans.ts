import type { CampaignSpans, Span } from './campaign-hours.ts'
import { quote, valueOf } from '../columns.ts'
import { allOf, columnsOf, toConditions, valuesOf, type Filter } from './filter.ts'
import type { Position } from '../stored-activity.ts'

/** What was found in spans. */
export type Scanned = {
  /** The events that fit, in no order. */
  keys: Position[]
  /** Where to go on behind them; null at the end. */
  next: Position | null
  /** The newest span, if more happened in it alone than may be read: then nothing is known of any. */
  tooMany: Span | undefined
  /** Rows that were read for it. */
  rows: number
}

/** Behind every id. */
const LAST_ID = 'f'.repeat(32)

/** The place after everything from a time on. @param time UTC milliseconds */
export function endOf(time: number): Position {
  return { occurredAt: time - 1, id: LAST_ID }
}

/**
 * Goes through spans of time once, the newest first, and finds the events in them that fit; those of whole spans only.
 *
 * @param after only events before this one are wanted
 * @param budget rows of `activity`, to read
 */
export async function scanSpans(
  db: D1Database,
  filter: Filter,
  after: Position | undefined,
  { spans, reached }: CampaignSpans,
  budget: number,
): Promise<Scanned> {
  const next = reached === null ? null : endOf(reached)
  if (spans.length === 0) return { keys: [], next, tooMany: undefined, rows: 0 }
  const conditions = toConditions(filter, [])
  const names = ['occurredAt', 'id', ...columnsOf(filter).map(quote)].join(', ')
  // As one value: what is sorted, or gone through for its end, is billed once more.
  const scanned = await db
    .prepare(
      `SELECT json_group_array(json_array(place, occurredAt, ${valueOf('id')})) FILTER (WHERE ${allOf(conditions)}) AS found,
         count(*) AS rows, max(place) AS last
       FROM (
         SELECT place, ${names}
         FROM (SELECT key AS place, value ->> 'since' AS since, value ->> 'until' AS until FROM json_each(?)) AS span
         CROSS JOIN activity ON occurredAt >= since AND occurredAt < until
         ${after ? 'WHERE (occurredAt, id) < (?, unhex(?))' : ''}
         LIMIT ${budget}
       ) AS activity`,
    )
    .bind(
      ...valuesOf(conditions),
      JSON.stringify(spans),
      ...(after ? [after.occurredAt, after.id] : []),
    )
    .first<{ found: string; rows: number; last: number | null }>()
  const { found = '[]', rows = 0 } = scanned ?? {}
  // One reasoned cast: the statement made it.
  const fitting = JSON.parse(found) as [place: number, ...of: [occurredAt: number, id: string]][]
  // In a span the oldest come first, so of one that was cut nothing is known.
  const end = rows < budget ? spans.length : (scanned?.last ?? 0)
  const keys = fitting.flatMap(([place, occurredAt, id]) => (place < end ? { occurredAt, id } : []))
  const cut = spans[end]
  return {
    keys,
    next: cut ? endOf(cut.until) : next,
    tooMany: end === 0 ? cut : undefined,
    rows,
  }
}
