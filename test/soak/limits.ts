import { currentInvocation } from '../strict/index.ts'
import { clock } from './clock.ts'

/**
 * The receiver's timeouts of a second or more, which expire when fate says so and never by themselves: a soak need not
 * wait, and a slow machine does not change its course. (Yespo's API, which has a timeout by signal, answers at once.)
 */
const SHORTEST_LIMIT_MS = 1_000
const IDLE_TURNS = 3

const pending = new Map<number, () => void>()
const realSetTimeout = globalThis.setTimeout
const realClearTimeout = globalThis.clearTimeout
const realFetch = globalThis.fetch
let lastId = -1
let running = 0
let last = Promise.resolve()

function setTimeoutOnDemand(callback: () => void, ms = 0): number {
  if (ms < SHORTEST_LIMIT_MS) return Number(realSetTimeout(callback, ms))
  pending.set(--lastId, callback)
  return lastId
}

function clearTimeoutOnDemand(id: number | null | undefined): void {
  if (!pending.delete(id ?? 0)) realClearTimeout(id ?? null)
}

Object.assign(globalThis, {
  setTimeout: setTimeoutOnDemand,
  clearTimeout: clearTimeoutOnDemand,
  fetch: (...request: Parameters<typeof fetch>) => finishFirst(() => fetchWhole(...request)),
})

/**
 * Lets every pending timeout expire. An invocation that has none for what hangs is killed, as Cloudflare would do
 * after 15 minutes.
 *
 * @param invocation that waits
 */
export async function exceedTimeLimits(invocation = currentInvocation()): Promise<void> {
  await settle()
  const calls = invocation?.counts.calls
  const callbacks = [...pending.values()]
  pending.clear()
  for (const callback of callbacks) callback()
  await settle()
  if (invocation?.counts.calls === calls) invocation?.kill('it hung')
}

/** The response, whose body was read as far as it came. Yespo's API gets to know the time. */
async function fetchWhole(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const sent = new Headers(init?.headers)
  sent.set('Soak-Time', String(clock.now()))
  const { status, headers, body } = await realFetch(input, { ...init, headers: sent })
  const content = body && (await new Response(body).arrayBuffer().catch(breakOff))
  return new Response(content, { status, headers })
}

function breakOff(error: unknown): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.error(error) })
}

/**
 * Real work, one thing after the other: which of two ends first would depend on the machine. No timeout expires before
 * its end, on however slow a machine.
 */
export async function finishFirst<T>(work: () => Promise<T>): Promise<T> {
  const before = running++ > 0 ? last : Promise.resolve()
  const done = before.then(work)
  // What waited for it goes on first.
  last = done.then(idle, idle)
  try {
    return await done
  } finally {
    running--
  }
}

async function idle(): Promise<void> {
  await new Promise((resolve) => realSetTimeout(resolve, 0))
}

/** Waits until nothing but what hangs is left to wait for. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < IDLE_TURNS; turns = running > 0 ? 0 : turns + 1) {
    await idle()
  }
}
