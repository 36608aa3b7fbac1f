import { MERGE_KEY } from '../keys.ts'
import * as kv from '../kv.ts'
import { markChanged } from './changes.ts'
import {
  changeContent,
  FILE_COLUMNS,
  type ArchiveFile,
  type Content,
  type FileKey,
} from './files.ts'
import { DISCARD_FILES } from './garbage.ts'

/** Of the run that a month is merged into once it is over. What comes in later is merged apart from it. */
const LAST_LEVEL = 99

const MIN_FILE_ROWS = 100

/** A merge in progress: some runs of a month become one. */
export type Merge = {
  month: number
  /** Of the files that it writes. */
  level: number
  /** The number of the first file that it wrote; null before. */
  run: number | null
  inputs: readonly Input[]
  /** The number of the files of all inputs, and the sum of their versions: both stay unless one is rewritten. */
  files: number
  versions: number
}

/** A run that is merged, and where it continues. */
export type Input = {
  run: number
  level: number
  /** The number of the next file, and the number of its rows that are merged already. */
  file: number
  row: number
}

/** A merge, and its text in the key-value store. */
export type SavedMerge = { merge: Merge; text: string }

const OPEN = `state <> 'done' OR error IS NOT NULL`
const FIRST_OF_RUN = `state = 'done' AND error IS NULL AND (run IS NULL OR run = file)`
const CLOSED = `month NOT IN (SELECT month FROM archive INDEXED BY archive_open WHERE ${OPEN})`
const IS_OVER = `EXISTS (
  SELECT 1 FROM archive_days WHERE day >= unixepoch(month / 1000, 'unixepoch', '+1 month') * 1000
)`

/** Months with runs to merge, and the least level of these. Without open files of the month, all others are done. */
function selectMergeable(maxRuns: string): string {
  return `
    SELECT month, level, 0 AS isOver FROM archive INDEXED BY archive_runs
    WHERE ${FIRST_OF_RUN} AND ${CLOSED} GROUP BY month, level HAVING count(*) >= ${maxRuns}
    UNION ALL
    SELECT month, min(level), 1 FROM archive INDEXED BY archive_runs
    WHERE ${FIRST_OF_RUN} AND ${CLOSED} GROUP BY month
    HAVING count(*) > 1 AND max(level) < ${LAST_LEVEL} AND ${IS_OVER}`
}

const IS_ERASING = `EXISTS (
  SELECT 1 FROM erasures INDEXED BY erasures_under_way WHERE finishedAt IS NULL
)`

/** Whether there is something to merge, in SQL. @param maxRuns that are merged into one, in SQL */
export function isMergeDue(maxRuns: string): string {
  return `NOT ${IS_ERASING} AND (
    EXISTS (SELECT 1 FROM key_values WHERE name = '${MERGE_KEY}')
    OR EXISTS (${selectMergeable(maxRuns)})
  )`
}

/**
 * The merge in progress, or a new one if there is something to merge. None goes on during an erasure.
 *
 * @param maxRuns that are merged into one
 */
export async function findMerge(db: D1Database, maxRuns: number): Promise<SavedMerge | null> {
  const found = await db
    .prepare(`SELECT ${MERGE} AS text, ${IS_ERASING} AS isErasing`)
    .first<{ text: string | null; isErasing: number }>()
  if (!found || found.isErasing) return null
  // One reasoned cast: `beginMerge` or `saveOutput` wrote it.
  if (found.text !== null) return { merge: JSON.parse(found.text) as Merge, text: found.text }
  return beginMerge(db, maxRuns)
}

type Mergeable = { month: number; level: number; isOver: number }
type Run = { run: number; level: number; files: number; versions: number }

async function beginMerge(db: D1Database, maxRuns: number): Promise<SavedMerge | null> {
  const found = await db
    .prepare(`${selectMergeable('?1')} ORDER BY month, isOver DESC, level LIMIT 1`)
    .bind(maxRuns)
    .first<Mergeable>()
  if (!found) return null
  const { results } = await db
    .prepare(
      `SELECT coalesce(run, file) AS run, max(level) AS level, count(*) AS files, sum(version) AS versions
       FROM archive INDEXED BY archive_by_month
       WHERE month = ?1 AND level >= ?2 GROUP BY 1 ORDER BY 2, 1`,
    )
    .bind(found.month, found.level)
    .all<Run>()
  const merge = planMerge(found, results, maxRuns)
  const text = JSON.stringify(merge)
  await db
    .prepare('INSERT INTO key_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING')
    .bind(MERGE_KEY, text)
    .run()
  return { merge, text }
}

/** Merges the runs of the lowest levels, as they have the fewest events. */
function planMerge({ month, isOver }: Mergeable, runs: readonly Run[], maxRuns: number): Merge {
  const chosen = runs.slice(0, maxRuns)
  const isLast = isOver && chosen.length === runs.length
  return {
    month,
    level: isLast ? LAST_LEVEL : Math.max(...chosen.map(({ level }) => level)) + 1,
    run: null,
    inputs: chosen.map(({ run, level }) => ({ run, level, file: run, row: 0 })),
    files: chosen.reduce((sum, { files }) => sum + files, 0),
    versions: chosen.reduce((sum, { versions }) => sum + versions, 0),
  }
}

/** The file at which an input continues; null if all of it is merged. */
export async function findInput(
  db: D1Database,
  month: number,
  { run, level, file, row }: Input,
): Promise<ArchiveFile | null> {
  return db
    .prepare(
      `SELECT ${FILE_COLUMNS} FROM archive INDEXED BY archive_by_month
       WHERE month = ?1 AND level = ?2 AND file >= ?3 AND coalesce(run, file) = ?4
         AND (file > ?3 OR events > ?5)
       ORDER BY file LIMIT 1`,
    )
    .bind(month, level, file, run, row)
    .first<ArchiveFile>()
}

const MERGE = `(SELECT value FROM key_values WHERE name = '${MERGE_KEY}')`

const STARTED = `INDEXED BY archive_open WHERE (${OPEN}) AND state = 'merging' AND events = 0`

/**
 * Starts the next file of a merge, or takes the one of a try that broke off: as another version, since that try may go
 * on, and with half as many events, as it may have been cut off.
 *
 * @param maxRows of its events
 * @param now UTC milliseconds
 * @returns null if the merge is not in progress any more
 */
export async function startOutput(
  db: D1Database,
  { merge, text }: SavedMerge,
  maxRows: number,
  now: number,
): Promise<ArchiveFile | null> {
  const outcomes = await db.batch<ArchiveFile>([
    db.prepare(`${DISCARD_FILES} FROM archive ${STARTED} AND ${MERGE} = ?`).bind(now, text),
    db
      .prepare(
        `UPDATE archive SET version = version + 1, tries = tries + 1, maxRows = max(${MIN_FILE_ROWS}, maxRows / 2)
         WHERE file = (SELECT file FROM archive ${STARTED} LIMIT 1) AND ${MERGE} = ?
         RETURNING ${FILE_COLUMNS}`,
      )
      .bind(text),
    db
      .prepare(
        `INSERT INTO archive (month, state, level, events, bytes, tries, maxRows)
         SELECT ?1, 'merging', ?2, 0, 0, 1, coalesce((
           SELECT min(maxRows) FROM archive INDEXED BY archive_open
           WHERE (${OPEN}) AND state = 'merging' AND maxRows < ?3
         ), ?3)
         WHERE ${MERGE} = ?4 AND NOT EXISTS (SELECT 1 FROM archive ${STARTED})
         RETURNING ${FILE_COLUMNS}`,
      )
      .bind(merge.month, merge.level, maxRows, text),
  ])
  return outcomes.flatMap(({ results }) => results)[0] ?? null
}

/**
 * Records that a file of a merge is in the bucket.
 *
 * @returns the merge as it continues; null if it is not in progress any more, or another try has written the file
 */
export async function saveOutput(
  db: D1Database,
  { merge, text }: SavedMerge,
  { file, version }: FileKey,
  content: Content,
  inputs: readonly Input[],
): Promise<SavedMerge | null> {
  const [changes, values] = changeContent(content)
  const next = { ...merge, run: merge.run ?? file, inputs }
  const nextText = JSON.stringify(next)
  const [, saved] = await db.batch([
    db
      .prepare(
        `UPDATE archive SET ${changes}, run = ?, tries = 0
         WHERE file = ? AND version = ? AND state = 'merging' AND events = 0 AND ${MERGE} = ?`,
      )
      .bind(...values, next.run, file, version, text),
    db
      .prepare(
        `UPDATE key_values SET value = ? WHERE name = ? AND value = ?
           AND EXISTS (SELECT 1 FROM archive WHERE file = ? AND version = ? AND events > 0)`,
      )
      .bind(nextText, MERGE_KEY, text, file, version),
  ])
  return saved?.meta.changes === 1 ? { merge: next, text: nextText } : null
}

const IS_INPUT = `month = ${MERGE} ->> '$.month' AND state <> 'merging'
  AND coalesce(run, file) IN (SELECT input.value ->> '$.run' FROM json_each(${MERGE}, '$.inputs') AS input)`

/** Whether no input was rewritten or had an error since the merge began; false if there is no merge. */
const IS_UNCHANGED = `coalesce((
  SELECT count(*) = ${MERGE} ->> '$.files' AND sum(version) = ${MERGE} ->> '$.versions'
  FROM archive INDEXED BY archive_by_month WHERE ${IS_INPUT} AND state = 'done' AND error IS NULL
), 0)`

const IS_FINISHED = `${MERGE} ->> '$.isFinished'`

/**
 * Replaces the inputs of a merge with its files, in one transaction, unless an erasure has changed an input. One that is
 * under way may have searched them, and found nothing: then there is nothing in the files of the merge, either.
 *
 * @param now UTC milliseconds
 * @returns whether it did
 */
export async function finishMerge(
  db: D1Database,
  { merge, text }: SavedMerge,
  now: number,
): Promise<boolean> {
  const outcomes = await db.batch([
    db
      .prepare(
        `UPDATE key_values SET value = json_set(value, '$.isFinished', 1)
         WHERE name = ? AND value = ? AND ${IS_UNCHANGED}`,
      )
      .bind(MERGE_KEY, text),
    db
      .prepare(
        `${DISCARD_FILES}
         FROM archive INDEXED BY archive_by_month WHERE ${IS_INPUT} AND ${IS_FINISHED}`,
      )
      .bind(now),
    db.prepare(
      `DELETE FROM archive INDEXED BY archive_by_month WHERE ${IS_INPUT} AND ${IS_FINISHED}`,
    ),
    db.prepare(`DELETE FROM archive ${STARTED} AND ${IS_FINISHED}`), // nothing was left for it
    db.prepare(
      `UPDATE archive INDEXED BY archive_open SET state = 'done'
       WHERE (${OPEN}) AND state = 'merging' AND ${IS_FINISHED}`,
    ),
    markChanged(db, merge.month),
    db.prepare(`DELETE FROM key_values WHERE name = ? AND ${IS_FINISHED}`).bind(MERGE_KEY),
  ])
  return outcomes.at(-1)?.meta.changes === 1
}

/**
 * Drops the merge in progress, with its files, if one of its inputs was rewritten, is missing, or had an error: they
 * may have data of a subject that was erased from it.
 *
 * @param now UTC milliseconds
 */
export async function dropChangedMerge(db: D1Database, now: number): Promise<void> {
  if ((await kv.get(db, MERGE_KEY)) === null) return
  const isOutput = `(${OPEN}) AND state = 'merging' AND NOT ${IS_UNCHANGED}`
  await db.batch([
    db
      .prepare(
        `${DISCARD_FILES}
         FROM archive INDEXED BY archive_open WHERE ${isOutput}`,
      )
      .bind(now),
    db.prepare(`DELETE FROM archive INDEXED BY archive_open WHERE ${isOutput}`),
    db.prepare(`DELETE FROM key_values WHERE name = ? AND NOT ${IS_UNCHANGED}`).bind(MERGE_KEY),
  ])
}
