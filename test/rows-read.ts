import { meterDatabase } from '../src/db/monitor/meter-database.ts'

/** Wraps a database to sum up the rows that it reports as read. */
export function countReads(db: D1Database): { db: D1Database; rowsRead: () => number } {
  let rows = 0
  return { db: meterDatabase(db, ({ rows_read }) => (rows += rows_read)), rowsRead: () => rows }
}
