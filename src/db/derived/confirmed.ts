import { HOUR_MS } from '../../event/clock.ts'
import type { EventKey } from '../write/new-events.ts'
import { isLate } from '../write/late.ts'

/** Whether the webhook confirmed an event, too, that Yespo's API told of first, in SQL. */
export const isConfirmed = (event: string) =>
  `EXISTS (SELECT 1 FROM confirmed_events WHERE confirmed_events.occurredAt = ${event}.occurredAt AND confirmed_events.id = ${event}.id)`

/** Events of ?1, the JSON of an `EventKey` list, that only the API told of so far. */
const FROM_API_ONLY = `
  WITH told AS MATERIALIZED (
    SELECT activity.occurredAt, activity.id, substr(activityStatus, 1, 100) AS activityStatus,
      substr(coalesce(mediaType, ''), 1, 100) AS mediaType
    FROM jsonb_each(?1) AS arrived
    CROSS JOIN activity
      ON activity.occurredAt = arrived.value ->> 0 AND activity.id = unhex(arrived.value ->> 1)
    CROSS JOIN campaigns USING (campaign)
    WHERE origin = 'api' AND NOT ${isConfirmed('activity')} AND NOT ${isLate('activity')}
  )`

const CORRECT_COVERAGE = `
  ${FROM_API_ONLY},
  news AS (
    SELECT coverage.since, coverage.until, activityStatus, mediaType, count(*) AS events
    FROM told CROSS JOIN coverage USING (activityStatus, mediaType)
    WHERE coverage.since > occurredAt - ${HOUR_MS} AND coverage.since <= occurredAt
      AND coverage.until > occurredAt
    GROUP BY coverage.since, coverage.until, activityStatus, mediaType
  )
  UPDATE coverage SET
    seenByBoth = seenByBoth + min(news.events, apiAlone),
    apiAlone = apiAlone - min(news.events, apiAlone)
  FROM news
  WHERE (coverage.since, coverage.until, coverage.activityStatus, coverage.mediaType)
    = (news.since, news.until, news.activityStatus, news.mediaType)`

const RECORD_CONFIRMED = `
  ${FROM_API_ONLY}
  INSERT INTO confirmed_events (occurredAt, id) SELECT occurredAt, id FROM told`

/**
 * Notes which of the events that the webhook confirmed were known from Yespo's API: it was late with them, and missed
 * none. To be run after they are saved; again, it changes nothing.
 *
 * @returns rows written
 * @throws what D1 throws
 */
export async function recordConfirmed(
  db: D1Database,
  arrived: readonly EventKey[],
): Promise<number> {
  const list = JSON.stringify(arrived)
  const results = await db.batch(
    [CORRECT_COVERAGE, RECORD_CONFIRMED].map((sql) => db.prepare(sql).bind(list)),
  )
  return results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
}

/** Forgets what was noted of events that are not in the table any more. */
export const PRUNE_CONFIRMED = `
  DELETE FROM confirmed_events WHERE NOT EXISTS (
    SELECT 1 FROM activity
    WHERE activity.occurredAt = confirmed_events.occurredAt AND activity.id = confirmed_events.id
  )`
