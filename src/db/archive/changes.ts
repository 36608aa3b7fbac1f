import { DAY_MS } from '../../event/clock.ts'
import { FILE_COLUMNS, type ArchiveFile, type Content, type FileKey } from './files.ts'
import { CHANGED_KEY, COUNT_KEY, MERGE_KEY, PASS_KEY, TABLE_KEY } from '../keys.ts'
import * as kv from '../kv.ts'
import { discardObjects } from './garbage.ts'

/** The months whose files differ from those in the archive's table. */
export type Changes = {
  /** The beginnings of some of them, as many as can be committed at once: UTC milliseconds. */
  months: readonly number[]
  /** The others. */
  rest: readonly number[]
  /** What is stored, to recognize that it changed meanwhile; null without changes. */
  value: string | null
  /** The number of changes ever: if a table has seen more, the database was restored to an earlier state. */
  count: number
  /** The table of the last commit; null before the first. */
  table: string | null
}

/** The months of a commit, which takes a statement for each. */
const MAX_MONTHS = 10

/** Records that a month's files changed, in the transaction that changes them. @param month UTC milliseconds */
export function markChanged(db: D1Database, month: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO key_values (name, value) VALUES ('${CHANGED_KEY}', json_array(?1)), ('${COUNT_KEY}', '1')
       ON CONFLICT (name) DO UPDATE SET value = CASE name
         WHEN '${COUNT_KEY}' THEN CAST(value + 1 AS TEXT) ELSE json_insert(value, '$[#]', ?1) END`,
    )
    .bind(month)
}

/** Records that all months changed: another table is to have their files. @param months that it has already */
export async function markAllChanged(db: D1Database, months: readonly number[]): Promise<void> {
  await db
    .prepare(
      `INSERT INTO key_values (name, value)
       SELECT '${CHANGED_KEY}', json_group_array(month)
       FROM (SELECT month FROM archive UNION SELECT value FROM json_each(?)) HAVING count(*) > 0
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
    .bind(JSON.stringify(months))
    .run()
}

export async function readChanges(db: D1Database): Promise<Changes> {
  const { results } = await db
    .prepare(
      `SELECT name, value FROM key_values WHERE name IN ('${CHANGED_KEY}', '${COUNT_KEY}', '${TABLE_KEY}')`,
    )
    .all<kv.Entry>()
  const find = (key: string) => results.find(({ name }) => name === key)?.value ?? null
  const value = find(CHANGED_KEY)
  // One reasoned cast: `markChanged` wrote it.
  const months = value === null ? [] : [...new Set(JSON.parse(value) as number[])]
  return {
    months: months.slice(0, MAX_MONTHS),
    rest: months.slice(MAX_MONTHS),
    value,
    count: Number(find(COUNT_KEY) ?? 0),
    table: find(TABLE_KEY),
  }
}

/** Records that a table has the changes, unless there are others meanwhile. */
export function settleChanges(
  db: D1Database,
  { value, rest }: Changes,
  table: string,
): D1PreparedStatement[] {
  const settled =
    rest.length === 0
      ? db.prepare(`DELETE FROM key_values WHERE name = '${CHANGED_KEY}' AND value = ?`).bind(value)
      : db
          .prepare(`UPDATE key_values SET value = ? WHERE name = '${CHANGED_KEY}' AND value = ?`)
          .bind(JSON.stringify(rest), value)
  return [settled, kv.setting(db, TABLE_KEY, table)]
}

/** The files of a month that belong to the table. */
export async function listMonthFiles(db: D1Database, month: number): Promise<ArchiveFile[]> {
  const { results } = await db
    .prepare(
      `SELECT ${FILE_COLUMNS} FROM archive INDEXED BY archive_by_month
       WHERE month = ? AND state IN ('written', 'done') AND events > 0 ORDER BY file`,
    )
    .bind(month)
    .all<ArchiveFile>()
  return results
}

/** What a table and its bucket have, of which the database may know nothing. */
export type Found = {
  files: readonly (FileKey & Content)[]
  /** The keys of objects that are no file of the table. */
  others: readonly string[]
  /** The number of changes that the table has seen. */
  count: number
}

/**
 * Takes over the files of a table, as the database was restored to an earlier state. Those that it does not know are
 * `written`, so that their events are deleted here. It drops all other files, with what was in progress: their events
 * are here, or have moved to files of the table meanwhile.
 *
 * @param now UTC milliseconds
 * @returns the number of files that were added, and of those that were dropped
 */
export async function adoptFiles(
  db: D1Database,
  { files, others, count }: Found,
  now: number,
): Promise<{ added: number; dropped: number }> {
  const listed = JSON.stringify(
    files.map(({ file, version, month, events, bytes, ...content }) => {
      const { firstAt, lastAt, minContact, maxContact, withoutContact } = content
      const sizes = [events, bytes, firstAt, lastAt, minContact, maxContact, withoutContact]
      return [file, version, month, ...sizes]
    }),
  )
  const [dropped, added] = await db.batch([
    db
      .prepare(
        `DELETE FROM archive WHERE state NOT IN ('written', 'done') OR (file, version) NOT IN (
           SELECT value ->> 0, value ->> 1 FROM json_each(?)
         )`,
      )
      .bind(listed),
    db
      .prepare(
        `INSERT INTO archive (file, version, month, events, bytes, firstAt, lastAt, minContact, maxContact, withoutContact, state)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
           CAST(value ->> 7 AS INTEGER), CAST(value ->> 8 AS INTEGER), value ->> 9, 'written'
         FROM json_each(?) WHERE true ON CONFLICT (file) DO NOTHING`,
      )
      .bind(listed),
    db.prepare(
      `WITH RECURSIVE days (day, last) AS (
           SELECT firstAt - ((firstAt % ${DAY_MS}) + ${DAY_MS}) % ${DAY_MS}, lastAt FROM archive
           WHERE state = 'written' AND firstAt IS NOT NULL
           UNION SELECT day + ${DAY_MS}, last FROM days WHERE day + ${DAY_MS} <= last
         )
         INSERT INTO archive_days (day) SELECT DISTINCT day FROM days WHERE true ON CONFLICT DO NOTHING`,
    ),
    discardObjects(db, others, now),
    kv.setting(db, MERGE_KEY, null),
    db.prepare(
      `UPDATE key_values SET value = json_set(value, '$.reached', 0) WHERE name = '${PASS_KEY}'`,
    ),
    kv.setting(db, COUNT_KEY, String(count)),
  ])
  return { added: added?.meta.changes ?? 0, dropped: dropped?.meta.changes ?? 0 }
}
