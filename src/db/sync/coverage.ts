import { HOUR_MS } from '../../event/clock.ts'
import { isConfirmed } from '../derived/confirmed.ts'
import { floorTo } from '../columns.ts'
import { isArchived } from '../write/late-arrivals.ts'

/** The number of events that the webhook and the API had. */
export type CoverageCounts = { both: number; webhookOnly: number; apiOnly: number }

/** The counts of one status and channel, in a span that begins at `time`: UTC milliseconds. */
export type CoverageLine = CoverageCounts & {
  time: number
  activityStatus: string
  mediaType: string
}

const MAX_LINES = 20_000

/**
 * Records the coverage of a time slice within a day of UTC, by hour, status and channel, in place of its earlier
 * records. Run it once all events of the API are stored: any that are not stored then are about erased data subjects.
 * An archived day keeps its records, as its events are not in the table.
 *
 * @param keysInApi the keys of the API's events: `[occurredAt, id]`
 */
export function recordCoverage(
  db: D1Database,
  { since, until }: { since: number; until: number },
  keysInApi: readonly (readonly [number, string])[],
): D1PreparedStatement[] {
  const isLong = until - since > HOUR_MS
  const hour = floorTo('occurredAt', HOUR_MS)
  const [from, to] = isLong ? [hour, `${hour} + ${HOUR_MS}`] : ['?1', '?2']
  return [
    db
      .prepare(
        `DELETE FROM coverage WHERE since >= ?1 AND since < ?2 AND until <= ?2
         AND NOT ${isArchived('?1')}`,
      )
      .bind(since, until),
    db
      .prepare(
        `INSERT INTO coverage (since, until, activityStatus, mediaType, both, webhookOnly, apiOnly)
         SELECT ${from}, ${to}, substr(activityStatus, 1, 100), substr(coalesce(mediaType, ''), 1, 100),
           sum(isConfirmed AND isSeen), sum(isConfirmed AND NOT isSeen), sum(NOT isConfirmed)
         FROM (
           SELECT occurredAt, activityStatus, mediaType,
             (occurredAt, id) IN (SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?3)) AS isSeen,
             origin <> 'api' OR ${isConfirmed('activity')} AS isConfirmed
           FROM activity CROSS JOIN campaigns USING (campaign)
           WHERE occurredAt >= ?1 AND occurredAt < ?2 AND NOT ${isArchived('?1')}
         )
         GROUP BY 1, 3, 4`,
      )
      .bind(since, until, JSON.stringify(keysInApi)),
  ]
}

/**
 * Deletes the records of longer parts of an hour, or of the whole hour, once a time slice completes their parts. Until
 * then, the longer part counts more events than its parts.
 */
export function dropLonger(
  db: D1Database,
  { run, since, until }: { run: number; since: number; until: number },
): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM coverage
       WHERE since > ?2 - ${HOUR_MS} AND since <= ?2 AND until >= ?3 AND until - since > ?3 - ?2
         AND EXISTS (
           SELECT 1 FROM time_slices
           WHERE run = ?1 AND time_slices.since <= coverage.since AND time_slices.until >= coverage.until
         ) AND NOT ${isArchived('?2')}`,
    )
    .bind(run, since, until)
}

/** The coverage of a period, by spans of time. @param span milliseconds, an hour or more */
export async function readCoverage(
  db: D1Database,
  { since, until }: { since: number; until: number },
  span: number,
): Promise<{ lines: CoverageLine[]; complete: boolean }> {
  const { results } = await db
    .prepare(
      `SELECT ${floorTo('since', span)} AS time, activityStatus, mediaType, sum(both) AS both,
         sum(webhookOnly) AS webhookOnly, sum(apiOnly) AS apiOnly
       FROM coverage WHERE since >= ?1 AND since < ?2 AND NOT (
         until - since < ${HOUR_MS} AND EXISTS (
           SELECT 1 FROM coverage AS whole
           WHERE whole.since > coverage.since - ${HOUR_MS} AND whole.since <= coverage.since
             AND whole.until >= coverage.until
             AND whole.until - whole.since > coverage.until - coverage.since
         )
       )
       GROUP BY time, activityStatus, mediaType ORDER BY time DESC, activityStatus, mediaType
       LIMIT ${MAX_LINES + 1}`,
    )
    .bind(since, until)
    .all<CoverageLine>()
  return { lines: results.slice(0, MAX_LINES), complete: results.length <= MAX_LINES }
}

/** The number of hours of a period that were compared with the API, even if nothing happened in them. */
export async function countComparedHours(
  db: D1Database,
  { since, until }: { since: number; until: number },
): Promise<number> {
  const [slices, recorded] = await db.batch<{ since: number; until: number }>([
    db
      .prepare('SELECT since, until FROM time_slices WHERE until > ?1 AND since < ?2')
      .bind(since, until),
    db
      .prepare('SELECT DISTINCT since, until FROM coverage WHERE since >= ?1 AND since < ?2')
      .bind(since, until),
  ])
  const hours = new Set<number>()
  for (const span of [...(slices?.results ?? []), ...(recorded?.results ?? [])]) {
    const end = Math.min(span.until, until)
    const start = Math.floor(Math.max(span.since, since) / HOUR_MS) * HOUR_MS
    for (let hour = start; hour < end; hour += HOUR_MS) hours.add(hour)
  }
  return hours.size
}
