import { clock } from './clock.ts'
import { settle } from './limits.ts'
import receiver from '../../src/index.ts'
import {
  Broker,
  currentInvocation,
  limitGlobals,
  Runtime,
  type ConsumerSettings,
  type Plan,
} from '../strict/index.ts'
import { faultyBucket, faultyDatabase, faultyQueue, type World } from './bindings.ts'
import { Fate } from './faults.ts'
import { CUT_OFF, START } from './start.ts'

/**
 * The receiver as deployed, under Cloudflare's limits and with faulty bindings. It handles every request itself except
 * `/soak/…`, which the test uses to advance time and to make the queue deliver.
 */
type Soak = World & {
  env: Bindings
  broker: Broker
  runtime: Runtime
  /** Until when the deployed version throws as it starts: UTC milliseconds. */
  brokenUntil: number
}

type Bindings = Env & { ARCHIVE: R2Bucket }

type Start = {
  seed: number
  scale: number
  plan: Plan
  queues: { producers: { binding: string; queue: string }[]; consumers: ConsumerSettings[] }
}

let soak: Soak | undefined

Date.now = () => clock.now()
limitGlobals()

const RETRY_GRID_MS = 30_000
const MAX_BATCHES = 100 // in a call

function startSoak(env: Bindings, { seed, scale, plan, queues }: Start): Soak {
  const fate = new Fate(seed, scale)
  const runtime = new Runtime({
    plan,
    clock,
    killer: () => {
      if (!fate.strikes('invocation is killed')) return undefined
      return fate.random.chance(0.5) ? 'before' : 'after'
    },
  })
  const broker = new Broker({
    consumers: queues.consumers,
    clock,
    account: runtime.account,
    retentionMs: runtime.limits.queue.retentionMs,
    retryGridMs: RETRY_GRID_MS,
    choose: (due, max) => {
      if (due.length > 1 && fate.strikes('messages are out of order')) shuffle(due, fate)
      return due.slice(0, fate.random.between(1, max))
    },
    comesTwice: () => fate.strikes('message is delivered twice'),
  })
  const world = { fate, clock, hanging: 0 }
  const started: Soak = { ...world, broker, runtime, env, brokenUntil: 0 }
  const producers = queues.producers.map(({ binding, queue }) => [
    binding,
    faultyQueue(broker.toBinding(queue), started),
  ])
  started.env = {
    ...env,
    ...Object.fromEntries(producers),
    DB: faultyDatabase(env.DB, started),
    ARCHIVE: faultyBucket(env.ARCHIVE, fate),
  }
  return started
}

/** The deployed version, or for a while one that throws as it starts. */
function deployed({ fate, brokenUntil }: Soak): ExportedHandler<Bindings> {
  if (clock.now() < brokenUntil) {
    const fail = () => Promise.reject(new Error('the Worker threw as it started'))
    return { fetch: fail, queue: fail, scheduled: fail }
  }
  return {
    fetch: receiver.fetch as ExportedHandlerFetchHandler<Bindings>,
    scheduled: (controller, env) => receiver.scheduled(controller, env),
    async queue(batch, env) {
      const acknowledged = new Set<Message>()
      await receiver.queue(watchAcknowledged(batch, acknowledged), env)
      if (acknowledged.size > 0 && fate.strikes('consumer dies before it acknowledges')) {
        currentInvocation()?.kill('before it acknowledged')
      }
    },
  }
}

function watchAcknowledged(
  batch: MessageBatch<unknown>,
  acknowledged: Set<Message>,
): MessageBatch<unknown> {
  const messages = batch.messages.map((message) => ({
    ...message,
    ack: () => {
      acknowledged.add(message)
      message.ack()
    },
  }))
  return { ...batch, messages }
}

/** The request, whose connection breaks during its body if it says so. */
async function cutOff(request: Request): Promise<Request> {
  const after = request.headers.get(CUT_OFF)
  if (after === null) return request
  // Read as a whole first: what arrives must not depend on the network.
  const whole = new Uint8Array(await request.arrayBuffer())
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(whole.subarray(0, Number(after)))
    },
    pull(controller) {
      controller.error(new Error('Network connection lost.'))
    },
  })
  const { method, headers, url } = request
  return new Request(url, { method, headers, body })
}

/** By queue, and why they were deleted. */
function countDeleted({ deleted }: Broker): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { queue, why } of deleted) {
    const kind = `${queue}, ${why}`
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

function shuffle(items: unknown[], { random }: Fate): void {
  for (let last = items.length - 1; last > 0; last--) {
    const chosen = random.between(0, last)
    ;[items[last], items[chosen]] = [items[chosen], items[last]]
  }
}

/** Delivers the messages that are due before the next thing happens. @param until UTC milliseconds */
async function deliver(soak: Soak, until: number): Promise<void> {
  const { broker, runtime, env } = soak
  for (let batches = 0; batches < MAX_BATCHES; batches++) {
    await broker.deliver(async (batch) => {
      const { outcome } = await runtime.queue(deployed(soak), batch, env)
      return outcome === 'ok'
    })
    await finish(soak)
    const next = broker.nextDueAt ?? Infinity
    if (Math.max(clock.now(), next) >= until) return
    clock.moveTo(next)
  }
}

/** Waits for all work: the runtime would cancel what a killed invocation leaves, at a moment of its own. */
async function finish(soak: Soak): Promise<void> {
  do await settle()
  while (soak.hanging > 0)
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    const number = (name: string) => Number(searchParams.get(name))
    if (pathname === '/soak/start') soak = startSoak(env, await request.json())
    if (!soak) return new Response('not started', { status: 500 })
    const { fate, broker, runtime, env: faulty } = soak
    clock.moveTo(Number(request.headers.get('Soak-Time')))
    if (!pathname.startsWith('/soak/')) {
      const received = await cutOff(request)
      const { response } = await runtime.fetch(deployed(soak), received, faulty)
      await finish(soak)
      return response
    }
    if (pathname === '/soak/calm') fate.isCalm = true
    if (pathname === '/soak/storm') fate.isCalm = false
    if (pathname === '/soak/break') soak.brokenUntil = number('until')
    if (pathname === '/soak/spend') {
      runtime.account.add({
        rowsWritten: number('rowsWritten'),
        queueOperations: number('queueOperations'),
      })
    }
    if (pathname === '/soak/maintenance') {
      const controller = { scheduledTime: Date.now() } as ScheduledController
      // Whatever it throws, Cloudflare calls again on schedule.
      await runtime.scheduled(deployed(soak), controller, faulty)
    }
    if (pathname === '/soak/deliver') await deliver(soak, number('until'))
    await finish(soak)
    return Response.json({
      nextDueAt: broker.nextDueAt === null ? null : broker.nextDueAt - START,
      time: clock.now(),
      deleted: countDeleted(broker),
      counts: fate.counts,
    })
  },
} satisfies ExportedHandler<Bindings>
