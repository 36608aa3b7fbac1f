import './limits.ts'
import receiver from '../../src/index.ts'
import { consumeBatch } from '../../src/consume-batch.ts'
import type { SyncDeps } from '../../src/sync/process-slice.ts'
import { faultyBucket, faultyDatabase, type World } from './bindings.ts'
import { Broker, type ConsumerSettings } from './broker.ts'
import { Fate } from './faults.ts'
import { START } from './start.ts'

/**
 * The receiver as deployed, with faulty bindings. It handles every request itself except `/soak/…`,
 * which the test uses to advance time and to make the queue deliver.
 */
type Soak = World & { env: Bindings }

let soak: Soak | undefined

/** The receiver's clock shows Yespo's time, which decides when events happen and which are old. */
let clock = 0

function setClock(time: number): void {
  clock = Math.max(clock, time)
  Date.now = () => clock
}

const TASKS = 'yespo-tasks'
const MAX_BATCHES = 100 // in a call

/** Passes the time to Yespo's API, and keeps to its rate limit without waiting. */
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

function startSoak(
  env: Bindings,
  seed: number,
  scale: number,
  consumers: ConsumerSettings[],
): Soak {
  const fate = new Fate(seed, scale)
  const broker = new Broker(fate, consumers)
  const started: Soak = { fate, broker, env, lateWrites: 0, waitUntil: () => {} }
  const DB = faultyDatabase(env.DB, started)
  started.env = {
    ...env,
    ACTIVITY_QUEUE: broker.toBinding(),
    TASKS: broker.toBinding(TASKS),
    DEAD_LETTERS: { metrics: async () => ({ backlogCount: 0, backlogBytes: 0 }) } as Queue,
    DB,
    ARCHIVE: faultyBucket(env.ARCHIVE, fate),
  }
  return started
}

/** Delivers the messages that are due before the next thing happens. @param until UTC milliseconds */
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
    if (pathname === '/soak/start') {
      soak = startSoak(env, number('seed'), number('scale'), await request.json())
    }
    if (!soak) return new Response('not started', { status: 500 })
    const { fate, broker, env: faulty } = soak
    setClock(Number(request.headers.get('Soak-Time')))
    broker.now = Math.max(broker.now, clock - START)
    soak.waitUntil = (promise) => context.waitUntil(promise)
    if (!pathname.startsWith('/soak/')) return receiver.fetch(request, faulty, context)
    if (pathname === '/soak/calm') fate.isCalm = true
    if (pathname === '/soak/storm') fate.isCalm = false
    if (pathname === '/soak/maintenance') {
      const controller = { scheduledTime: Date.now() } as ScheduledController
      // Cloudflare logs an exception, and calls again on schedule.
      await receiver.scheduled(controller, faulty).catch(() => {})
    }
    if (pathname === '/soak/deliver') await deliver(broker, faulty, number('until'))
    const { nextDueAt } = broker
    const { lateWrites } = soak
    return Response.json({ nextDueAt, time: clock, lateWrites, counts: fate.counts })
  },
} satisfies ExportedHandler<Bindings>
