import receiver from '../../src/index.ts'
import { Broker, drawOutage } from './broker.ts'
import { D1_ERRORS, Fate } from './faults.ts'

/**
 * The receiver as it is deployed, with bindings that go wrong. What the sender sees is the receiver's;
 * only `/soak/…` is the test's own, to move time and to have the queue deliver.
 */

/** All time limits are shorter by this, so that a hanging queue costs a test little. */
const HASTE = 60
const realSetTimeout = globalThis.setTimeout
globalThis.setTimeout = ((callback: () => void, ms = 0) =>
  realSetTimeout(callback, ms / HASTE)) as never

const LATE_MS = 130_000 // longer than any time limit of the receiver's
const STALL_MS = 2_000

type Soak = { fate: Fate; broker: Broker; env: Env; waitUntil(promise: Promise<unknown>): void }

let soak: Soak | undefined

function begin(env: Env, seed: number, scale: number): Soak {
  const fate = new Fate(seed, scale)
  const broker = new Broker(fate)
  const begun: Soak = { fate, broker, env, waitUntil: () => {} }
  const DB = faultyDatabase(env.DB, begun)
  begun.env = { ...env, ACTIVITY_QUEUE: broker.toBinding(), DB }
  return begun
}

function faultyDatabase(db: D1Database, { fate, broker }: Soak): D1Database {
  let downUntil = 0
  const commitLate = async (statements: D1PreparedStatement[]) => {
    await sleep(LATE_MS)
    return db.batch(statements)
  }
  const batch = async (statements: D1PreparedStatement[]) => {
    if (fate.strikes('database is down for a while')) downUntil = broker.now + drawOutage(fate)
    if (broker.now < downUntil || fate.strikes('database fails'))
      throw new Error(fate.random.pick(D1_ERRORS))
    if (fate.strikes('database hangs')) return new Promise<never>(() => {})
    if (fate.strikes('database commits after the time limit')) {
      const late = commitLate(statements)
      soak?.waitUntil(late)
      return late
    }
    if (fate.strikes('database stalls')) await sleep(STALL_MS)
    const results = await db.batch(statements)
    if (fate.strikes('database fails after it committed')) throw new Error(D1_ERRORS[0])
    return results
  }
  return { prepare: (sql: string) => db.prepare(sql), batch } as unknown as D1Database
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    const number = (name: string) => Number(searchParams.get(name))
    if (pathname === '/soak/begin') soak = begin(env, number('seed'), number('scale'))
    if (!soak) return new Response('not begun', { status: 500 })
    const { fate, broker } = soak
    soak.waitUntil = (promise) => context.waitUntil(promise)
    if (!pathname.startsWith('/soak/')) return receiver.fetch(request, soak.env, context)
    broker.now = Math.max(broker.now, number('now'))
    if (pathname === '/soak/calm') fate.isCalm = true
    if (pathname === '/soak/deliver') {
      const { env: faulty } = soak
      await broker.deliver((batch) => receiver.queue(batch, faulty))
    }
    return Response.json({ size: broker.size, nextDueAt: broker.nextDueAt, counts: fate.counts })
  },
} satisfies ExportedHandler<Env>
