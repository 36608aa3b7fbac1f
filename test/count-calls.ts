/** How much was asked of a database. Whether D1 counts a batch once or by its statements, nobody says. */
export type Calls = { calls: number; statements: number }

/** The database, and how often it was asked; each statement too, in order, where a test fails. */
export function countCalls(db: D1Database): { db: D1Database; made: Calls; log: string[] } {
  const made = { calls: 0, statements: 0 }
  const log: string[] = []
  const originals = new WeakMap<object, { statement: D1PreparedStatement; sql: string }>()
  const note = (sqls: readonly string[]) => {
    made.calls++
    made.statements += sqls.length
    log.push(sqls.map((sql) => sql.trim().replace(/\s+/g, ' ').slice(0, 120)).join(' | '))
  }
  const watch = (statement: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const methods: Record<string | symbol, unknown> = {
      bind: (...values: unknown[]) => watch(statement.bind(...values), sql),
      all: () => {
        note([sql])
        return statement.all()
      },
      run: () => {
        note([sql])
        return statement.run()
      },
      first: (...column: [string]) => {
        note([sql])
        return statement.first(...column)
      },
    }
    const watched = new Proxy<D1PreparedStatement>(statement, {
      get: (target, name) => (name in methods ? methods[name] : Reflect.get(target, name)),
    })
    originals.set(watched, { statement, sql })
    return watched
  }
  const watched = {
    prepare: (sql: string) => watch(db.prepare(sql), sql),
    batch: (given: readonly D1PreparedStatement[]) => {
      const found = given.flatMap((each) => originals.get(each) ?? [])
      note(found.map(({ sql }) => sql))
      return db.batch(found.map(({ statement }) => statement))
    },
  }
  return { db: watched as unknown as D1Database, made, log }
}
