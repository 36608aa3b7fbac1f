import { isLate } from '../write/late-arrivals.ts'

/**
 * The events from which a statement updates a derived table (totals, suppressions): its FROM clause, in which the table
 * `event` has each event once. With it, the same statement counts new events in the transaction that stores them, and
 * all events in a rebuild.
 */
export type Scope = string

/** Events of a period: from ?1 to before ?2, UTC milliseconds. */
export const PERIOD: Scope = `
  FROM activity AS event
  WHERE event.occurredAt >= ?1 AND event.occurredAt < ?2 AND NOT ${isLate('event')}`

// In this order each event is looked up by its key; otherwise SQLite would scan the table.
const BY_KEY = `
  FROM jsonb_each(?1) AS input
  CROSS JOIN activity AS event
    ON event.occurredAt = input.value ->> 0 AND event.id = unhex(input.value ->> 1)`

/** Stored events by their keys, ?1, without late arrivals. */
export const STORED: Scope = `${BY_KEY}
  WHERE NOT ${isLate('event')}`

/** Those of the events with the keys ?1 that the transaction with the write id ?2 stored. */
export const NEW_EVENTS: Scope = `${BY_KEY}
  WHERE event.writeId = CAST(?2 AS INTEGER) AND NOT ${isLate('event')}`
