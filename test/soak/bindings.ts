import { drawOutage, type Broker } from './broker.ts'
import { D1_ERRORS, type Fate } from './faults.ts'
import { exceedTimeLimits } from './limits.ts'

const DAY = 86_400_000

/** The environment of the bindings. */
export type World = {
  fate: Fate
  broker: Broker
  /** Writes still running after the receiver has given up on them. */
  lateWrites: number
  waitUntil(promise: Promise<unknown>): void
}

/** A database that fails with D1's real errors, hangs, or commits and then reports an error. */
export function faultyDatabase(db: D1Database, world: World): D1Database {
  const { fate, broker } = world
  const real = new WeakMap<object, D1PreparedStatement>()
  let downUntil = -DAY
  const fail = () => {
    throw new Error(fate.random.pick(D1_ERRORS))
  }
  const isDown = () => !fate.isCalm && broker.now < downUntil
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDown() || fate.strikes('database fails')) fail()
    const result = await work()
    if (fate.strikes('database fails after it committed')) fail()
    return result
  }
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values)),
      first: (...column: [string]) => attempt(() => statement.first(...column)),
      all: () => attempt(() => statement.all()),
      run: () => attempt(() => statement.run()),
    } as unknown as D1PreparedStatement
    real.set(wrapped, statement)
    return wrapped
  }
  const never = () => new Promise<never>(() => {})
  const batch = async (wrapped: D1PreparedStatement[]) => {
    const statements = wrapped.map((each) => real.get(each) ?? each)
    // At most once a day: no message survives an outage that outlasts all of its retries.
    if (broker.now > downUntil + DAY && fate.strikes('database is down for a while')) {
      downUntil = broker.now + drawOutage(fate)
    }
    if (fate.strikes('database hangs')) {
      world.waitUntil(exceedTimeLimits())
      return never()
    }
    if (fate.strikes('database commits after the time limit')) {
      world.lateWrites++
      world.waitUntil(commitLate(db, statements, world))
      return never()
    }
    return attempt(() => db.batch(statements))
  }
  return { prepare: (sql: string) => wrap(db.prepare(sql)), batch } as unknown as D1Database
}

async function commitLate(
  db: D1Database,
  statements: D1PreparedStatement[],
  world: World,
): Promise<void> {
  await exceedTimeLimits()
  // The database may reject it by now because the contact was erased; nothing waits for the result.
  await db.batch(statements).catch(() => {})
  world.lateWrites--
}

/** A bucket that fails before or after a call. */
export function faultyBucket(bucket: R2Bucket, fate: Fate): R2Bucket {
  const fail = () => {
    throw new Error('We encountered an internal error. Please try again. (10001)')
  }
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (fate.strikes('bucket fails')) fail()
    const result = await work()
    if (fate.strikes('bucket fails after it responded')) fail()
    return result
  }
  return {
    get: (key: string, options: R2GetOptions) => attempt(() => bucket.get(key, options)),
    head: (key: string) => attempt(() => bucket.head(key)),
    put: (key: string, value: ArrayBuffer, options: R2PutOptions) =>
      attempt(() => bucket.put(key, value, options)),
    delete: (key: string) => attempt(() => bucket.delete(key)),
  } as unknown as R2Bucket
}
