/**
 * The database, and how many rows were written or read through it: what D1 bills. What fails is not counted.
 */
export function countRows(
  db: D1Database,
  what: 'rows_written' | 'rows_read',
): { db: D1Database; rows: () => number } {
  let rows = 0
  const count = <T>(result: D1Result<T>): D1Result<T> => {
    rows += result.meta[what]
    return result
  }
  const originals = new WeakMap<object, D1PreparedStatement>()
  const watch = (statement: D1PreparedStatement): D1PreparedStatement => {
    const methods: Record<string | symbol, unknown> = {
      bind: (...values: unknown[]) => watch(statement.bind(...values)),
      all: async () => count(await statement.all()),
      run: async () => count(await statement.run()),
      first: async (column?: string) => {
        const [row] = count(await statement.all<Record<string, unknown>>()).results
        return row === undefined ? null : column === undefined ? row : row[column]
      },
    }
    const watched = new Proxy<D1PreparedStatement>(statement, { get: pick(methods) })
    originals.set(watched, statement)
    return watched
  }
  const methods: Record<string | symbol, unknown> = {
    prepare: (sql: string) => watch(db.prepare(sql)),
    batch: async (given: readonly D1PreparedStatement[]) =>
      (await db.batch(given.map((each) => originals.get(each) ?? each))).map(count),
  }
  const watched = new Proxy<D1Database>(db, { get: pick(methods) })
  return { db: watched, rows: () => rows }
}

function pick(methods: Readonly<Record<string | symbol, unknown>>) {
  return (target: object, name: string | symbol): unknown =>
    name in methods ? methods[name] : Reflect.get(target, name)
}
