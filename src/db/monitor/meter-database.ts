/**
 * A database that reports the cost of each statement.
 *
 * @param count is called with the `meta` of every statement that succeeded
 */
export function meterDatabase(db: D1Database, count: (meta: D1Meta) => void): D1Database {
  const counted = <T>(result: D1Result<T>): D1Result<T> => {
    count(result.meta)
    return result
  }
  const originals = new WeakMap<object, D1PreparedStatement>()
  const watch = (statement: D1PreparedStatement): D1PreparedStatement => {
    const methods: Record<string | symbol, unknown> = {
      bind: (...values: unknown[]) => watch(statement.bind(...values)),
      all: async () => counted(await statement.all()),
      run: async () => counted(await statement.run()),
      first: async (column?: string) => {
        const [row] = counted(await statement.all<Record<string, unknown>>()).results
        return row === undefined ? null : column === undefined ? row : row[column]
      },
    }
    const watched = new Proxy<D1PreparedStatement>(statement, { get: pick(methods) })
    originals.set(watched, statement)
    return watched
  }
  const methods: Record<string | symbol, unknown> = {
    prepare: (sql: string) => watch(db.prepare(sql)),
    batch: async (statements: readonly D1PreparedStatement[]) =>
      (await db.batch(statements.map((each) => originals.get(each) ?? each))).map(counted),
  }
  return new Proxy<D1Database>(db, { get: pick(methods) })
}

function pick(methods: Readonly<Record<string | symbol, unknown>>) {
  return (target: object, name: string | symbol): unknown =>
    name in methods ? methods[name] : Reflect.get(target, name)
}
