import { makeBodies } from './bodies.ts'
import { inTurn } from './median.ts'
import type { Used } from './meter-worker.ts'
import type { NodeRed } from './node-red.ts'
import { readMemory, readProcessorMs } from './runtime-process.ts'
import type { Server } from './server.ts'
import type { PlainSqlite, ReceiverSqlite } from './sqlite.ts'

/** The measured sizes of POSTs, in events. */
export const SIZES = [1, 4, 14, 50, 100, 500] as const

/** Something that stores events. */
export type Store = {
  name: string
  /** @returns the seconds from the first body until everything is stored */
  save: (bodies: readonly Buffer[]) => Promise<number>
  /** Set for a Worker. */
  server?: Server
}

/** The average use of an event; `processorMs` is for the whole runtime, including queue and database. */
export type Cost = Pick<Used, 'rowsRead' | 'rowsWritten' | 'queueOperations'> & {
  processorMs: number
}

/** The results for one size of POSTs, by the names of the stores. */
export type Storing = {
  /** Events per second, in each round. */
  rates: ReadonlyMap<string, readonly number[]>
  /** The costs of the stores that are Workers. */
  costs: ReadonlyMap<string, Cost>
}

const GROWING = { eventsEach: 500, bodies: 40 }

/** Measures a Worker from the first POST until its queue is empty. */
export function workerStore(name: string, server: Server): Store {
  const save = async (bodies: readonly Buffer[]) =>
    timed(async () => {
      await server.post(bodies)
      await server.untilConsumed()
    })
  return { name, save, server }
}

export function nodeRedStore(nodeRed: NodeRed): Store {
  return { name: 'Node-RED', save: (bodies) => timed(() => nodeRed.post(bodies)) }
}

export function plainStore(sqlite: PlainSqlite): Store {
  return { name: 'SQLite itself', save: (bodies) => timed(async () => sqlite.post(bodies)) }
}

export function limitStore(sqlite: ReceiverSqlite): Store {
  const save = (bodies: readonly Buffer[]) => {
    const chunks = sqlite.prepare(bodies)
    return timed(() => sqlite.save(chunks))
  }
  return { name: 'SQLite, the receiver’s statements', save }
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await run()
  return (performance.now() - start) / 1_000
}

/**
 * Fills all stores equally, in turn, with slices of the same events.
 *
 * @returns MB of each runtime's memory after each slice, by the names of the stores
 */
export async function growAlike(
  stores: readonly Store[],
  events: number,
  seed: number,
): Promise<ReadonlyMap<string, number[]>> {
  const memory = new Map<string, number[]>(stores.map(({ name }) => [name, []]))
  const { eventsEach } = GROWING
  let slice: Buffer[] = []
  let slices = 0
  const save = async () => {
    for (const { name, save, server } of inTurn(stores, slices)) {
      await save(slice)
      if (server?.processId) memory.get(name)?.push(readMemory(server.processId))
    }
    slice = []
    slices++
  }
  for (const body of makeBodies(Math.ceil(events / eventsEach), eventsEach, seed)) {
    slice.push(body)
    if (slice.length === GROWING.bodies) await save()
  }
  if (slice.length > 0) await save()
  return memory
}

/**
 * Measures the events stored per second and their costs, in turn with the same events.
 *
 * @param eventsEach per POST
 * @param options the number of rounds, and of events in each
 */
export async function measureStoring(
  stores: readonly Store[],
  eventsEach: number,
  { rounds, events }: { rounds: number; events: number },
): Promise<Storing> {
  const count = Math.ceil(events / eventsEach)
  const rates = new Map<string, number[]>(stores.map(({ name }) => [name, []]))
  const costs = new Map<string, Cost>()
  for (let round = 0; round < rounds; round++) {
    const bodies = [...makeBodies(count, eventsEach, 100 * eventsEach + round)]
    for (const { name, save, server } of inTurn(stores, round)) {
      const before = server && (await readCost(server))
      const seconds = await save(bodies)
      rates.get(name)?.push((count * eventsEach) / seconds)
      if (!before) continue
      const used = subtract(await readCost(server), before)
      // Elapsed time if the system has no /proc.
      const processorMs = server.processId ? used.processorMs : seconds * 1_000
      const all = { ...used, processorMs }
      const events = count * eventsEach * rounds
      const earlier = costs.get(name) ?? NOTHING
      costs.set(
        name,
        combine(earlier, all, (sum, each) => sum + each / events),
      )
    }
  }
  return { rates, costs }
}

const NOTHING: Cost = { rowsRead: 0, rowsWritten: 0, queueOperations: 0, processorMs: 0 }

/** The use of a Worker since it started. */
async function readCost(server: Server): Promise<Cost> {
  const processorMs = server.processId ? readProcessorMs(server.processId) : 0
  return { ...(await server.readUsed()), processorMs }
}

function subtract(all: Cost, before: Cost): Cost {
  return combine(all, before, (now, then) => now - then)
}

function combine(a: Cost, b: Cost, join: (a: number, b: number) => number): Cost {
  return {
    rowsRead: join(a.rowsRead, b.rowsRead),
    rowsWritten: join(a.rowsWritten, b.rowsWritten),
    queueOperations: join(a.queueOperations, b.queueOperations),
    processorMs: join(a.processorMs, b.processorMs),
  }
}
