/** The database, and how many rows it says that it has read: what D1 bills. */
export function countReads(db: D1Database): { db: D1Database; rowsRead: () => number } {
  let rows = 0
  const count = <T>(result: D1Result<T>): D1Result<T> => {
    rows += result.meta.rows_read
    return result
  }
  const statements = new WeakMap<object, D1PreparedStatement>()
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      all: async () => count(await statement.all()),
      run: async () => count(await statement.run()),
      first: async (column?: string) => {
        const [row] = count(await statement.all()).results
        return row === undefined ? null : column === undefined ? row : row[column]
      },
    } as unknown as D1PreparedStatement
    statements.set(wrapped, statement)
    return wrapped
  }
  const counted = {
    prepare: (sql: string) => wrap(db.prepare(sql)),
    batch: async (given: D1PreparedStatement[]) =>
      (await db.batch(given.map((each) => statements.get(each) ?? each))).map(count),
  } as unknown as D1Database
  return { db: counted, rowsRead: () => rows }
}
