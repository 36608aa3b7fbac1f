import { currentInvocation } from '../strict/index.ts'

/**
 * The receiver's timeouts, which expire when fate says so and never by themselves: a soak need not
 * wait, and a slow machine does not change its course.
 */
const SHORTEST_LIMIT_MS = 1_000
const SETTLE_MS = 5 // lets work that does not wait finish first

const pending = new Map<number, () => void>()
const realSetTimeout = globalThis.setTimeout
const realClearTimeout = globalThis.clearTimeout
let lastId = -1

function setTimeoutOnDemand(callback: () => void, ms = 0): number {
  if (ms < SHORTEST_LIMIT_MS) return Number(realSetTimeout(callback, ms))
  pending.set(--lastId, callback)
  return lastId
}

function clearTimeoutOnDemand(id: number | null | undefined): void {
  if (!pending.delete(id ?? 0)) realClearTimeout(id ?? null)
}

Object.assign(globalThis, { setTimeout: setTimeoutOnDemand, clearTimeout: clearTimeoutOnDemand })

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

function settle(): Promise<void> {
  return new Promise((resolve) => realSetTimeout(resolve, SETTLE_MS))
}
