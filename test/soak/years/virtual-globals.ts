import { AsyncLocalStorage } from 'node:async_hooks'
import crypto, { webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { cancel, type Planned, type Scheduler } from './scheduler.ts'

/**
 * Has time, timers and chance of this process follow a scheduler, so that nothing depends on the machine. What the
 * simulation itself needs of the real ones, it takes before.
 */

const RealDate = Date
let current: Scheduler | undefined

/** Follows a scheduler from now on, instead of the one before. */
export function follow(scheduler: Scheduler): void {
  current = scheduler
}

function scheduler(): Scheduler {
  if (!current) throw new Error('there is no scheduler to follow')
  return current
}

class VirtualDate extends RealDate {
  static override now(): number {
    return scheduler().now()
  }

  constructor(...values: [] | [value: number]) {
    if (values.length === 0) super(scheduler().now())
    else super(...values)
  }
}

type Callback = (...values: unknown[]) => void

function setTimeout(callback: Callback, ms = 0, ...values: unknown[]): Planned {
  const due = scheduler().now() + Math.max(1, ms)
  const bound = AsyncLocalStorage.bind(callback)
  return scheduler().at(due, 'timer', () => bound(...values))
}

function clearTimeout(planned?: Planned): void {
  if (planned) cancel(planned)
}

function setInterval(): never {
  throw new Error('no interval is simulated')
}

/** Aborts after virtual time. */
function abortAfter(ms: number): AbortSignal {
  const controller = new AbortController()
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  setTimeout(() => controller.abort(reason), ms)
  return controller.signal
}

function fillAtRandom<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let index = 0; index < bytes.length; index++) bytes[index] = scheduler().random() * 256
  return view
}

function randomUuid(): string {
  const hex = Buffer.from(fillAtRandom(new Uint8Array(16))).toString('hex')
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
  ]
  return `${groups.join('-')}-${hex.slice(20)}`
}

Object.assign(globalThis, { Date: VirtualDate, setTimeout, clearTimeout, setInterval })
Object.assign(AbortSignal, { timeout: abortAfter })
Object.assign(Math, { random: () => scheduler().random() })
Object.assign(performance, { now: () => scheduler().now() })
Object.assign(webcrypto, { getRandomValues: fillAtRandom, randomUUID: randomUuid })
Object.assign(crypto, { randomBytes: (size: number) => fillAtRandom(Buffer.alloc(size)) })
syncBuiltinESMExports()
