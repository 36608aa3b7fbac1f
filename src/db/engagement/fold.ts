import { DAY_MS } from '../../event/clock.ts'
import type { Budget } from '../../platform/budget.ts'
import { floorTo } from '../columns.ts'
import { ENGAGED_KEY } from '../keys.ts'
import { IS_ROLLED_UP } from './due.ts'

/** Contacts of a page: one with more is split. */
const PAGE_CONTACTS = 2_000

/** Contacts that are folded at once. */
const PART_CONTACTS = 1_000

/** Rows of `rollups` that are split into parts at once, and their characters. */
const MAX_ROWS = 100
const MAX_LENGTH = 5_000_000

/** The key of the first page of a channel, in SQL. */
export const FIRST_PAGE = '-9223372036854775808'

const FOLD_STATEMENTS = 2
const SPLIT_STATEMENTS = 3

/**
 * Folds the contacts of the days that are over into `engagement`. All of them are split into parts, so that a page is
 * written about once, and then a part is folded at a time. Folding something again changes nothing.
 *
 * @param now UTC milliseconds
 * @returns whether it made progress
 */
export async function foldEngagement(
  db: D1Database,
  budget: Budget,
  now: number,
): Promise<boolean> {
  const today = Math.floor(now / DAY_MS) * DAY_MS
  let progressed = false
  while (budget.take(FOLD_STATEMENTS + SPLIT_STATEMENTS)) {
    const isFolded = await foldPart(db)
    if (isFolded) budget.giveBack(SPLIT_STATEMENTS)
    else if (!(await split(db, today))) return progressed
    progressed = true
  }
  return progressed
}

const dayOf = (time: string) => `${floorTo(`(${time})`, DAY_MS)} / ${DAY_MS}`

/** The oldest rows of `rollups` before ?1. */
const CHOSEN = `
  SELECT hour, part FROM (
    SELECT hour, part, sum(length(counts)) OVER (ORDER BY hour, part) - length(counts) AS before FROM (
      SELECT hour, part, counts FROM rollups WHERE kind = 'contacts' AND hour < ?1
      ORDER BY hour, part LIMIT ${MAX_ROWS}
    )
  ) WHERE before < ${MAX_LENGTH}`

const SPLIT = [
  `INSERT INTO engagement_parts (contacts)
   WITH latest AS (
     SELECT mediaType, contactId, max(deliveredOn) AS deliveredOn, max(engagedOn) AS engagedOn FROM (
       SELECT CAST(row.value ->> 0 AS INTEGER) AS contactId, row.value ->> 1 AS mediaType,
         ${dayOf('row.value ->> 2')} AS deliveredOn, ${dayOf('row.value ->> 3')} AS engagedOn
       FROM rollups CROSS JOIN json_each(counts) AS row
       WHERE kind = 'contacts' AND (hour, part) IN (${CHOSEN})
     ) GROUP BY mediaType, contactId
   ),
   numbered AS (
     SELECT *, (row_number() OVER (ORDER BY mediaType, contactId) - 1) / ${PART_CONTACTS} AS number FROM latest
   )
   SELECT json_group_array(json_array(mediaType, contactId, deliveredOn, engagedOn)) FROM numbered
   GROUP BY number ORDER BY number`,
  `DELETE FROM rollups WHERE kind = 'contacts' AND (hour, part) IN (${CHOSEN})`,
] as const

const FINISH = `
  INSERT INTO key_values (name, value) SELECT '${ENGAGED_KEY}', CAST(?1 AS TEXT)
  WHERE NOT EXISTS (SELECT 1 FROM engagement_parts)
    AND NOT EXISTS (SELECT 1 FROM rollups WHERE kind = 'contacts' AND hour < ?1)
    AND ${IS_ROLLED_UP}
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/** Splits the contacts of some hours into parts; if there are none, and will be none, all before `today` are folded. */
async function split(db: D1Database, today: number): Promise<boolean> {
  const statements = [...SPLIT, FINISH].map((sql) => db.prepare(sql).bind(today))
  const [, deleted] = await db.batch(statements)
  return (deleted?.meta.changes ?? 0) > 0
}

const NEXT_PART = 'part = (SELECT min(part) FROM engagement_parts)'

const FOLD = `
  INSERT INTO engagement (mediaType, firstContactId, contacts)
  WITH added AS MATERIALIZED (
    SELECT row.value ->> 0 AS mediaType, row.value ->> 1 AS contactId,
      row.value ->> 2 AS deliveredOn, row.value ->> 3 AS engagedOn
    FROM engagement_parts CROSS JOIN json_each(contacts) AS row WHERE ${NEXT_PART}
  ),
  placed AS MATERIALIZED (
    SELECT *, coalesce((
      SELECT max(firstContactId) FROM engagement
      WHERE engagement.mediaType = added.mediaType AND firstContactId <= added.contactId
    ), ${FIRST_PAGE}) AS page FROM added
  ),
  merged AS (
    SELECT mediaType, page, contactId, max(deliveredOn) AS deliveredOn, max(engagedOn) AS engagedOn FROM (
      SELECT mediaType, page, contactId, deliveredOn, engagedOn FROM placed
      UNION ALL
      SELECT touched.mediaType, page, known.value ->> 0, known.value ->> 1, known.value ->> 2
      FROM (SELECT DISTINCT mediaType, page FROM placed) AS touched
      CROSS JOIN engagement ON engagement.mediaType = touched.mediaType AND firstContactId = page
      CROSS JOIN json_each(engagement.contacts) AS known
    ) GROUP BY mediaType, page, contactId
  ),
  numbered AS (
    SELECT *, row_number() OVER (PARTITION BY mediaType, page ORDER BY contactId) - 1 AS position,
      count(*) OVER (PARTITION BY mediaType, page) AS size
    FROM merged
  ),
  pieces AS (
    SELECT *, position * ((size - 1) / ${PAGE_CONTACTS} + 1) / size AS piece FROM numbered
  )
  SELECT mediaType, iif(piece = 0, page, min(contactId)),
    json_group_array(json_array(contactId, deliveredOn, engagedOn))
  FROM pieces WHERE true GROUP BY mediaType, page, piece
  ON CONFLICT (mediaType, firstContactId) DO UPDATE SET contacts = excluded.contacts
  WHERE contacts <> excluded.contacts`

/** Folds the next part. @returns whether there was one */
async function foldPart(db: D1Database): Promise<boolean> {
  const [, deleted] = await db.batch([
    db.prepare(FOLD),
    db.prepare(`DELETE FROM engagement_parts WHERE ${NEXT_PART}`),
  ])
  return (deleted?.meta.changes ?? 0) > 0
}
