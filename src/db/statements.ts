import { chunkBySize } from '../platform/chunk-by-size.ts'

/** Of a JSON list as one parameter: D1 takes 2 MB, in bytes, and a character may have three. */
const MAX_LIST_LENGTH = 600_000

/**
 * A statement that reads a JSON list from ?1, as often as it takes to keep each list within what D1 accepts: not
 * at all for an empty list.
 *
 * @param more values of ?2 and those after it
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

/** Runs statements in one transaction; without any, it does nothing. */
export async function runAll(
  db: D1Database,
  statements: readonly D1PreparedStatement[],
): Promise<void> {
  if (statements.length > 0) await db.batch([...statements])
}

/** The rows that statements wrote, indexes included. */
export function sumRowsWritten(results: readonly D1Result[]): number {
  return results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
}
