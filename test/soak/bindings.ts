import type { Clock } from '../strict/index.ts'
import { D1_ERRORS, type Fate } from './faults.ts'
import { exceedTimeLimits, finishFirst } from './limits.ts'

const DAY = 86_400_000
const OUTAGE_MINUTES = [5, 30, 240, 1_560] // the longest is over a day

/** The environment of the bindings. */
export type World = {
  fate: Fate
  clock: Clock
  /** Calls that hang: the receiver has given up on them or is about to. */
  hanging: number
}

/** A database that fails with D1's real errors, hangs, or commits and then reports an error. */
export function faultyDatabase(db: D1Database, world: World): D1Database {
  const { fate, clock } = world
  const real = new WeakMap<object, D1PreparedStatement>()
  let downUntil = -Infinity
  const draw = () => new Error(fate.random.pick(D1_ERRORS))
  const fail = () => {
    throw draw()
  }
  const isDown = () => !fate.isCalm && clock.now() < downUntil
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDown() || fate.strikes('database fails')) fail()
    // Drawn first: of calls at once, any may be the first to end.
    const error = fate.strikes('database fails after it committed') ? draw() : undefined
    const result = await finishFirst(work)
    if (error) throw error
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
  const batch = async (wrapped: D1PreparedStatement[]) => {
    const statements = wrapped.map((each) => real.get(each) ?? each)
    // At most once a day: no message survives an outage that outlasts all of its retries.
    if (clock.now() > downUntil + DAY && fate.strikes('database is down for a while')) {
      downUntil = clock.now() + drawOutage(fate)
    }
    if (fate.strikes('database hangs')) {
      return hang(world)
    }
    if (fate.strikes('database commits after the time limit')) {
      return hang(world, () => db.batch(statements))
    }
    return attempt(() => db.batch(statements))
  }
  return { prepare: (sql: string) => wrap(db.prepare(sql)), batch } as unknown as D1Database
}

/** A producer that is down, hangs, or fails after it accepted. */
export function faultyQueue(queue: Queue, world: World): Queue {
  const { fate, clock } = world
  let downUntil = -Infinity
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (fate.strikes('queue is down for a while')) downUntil = clock.now() + drawOutage(fate)
    if (clock.now() < downUntil || fate.strikes('queue rejects')) {
      throw new Error('Queue sendBatch failed: Service Unavailable')
    }
    if (fate.strikes('queue hangs')) {
      return hang(world)
    }
    const fails = fate.strikes('queue fails after it accepted')
    const result = await finishFirst(work)
    if (fails) throw new Error('Queue sendBatch failed: timeout')
    return result
  }
  return {
    send: (body: unknown, options?: QueueSendOptions) => attempt(() => queue.send(body, options)),
    sendBatch: (messages: MessageSendRequest[], options?: QueueSendBatchOptions) =>
      attempt(() => queue.sendBatch(messages, options)),
    metrics: () => queue.metrics(),
  } as Queue
}

/** How long an outage lasts, in milliseconds. */
function drawOutage({ random }: Fate): number {
  return random.pick(OUTAGE_MINUTES) * 60_000
}

/** A call that does not return. @param late what it does once the receiver has given up on it */
function hang(world: World, late: () => Promise<unknown> = async () => {}): Promise<never> {
  world.hanging++
  void exceedTimeLimits()
    .then(() => finishFirst(late))
    // The database may reject it by now because the contact was erased; nothing waits for the result.
    .catch(() => {})
    .finally(() => world.hanging--)
  return new Promise<never>(() => {})
}

const READING = new Set<unknown>([
  'body',
  'bodyUsed',
  'arrayBuffer',
  'bytes',
  'text',
  'json',
  'blob',
] satisfies (keyof R2ObjectBody)[])

/** An object whose content was read, so that nothing waits for it later. */
async function getWhole(bucket: R2Bucket, key: string, options: R2GetOptions): Promise<unknown> {
  const object = await bucket.get(key, options)
  if (!object || !('body' in object)) return object
  const content = new Response(await object.arrayBuffer())
  return new Proxy(object, {
    get(_object, name) {
      const owner = READING.has(name) ? content : object
      const value: unknown = Reflect.get(owner, name, owner)
      return typeof value === 'function' ? (value.bind(owner) as unknown) : value
    },
  })
}

/** A bucket that fails before or after a call. */
export function faultyBucket(bucket: R2Bucket, fate: Fate): R2Bucket {
  const fail = () => {
    throw new Error('We encountered an internal error. Please try again. (10001)')
  }
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (fate.strikes('bucket fails')) fail()
    const fails = fate.strikes('bucket fails after it responded')
    const result = await finishFirst(work)
    if (fails) fail()
    return result
  }
  return {
    get: (key: string, options: R2GetOptions) => attempt(() => getWhole(bucket, key, options)),
    list: (options: R2ListOptions) => attempt(() => bucket.list(options)),
    head: (key: string) => attempt(() => bucket.head(key)),
    put: (key: string, value: ArrayBuffer, options: R2PutOptions) =>
      attempt(() => bucket.put(key, value, options)),
    delete: (key: string | string[]) => attempt(() => bucket.delete(key)),
  } as unknown as R2Bucket
}
