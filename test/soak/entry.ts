import { exceedTimeLimits } from './limits.ts'
import receiver from '../../src/index.ts'
import { Broker, drawOutage, type ConsumerSettings } from './broker.ts'
import { D1_ERRORS, Fate } from './faults.ts'

/**
 * The receiver as it is deployed, with bindings that go wrong. What the sender sees is the receiver's;
 * only `/soak/…` is the test's own, to move time and to have the queue deliver.
 */
type Soak = {
  fate: Fate
  broker: Broker
  env: Env
  /** Writes that go on after the receiver has given them up. */
  lateWrites: number
  waitUntil(promise: Promise<unknown>): void
}

let soak: Soak | undefined

function begin(env: Env, seed: number, scale: number, consumers: ConsumerSettings[]): Soak {
  const fate = new Fate(seed, scale)
  const broker = new Broker(fate, consumers)
  const begun: Soak = { fate, broker, env, lateWrites: 0, waitUntil: () => {} }
  const DB = faultyDatabase(env.DB, begun)
  begun.env = { ...env, ACTIVITY_QUEUE: broker.toBinding(), DB }
  return begun
}

function faultyDatabase(db: D1Database, begun: Soak): D1Database {
  const { fate, broker } = begun
  let downUntil = 0
  const never = () => new Promise<never>(() => {})
  const batch = async (statements: D1PreparedStatement[]) => {
    if (fate.strikes('database is down for a while')) downUntil = broker.now + drawOutage(fate)
    if (broker.now < downUntil || fate.strikes('database fails')) {
      throw new Error(fate.random.pick(D1_ERRORS))
    }
    if (fate.strikes('database hangs')) {
      begun.waitUntil(exceedTimeLimits())
      return never()
    }
    if (fate.strikes('database commits after the time limit')) {
      begun.lateWrites++
      begun.waitUntil(commitLate(db, statements, begun))
      return never()
    }
    const results = await db.batch(statements)
    if (fate.strikes('database fails after it committed')) {
      throw new Error(fate.random.pick(D1_ERRORS))
    }
    return results
  }
  return { prepare: (sql: string) => db.prepare(sql), batch } as unknown as D1Database
}

async function commitLate(db: D1Database, statements: D1PreparedStatement[], begun: Soak) {
  await exceedTimeLimits()
  await db.batch(statements)
  begun.lateWrites--
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    const number = (name: string) => Number(searchParams.get(name))
    if (pathname === '/soak/begin') {
      soak = begin(env, number('seed'), number('scale'), await request.json())
    }
    if (!soak) return new Response('not begun', { status: 500 })
    const { fate, broker, env: faulty } = soak
    soak.waitUntil = (promise) => context.waitUntil(promise)
    if (!pathname.startsWith('/soak/')) return receiver.fetch(request, faulty, context)
    broker.now = Math.max(broker.now, number('now'))
    if (pathname === '/soak/calm') fate.isCalm = true
    if (pathname === '/soak/deliver') await broker.deliver((batch) => receiver.queue(batch, faulty))
    const { nextDueAt } = broker
    return Response.json({ nextDueAt, lateWrites: soak.lateWrites, counts: fate.counts })
  },
} satisfies ExportedHandler<Env>
