/**
 * What is kept beside the events (totals, suppressions) takes the events from a `Source`: so what is new is counted
 * in the transaction that stores it, and all can be made anew.
 */

import { isLate } from '../write/late.ts'

/** A part of a statement that begins with FROM, in which the table `event` has some events, each once. */
export type Source = string

/** Events of a range of time: of ?1 to before ?2, UTC milliseconds. */
export const RANGE: Source = `
  FROM activity AS event
  WHERE event.occurredAt >= ?1 AND event.occurredAt < ?2 AND NOT ${isLate('event')}`

// In this order, each is looked up by its key; SQLite would rather scan the table.
const GIVEN = `
  FROM jsonb_each(?1) AS given
  CROSS JOIN activity AS event
    ON event.occurredAt = given.value ->> 0 AND event.id = unhex(given.value ->> 1)`

/** Those of ?1, a JSON list of keys, that are stored, less those that first have to be looked up. */
export const STORED: Source = `${GIVEN}
  WHERE NOT ${isLate('event')}`

/** Those of ?1 that the transaction ?2 stored, see `newSavedBy`. */
export const NEW_EVENTS: Source = `${GIVEN}
  WHERE event.savedBy = CAST(?2 AS INTEGER) AND NOT ${isLate('event')}`
