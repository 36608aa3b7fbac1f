import { createHash } from 'node:crypto'
import { seededRandom } from '../../strict/index.ts'

/** Something that will happen; whoever holds it can cancel it. */
export type Planned = { time: number; order: number; name: string; act: (() => void) | undefined }

const settle = setImmediate

/** Lets everything go on that waits for nothing but other code: all microtasks run first. */
function untilAllWait(): Promise<void> {
  return new Promise((resolve) => settle(resolve))
}

/**
 * Virtual time, and what happens in it, one thing after the other: what happens at the same millisecond does so in an
 * order that the seed draws. Between two things, all code runs until it waits. Time in which nothing happens costs
 * nothing.
 */
export class Scheduler {
  /** From 0 to below 1. */
  readonly random: () => number
  /** Things that happened. */
  steps = 0
  /** What a step left to check; it may throw. */
  afterStep: () => void = () => {}
  readonly #heap: Planned[] = []
  readonly #trace = createHash('sha256')
  readonly #onTrace: (line: string) => void
  #now: number

  /**
   * @param start UTC milliseconds
   * @param onTrace gets each line of the trace
   */
  constructor(seed: number, start: number, onTrace: (line: string) => void = () => {}) {
    this.random = seededRandom(seed)
    this.#now = start
    this.#onTrace = onTrace
  }

  /** UTC milliseconds. */
  now = (): number => this.#now

  /** Plans something. @param time UTC milliseconds; what has passed happens next */
  at(time: number, name: string, act: () => void): Planned {
    const order = this.random()
    const planned = { time: Math.max(time, this.#now), order, name, act }
    push(this.#heap, planned)
    return planned
  }

  /** Waits for so long. @param ms milliseconds */
  wait(ms: number, name: string): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + ms, name, resolve))
  }

  /** Adds a line to the trace. */
  note(line: string): void {
    const text = `${this.#now} ${line}\n`
    this.#trace.update(text)
    this.#onTrace(text)
  }

  /** The digest of everything that happened so far, in that order. */
  digest(): string {
    return this.#trace.copy().digest('hex').slice(0, 16)
  }

  /** Lets everything happen that is planned before a time, and what follows from it. */
  async runUntil(time: number): Promise<void> {
    await untilAllWait()
    for (;;) {
      const next = this.#heap[0]
      if (!next || next.time >= time) break
      pop(this.#heap)
      if (!next.act) continue
      this.#now = next.time
      this.steps++
      this.note(next.name)
      next.act()
      await untilAllWait()
      this.afterStep()
    }
    this.#now = Math.max(this.#now, time)
  }

  /** Lets time pass until a promise settles. @param patience throws after so many milliseconds */
  async runFor<T>(promise: Promise<T>, patience: number): Promise<T> {
    let isSettled = false
    const noted = promise.finally(() => (isSettled = true))
    noted.catch(() => {})
    const end = this.#now + patience
    while (!isSettled) {
      await untilAllWait()
      if (isSettled) break
      const next = this.#heap[0]
      if (!next || next.time > end) throw new Error(`nothing came of it by ${toText(this.#now)}`)
      await this.runUntil(next.time + 1)
    }
    return noted
  }
}

/** Cancels something that was planned. */
export function cancel(planned: Planned): void {
  planned.act = undefined
}

export function toText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order)
}

/** Adds to a binary heap. */
function push(heap: Planned[], planned: Planned): void {
  let index = heap.push(planned) - 1
  while (index > 0) {
    const above = (index - 1) >>> 1
    const parent = heap[above] as Planned
    if (isBefore(parent, planned)) break
    heap[index] = parent
    index = above
  }
  heap[index] = planned
}

/** Removes the first of a binary heap. */
function pop(heap: Planned[]): void {
  const last = heap.pop() as Planned
  if (heap.length === 0) return
  let index = 0
  for (;;) {
    let below = 2 * index + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && isBefore(heap[below + 1] as Planned, heap[below] as Planned)) {
      below++
    }
    if (isBefore(last, heap[below] as Planned)) break
    heap[index] = heap[below] as Planned
    index = below
  }
  heap[index] = last
}
