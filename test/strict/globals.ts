import { currentInvocation } from './invocation.ts'
import { limitFetch } from './limit-others.ts'

/**
 * Has `fetch` and timers belong to the invocation that calls them: requests count, and no timer of an invocation
 * that was killed fires. Call it once, after anything else that replaces them.
 *
 * @returns what restores them
 */
export function limitGlobals(): () => void {
  const originals = { fetch, setTimeout, setInterval }
  const bind =
    (set: typeof setTimeout | typeof setInterval) =>
    (callback: (...values: unknown[]) => void, ms?: number, ...values: unknown[]) => {
      const invocation = currentInvocation()
      const run = (...given: unknown[]) => {
        if (!invocation?.isKilled) callback(...given)
      }
      return (set as (...parameters: unknown[]) => unknown)(run, ms, ...values)
    }
  const limited = limitFetch(originals.fetch)
  const fetchAny = (...request: Parameters<typeof fetch>) =>
    (currentInvocation() ? limited : originals.fetch)(...request)
  Object.assign(globalThis, {
    fetch: fetchAny,
    setTimeout: bind(setTimeout),
    setInterval: bind(setInterval),
  })
  return () => Object.assign(globalThis, originals)
}
