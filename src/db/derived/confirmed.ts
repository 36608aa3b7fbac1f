import { HOUR_MS } from '../../event/clock.ts'
import { hasEvent } from '../columns.ts'
import { sumRowsWritten } from '../statements.ts'
import { encodeKeys, type EventKey } from '../stored-event.ts'
import { isLate } from '../write/late-arrivals.ts'

/** Whether the webhook confirmed an event that first came from Yespo's API, in SQL. */
export const isConfirmed = (event: string) => hasEvent('confirmed_events', event)

/** The events with the keys ?1 that only the API had so far. */
const FROM_API_ONLY = `
  WITH unconfirmed AS MATERIALIZED (
    SELECT activity.occurredAt, activity.id, substr(activityStatus, 1, 100) AS activityStatus,
      substr(coalesce(mediaType, ''), 1, 100) AS mediaType
    FROM jsonb_each(?1) AS input
    CROSS JOIN activity
      ON activity.occurredAt = input.value ->> 0 AND activity.id = unhex(input.value ->> 1)
    CROSS JOIN campaigns USING (campaign)
    WHERE origin = 'api' AND NOT ${isConfirmed('activity')} AND NOT ${isLate('activity')}
  )`

const CORRECT_COVERAGE = `
  ${FROM_API_ONLY},
  counted AS (
    SELECT coverage.since, coverage.until, activityStatus, mediaType, count(*) AS events
    FROM unconfirmed CROSS JOIN coverage USING (activityStatus, mediaType)
    WHERE coverage.since > occurredAt - ${HOUR_MS} AND coverage.since <= occurredAt
      AND coverage.until > occurredAt
    GROUP BY coverage.since, coverage.until, activityStatus, mediaType
  )
  UPDATE coverage SET
    both = both + min(counted.events, apiOnly),
    apiOnly = apiOnly - min(counted.events, apiOnly)
  FROM counted
  WHERE (coverage.since, coverage.until, coverage.activityStatus, coverage.mediaType)
    = (counted.since, counted.until, counted.activityStatus, counted.mediaType)`

const RECORD_CONFIRMED = `
  ${FROM_API_ONLY}
  INSERT INTO confirmed_events (occurredAt, id) SELECT occurredAt, id FROM unconfirmed`

/**
 * Records which of the webhook's events Yespo's API had reported first: the webhook was late, but did not miss them.
 * Call it after they are saved; calling it again changes nothing.
 *
 * @returns rows written
 * @throws what D1 throws
 */
export async function recordConfirmed(db: D1Database, keys: readonly EventKey[]): Promise<number> {
  const list = encodeKeys(keys)
  const statements = [CORRECT_COVERAGE, RECORD_CONFIRMED].map((sql) => db.prepare(sql).bind(list))
  return sumRowsWritten(await db.batch(statements))
}

/** Deletes the records of events that are no longer in the table. */
export const PRUNE_CONFIRMED = `
  DELETE FROM confirmed_events WHERE NOT ${hasEvent('activity', 'confirmed_events')}`
