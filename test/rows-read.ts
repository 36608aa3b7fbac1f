import { countRows } from '../src/store/count-rows.ts'

/** The database, and how many rows it says that it has read. */
export function countReads(db: D1Database): { db: D1Database; rowsRead: () => number } {
  const counted = countRows(db, 'rows_read')
  return { db: counted.db, rowsRead: counted.rows }
}
