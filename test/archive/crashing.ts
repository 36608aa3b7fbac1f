/**
 * When a call crashes: before it does anything, or afterwards, without a response. With `isKill`, the runtime ends
 * the whole invocation there: no promise settles after that.
 */
export type Crash = { call: number; when: 'before' | 'after'; isKill?: boolean }

/** A database and a bucket that count calls, and crash at one of them. */
export class Crashing {
  calls = 0
  /** Settles once the invocation is killed. */
  readonly killed: Promise<void>
  readonly #crash: Crash | undefined
  #kill = () => {}
  #isDead = false

  constructor(crash?: Crash) {
    this.#crash = crash
    this.killed = new Promise((resolve) => (this.#kill = resolve))
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return new Promise<never>(() => {})
    const isHere = ++this.calls === this.#crash?.call
    if (isHere && this.#crash?.when === 'before') return this.#breakOff()
    const result = await work()
    return isHere ? this.#breakOff() : result
  }

  /** Ends the invocation: no call settles from now on. */
  die(): void {
    this.#isDead = true
    this.#kill()
  }

  #breakOff(): Promise<never> {
    if (!this.#crash?.isKill) return Promise.reject(new Error('Network connection lost'))
    this.die()
    return new Promise<never>(() => {})
  }

  /** @param bound is called with the values of each statement, and may throw */
  database(db: D1Database, bound: (values: readonly unknown[]) => void = () => {}): D1Database {
    const real = new WeakMap<object, D1PreparedStatement>()
    const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
      const wrapped = {
        bind: (...values: unknown[]) => {
          bound(values)
          return wrap(statement.bind(...values))
        },
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
      list: (options: R2ListOptions) => this.#run(() => bucket.list(options)),
      head: (key: string) => this.#run(() => bucket.head(key)),
      put: (key: string, value: ArrayBuffer, options: R2PutOptions) =>
        this.#run(() => bucket.put(key, value, options)),
      delete: (key: string) => this.#run(() => bucket.delete(key)),
    } as unknown as R2Bucket
  }
}
