import { chunkBySize } from '../platform/chunk-by-size.ts'

/** Characters of a JSON list as one parameter: D1 accepts 2 MB, and a character may have three bytes. */
const MAX_LIST_LENGTH = 600_000

/**
 * Binds a statement to a JSON list (?1), several times if the list is too long for D1; not at all if it is empty.
 *
 * @param more the values from ?2 on
 */
export function bindList(
  db: D1Database,
  sql: string,
  items: readonly unknown[],
  ...more: readonly (string | number)[]
): D1PreparedStatement[] {
  const texts = items.map((item) => JSON.stringify(item))
  const chunks = chunkBySize(texts, ({ length }) => length + 1, { bytes: MAX_LIST_LENGTH })
  return chunks.map((chunk) => db.prepare(sql).bind(`[${chunk.join(',')}]`, ...more))
}

/** Runs statements in one transaction, if there are any. */
export async function runAll(
  db: D1Database,
  statements: readonly D1PreparedStatement[],
): Promise<void> {
  if (statements.length > 0) await db.batch([...statements])
}

/**
 * A statement that fails its transaction unless a condition holds, in SQL: SQLite cannot raise an error outside of
 * triggers, but it rejects an invalid JSON path, and quotes it.
 *
 * @param message of the error, in SQL
 */
export function failUnless(condition: string, message: string): string {
  return `SELECT CASE WHEN ${condition} THEN 1 ELSE json_extract('{}', ${message}) END`
}

/** The number of rows that statements wrote, indexes included. */
export function sumRowsWritten(results: readonly D1Result[]): number {
  return results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
}
