import { HOUR_MS } from '../activity/clock.ts'
import type { Arrived } from './arrived.ts'
import { isLate } from './late.ts'

/** Whether the webhook brought an event, too, that Yespo's API told of first, in SQL. */
export const isBrought = (event: string) =>
  `EXISTS (SELECT 1 FROM brought WHERE brought.occurredAt = ${event}.occurredAt AND brought.id = ${event}.id)`

/** Events of ?1, the JSON of an `Arrived` list, that only the API told of so far. */
const TOLD_BY_API = `
  WITH told AS MATERIALIZED (
    SELECT activity.occurredAt, activity.id, substr(activityStatus, 1, 100) AS activityStatus,
      substr(coalesce(mediaType, ''), 1, 100) AS mediaType
    FROM jsonb_each(?1) AS arrived
    CROSS JOIN activity
      ON activity.occurredAt = arrived.value ->> 0 AND activity.id = unhex(arrived.value ->> 1)
    CROSS JOIN campaigns USING (campaign)
    WHERE origin = 'api' AND NOT ${isBrought('activity')} AND NOT ${isLate('activity')}
  )`

const CORRECT_COVERAGE = `
  ${TOLD_BY_API},
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

const NOTE_BROUGHT = `
  ${TOLD_BY_API}
  INSERT INTO brought (occurredAt, id) SELECT occurredAt, id FROM told`

/**
 * Notes which of the events that the webhook brought were known from Yespo's API: it was late with them, and missed
 * none. To be run after they are saved; again, it changes nothing.
 *
 * @returns rows written
 * @throws what D1 throws
 */
export async function noteBrought(db: D1Database, arrived: readonly Arrived[]): Promise<number> {
  const list = JSON.stringify(arrived)
  const results = await db.batch(
    [CORRECT_COVERAGE, NOTE_BROUGHT].map((sql) => db.prepare(sql).bind(list)),
  )
  return results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
}

/** Forgets what was noted of events that are not in the table any more. */
export const PRUNE_BROUGHT = `
  DELETE FROM brought WHERE NOT EXISTS (
    SELECT 1 FROM activity
    WHERE activity.occurredAt = brought.occurredAt AND activity.id = brought.id
  )`
