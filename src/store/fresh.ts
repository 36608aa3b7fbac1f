/**
 * What is kept beside the events (campaigns, totals, names, suppressions) takes the events from a
 * `Source`: so what is new is counted in the transaction that stores it, and all can be made anew.
 */

import { isLate } from './late.ts'

/** A common table expression `fresh` (occurredAt, id) of events that are in the table, each once. */
export type Source = string

/** Events of a range of time: of ?1 to before ?2, UTC milliseconds. */
export const RANGE: Source = `fresh AS MATERIALIZED (
  SELECT occurredAt, id FROM activity
  WHERE occurredAt >= ?1 AND occurredAt < ?2 AND NOT ${isLate('activity')}
)`

/** The events of a source. In this order, each is looked up by its key; SQLite would rather scan the table. */
export const FRESH_EVENTS = 'fresh CROSS JOIN activity AS event USING (occurredAt, id)'

// Of one contact, each way: more than a person ever gets, so that nobody's events slow down all others'.
const MAX_NEIGHBOURS = 500

/**
 * The events of one contact before or after another of theirs, the nearest first, from the index alone.
 *
 * @param event the name of a table with contactId, occurredAt and id
 */
export function neighbours(event: string, side: 'earlier' | 'later'): string {
  const [operator, order] = side === 'earlier' ? ['<', 'DESC'] : ['>', 'ASC']
  return `(
    SELECT neighbour.occurredAt, neighbour.id, neighbour.activityStatus, neighbour.iid
    FROM activity AS neighbour INDEXED BY activity_by_contact
    WHERE neighbour.contactId = ${event}.contactId
      AND (neighbour.occurredAt, neighbour.id) ${operator} (${event}.occurredAt, ${event}.id)
    ORDER BY neighbour.occurredAt ${order}, neighbour.id ${order} LIMIT ${MAX_NEIGHBOURS}
  )`
}
