/** The load on a database. It is undocumented whether D1 counts a batch once or by its statements. */
export type Calls = { calls: number; statements: number }

/** Wraps a database to count its calls and statements. */
export function countCalls(db: D1Database): { db: D1Database; made: Calls } {
  const made = { calls: 0, statements: 0 }
  const originals = new WeakMap<object, D1PreparedStatement>()
  const note = (statements: number) => {
    made.calls++
    made.statements += statements
  }
  const watch = (statement: D1PreparedStatement): D1PreparedStatement => {
    const methods: Record<string | symbol, unknown> = {
      bind: (...values: unknown[]) => watch(statement.bind(...values)),
      all: () => {
        note(1)
        return statement.all()
      },
      run: () => {
        note(1)
        return statement.run()
      },
      first: (...column: [string]) => {
        note(1)
        return statement.first(...column)
      },
    }
    const watched = new Proxy<D1PreparedStatement>(statement, {
      get: (target, name) => (name in methods ? methods[name] : Reflect.get(target, name)),
    })
    originals.set(watched, statement)
    return watched
  }
  const watched = {
    prepare: (sql: string) => watch(db.prepare(sql)),
    batch: (given: readonly D1PreparedStatement[]) => {
      note(given.length)
      return db.batch(given.map((each) => originals.get(each) ?? each))
    },
  }
  return { db: watched as unknown as D1Database, made }
}
