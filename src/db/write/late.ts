import { DAY_MS } from '../../event/clock.ts'
import { floorTo } from '../columns.ts'

/** The beginning of the day of a time, in SQL: UTC milliseconds. */
export const dayOf = (time: string) => floorTo(time, DAY_MS)

/** Whether the events of a time's day have moved to the archive, or begin to. */
export const isArchived = (time: string) =>
  `EXISTS (SELECT 1 FROM archive WHERE archive.day = ${dayOf(time)})`

/** Whether an event waits to be looked up in the archive; it counts for nothing until then. */
export const isLate = (event: string) =>
  `EXISTS (SELECT 1 FROM late_arrivals WHERE late_arrivals.occurredAt = ${event}.occurredAt AND late_arrivals.id = ${event}.id)`

/**
 * Takes note of events that come in for days that have moved to the archive, before they are stored:
 * they may be there already. Binds ?1, the JSON of an `EventKey` list.
 */
export const RECORD_LATE = `
  WITH arrived AS MATERIALIZED (
    SELECT value ->> 0 AS occurredAt, unhex(value ->> 1) AS id FROM jsonb_each(?1)
  )
  INSERT INTO late_arrivals (occurredAt, id)
  SELECT occurredAt, id FROM arrived
  WHERE ${isArchived('arrived.occurredAt')} AND NOT EXISTS (
    SELECT 1 FROM activity
    WHERE activity.occurredAt = arrived.occurredAt AND activity.id = arrived.id
  )
  ON CONFLICT (occurredAt, id) DO NOTHING`
