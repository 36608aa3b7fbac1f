import { DAY_MS } from '../../event/clock.ts'
import { floorTo, hasEvent } from '../columns.ts'

/** The beginning of the day of a time, in SQL: UTC milliseconds. */
export const dayOf = (time: string) => floorTo(time, DAY_MS)

/** Whether the events of a time's day have moved to the archive, or are moving, in SQL. */
export const isArchived = (time: string) =>
  `EXISTS (SELECT 1 FROM archive WHERE archive.day = ${dayOf(time)})`

/** Whether an event waits for its look-up in the archive, in SQL; it counts for nothing until then. */
export const isLate = (event: string) => hasEvent('late_arrivals', event)

/**
 * Records new events of days that have moved to the archive, before they are stored: the archive may have them
 * already. Binds ?1, encoded event keys.
 */
export const RECORD_LATE = `
  WITH new AS MATERIALIZED (
    SELECT value ->> 0 AS occurredAt, unhex(value ->> 1) AS id FROM jsonb_each(?1)
  )
  INSERT INTO late_arrivals (occurredAt, id)
  SELECT occurredAt, id FROM new
  WHERE ${isArchived('new.occurredAt')} AND NOT ${hasEvent('activity', 'new')}
  ON CONFLICT (occurredAt, id) DO NOTHING`
