import './limits.ts'
import receiver from '../../src/index.ts'
import { consumeBatch } from '../../src/consume-batch.ts'
import type { SyncDeps } from '../../src/sync/process-slice.ts'
import { faultyBucket, faultyDatabase, type World } from './bindings.ts'
import { Broker, type ConsumerSettings } from './broker.ts'
import { Fate } from './faults.ts'
import { START } from './start.ts'

/**
 * The receiver as it is deployed, with bindings that go wrong. What the sender sees is the receiver's;
 * only `/soak/…` is the test's own, to move time and to have the queue deliver.
 */
type Soak = World & { env: Bindings }

let soak: Soak | undefined

/** The receiver's clock is Yespo's: when events happen, and which are old, is a matter of its time. */
let clock = 0

function setClock(time: number): void {
  clock = Math.max(clock, time)
  Date.now = () => clock
}

const TASKS = 'yespo-tasks'
const MAX_BATCHES = 100 // in a call

/** Calls tell Yespo's API the time, and keep its pace without waiting. */
const deps: SyncDeps = {
  get: (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('Soak-Time', String(clock))
    return fetch(input, { ...init, headers })
  },
  wait: async (ms) => setClock(clock + ms),
  nextCallAt: 0,
}

type Bindings = Env & { ARCHIVE: R2Bucket }

function begin(env: Bindings, seed: number, scale: number, consumers: ConsumerSettings[]): Soak {
  const fate = new Fate(seed, scale)
  const broker = new Broker(fate, consumers)
  const begun: Soak = { fate, broker, env, lateWrites: 0, waitUntil: () => {} }
  const DB = faultyDatabase(env.DB, begun)
  begun.env = {
    ...env,
    ACTIVITY_QUEUE: broker.toBinding(),
    TASKS: broker.toBinding(TASKS),
    DEAD_LETTERS: { metrics: async () => ({ backlogCount: 0, backlogBytes: 0 }) } as Queue,
    DB,
    ARCHIVE: faultyBucket(env.ARCHIVE, fate),
  }
  return begun
}

/** Has the queue deliver what is due before something else happens. @param until UTC milliseconds */
async function deliver(broker: Broker, env: Bindings, until: number): Promise<void> {
  for (let batches = 0; batches < MAX_BATCHES; batches++) {
    await broker.deliver((batch) => consumeBatch(batch, env, deps))
    const next = START + (broker.nextDueAt ?? Infinity)
    if (Math.max(clock, next) >= until) return
    setClock(next)
    broker.now = clock - START
  }
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
    setClock(Number(request.headers.get('Soak-Time')))
    broker.now = Math.max(broker.now, clock - START)
    soak.waitUntil = (promise) => context.waitUntil(promise)
    if (!pathname.startsWith('/soak/')) return receiver.fetch(request, faulty, context)
    if (pathname === '/soak/calm') fate.isCalm = true
    if (pathname === '/soak/storm') fate.isCalm = false
    if (pathname === '/soak/look-after') {
      const controller = { scheduledTime: Date.now() } as ScheduledController
      // The platform logs what is thrown, and comes again.
      await receiver.scheduled(controller, faulty).catch(() => {})
    }
    if (pathname === '/soak/deliver') await deliver(broker, faulty, number('until'))
    const { nextDueAt } = broker
    const { lateWrites } = soak
    return Response.json({ nextDueAt, time: clock, lateWrites, counts: fate.counts })
  },
} satisfies ExportedHandler<Bindings>
