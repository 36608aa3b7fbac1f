import { DAY_MS } from '../../event/clock.ts'
import { floorTo, hasEvent } from '../columns.ts'

/** The start of a time's day, in SQL: UTC milliseconds. */
export const dayOf = (time: string) => floorTo(time, DAY_MS)

/** Whether the events of a time's day are archived, or are being archived, in SQL. */
export const isArchived = (time: string) =>
  `EXISTS (SELECT 1 FROM archive_days WHERE day = ${dayOf(time)})`

/** Whether an event has yet to be looked up in the archive, in SQL; until then it is not counted. */
export const isLate = (event: string) => hasEvent('late_arrivals', event)

/**
 * Records new events of archived days before they are stored, as the archive may already have them. Binds ?1, encoded
 * event keys.
 */
export const RECORD_LATE = `
  WITH new AS MATERIALIZED (
    SELECT value ->> 0 AS occurredAt, unhex(value ->> 1) AS id FROM jsonb_each(?1)
  )
  INSERT INTO late_arrivals (occurredAt, id)
  SELECT occurredAt, id FROM new
  WHERE ${isArchived('new.occurredAt')} AND NOT ${hasEvent('activity', 'new')}
  ON CONFLICT (occurredAt, id) DO NOTHING`
