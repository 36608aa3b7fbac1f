/** Where a call breaks off: before it does anything, or after, when nobody hears of it. */
export type Crash = { call: number; when: 'before' | 'after' }

/** What counts calls, and breaks off at one of them. */
export class Crashing {
  calls = 0
  readonly #crash: Crash | undefined

  constructor(crash?: Crash) {
    this.#crash = crash
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    const isHere = ++this.calls === this.#crash?.call
    if (isHere && this.#crash?.when === 'before') throw new Error('Network connection lost')
    const result = await work()
    if (isHere) throw new Error('Network connection lost')
    return result
  }

  database(db: D1Database): D1Database {
    const real = new WeakMap<object, D1PreparedStatement>()
    const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
      const wrapped = {
        bind: (...values: unknown[]) => wrap(statement.bind(...values)),
        first: (...column: [string]) => this.#run(() => statement.first(...column)),
        all: () => this.#run(() => statement.all()),
        run: () => this.#run(() => statement.run()),
      } as unknown as D1PreparedStatement
      real.set(wrapped, statement)
      return wrapped
    }
    return {
      prepare: (sql: string) => wrap(db.prepare(sql)),
      batch: (statements: D1PreparedStatement[]) =>
        this.#run(() => db.batch(statements.map((each) => real.get(each) ?? each))),
    } as unknown as D1Database
  }

  bucket(bucket: R2Bucket): R2Bucket {
    return {
      get: (key: string, options: R2GetOptions) => this.#run(() => bucket.get(key, options)),
      head: (key: string) => this.#run(() => bucket.head(key)),
      put: (key: string, value: ArrayBuffer, options: R2PutOptions) =>
        this.#run(() => bucket.put(key, value, options)),
      delete: (key: string) => this.#run(() => bucket.delete(key)),
    } as unknown as R2Bucket
  }
}
