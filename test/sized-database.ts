/** A database that says it has a size of its own. */
export function sizedDatabase(db: D1Database, size: () => number | Promise<number>): D1Database {
  const resize = async <T>(result: D1Result<T>) => ({
    ...result,
    meta: { ...result.meta, size_after: await size() },
  })
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement =>
    Object.assign(Object.create(statement), {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      all: async () => resize(await statement.all()),
    })
  const batch = async (statements: D1PreparedStatement[]) =>
    Promise.all((await db.batch(statements)).map(resize))
  return { prepare: (sql: string) => wrap(db.prepare(sql)), batch } as unknown as D1Database
}
