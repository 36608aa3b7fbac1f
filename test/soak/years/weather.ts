import type { Call } from '../../strict/index.ts'
import { D1_ERRORS } from '../faults.ts'

/** What the receiver depends on. */
export type Service = 'D1' | 'Queue' | 'R2' | 'api' | 'alerts'

/** How reliable everything around the receiver is: shares of all calls, from 0 to 1. */
export type Weather = {
  failsBefore: number
  failsAfter: number
  /** Takes up to a minute: longer than the receiver waits. */
  slow: number
  /** A call of the bucket takes up to five minutes: longer than a lease. */
  stalls: number
  /** Never comes back. */
  hangs: number
  killed: number
  /** A message comes again although it was acknowledged. */
  twice: number
  /** A client does not get the response. */
  lost: number
  /** How many times as long as usual a call takes: then more happens at once. */
  delay: number
}

export const CALM: Weather = {
  failsBefore: 0,
  failsAfter: 0,
  slow: 0,
  stalls: 0,
  hangs: 0,
  killed: 0,
  twice: 0,
  lost: 0,
  delay: 1,
}

/** On most days. */
export const FAIR: Weather = {
  failsBefore: 0.0003,
  failsAfter: 0.0002,
  slow: 0.0001,
  stalls: 0.01,
  hangs: 0.00003,
  killed: 0.0002,
  twice: 0.002,
  lost: 0.001,
  delay: 1,
}

export const STORM: Weather = {
  failsBefore: 0.02,
  failsAfter: 0.015,
  slow: 0.004,
  stalls: 0.1,
  hangs: 0.002,
  killed: 0.01,
  twice: 0.03,
  lost: 0.03,
  delay: 30,
}

/** What happens to a call. Times are milliseconds, before and after its effect. */
export type Fate = {
  kind: 'works' | 'fails before' | 'fails after' | 'hangs'
  before: number
  after: number
}

/** @param random from 0 to below 1 */
export function drawFate(random: () => number, weather: Weather): Fate {
  const luck = random()
  const before = Math.floor(drawLatency(random) * weather.delay)
  const after = Math.floor(random() * 6 * weather.delay)
  let limit = weather.failsBefore
  if (luck < limit) return { kind: 'fails before', before, after }
  limit += weather.failsAfter
  if (luck < limit) return { kind: 'fails after', before, after }
  limit += weather.hangs
  if (luck < limit) return { kind: 'hangs', before, after }
  limit += weather.slow
  if (luck < limit) return { kind: 'works', before: Math.floor(random() * 60_000), after }
  return { kind: 'works', before, after }
}

/** A few milliseconds, seldom up to two seconds. */
function drawLatency(random: () => number): number {
  const luck = random()
  if (luck < 0.002) return random() * 1_000
  return luck < 0.03 ? random() * 150 : random() * 12
}

export function serviceOf({ name }: Call): Service | undefined {
  const [service] = name.split('.')
  return service === 'D1' || service === 'Queue' || service === 'R2' ? service : undefined
}

/** An error of a service as it words it. */
export function makeError(random: () => number, service: Service): Error {
  if (service === 'Queue') return new Error('Queue sendBatch failed: Service Unavailable')
  if (service === 'R2')
    return new Error('We encountered an internal error. Please try again. (10001)')
  const known = D1_ERRORS.slice(0, -1)
  return new Error(known[Math.floor(random() * known.length)])
}

/** An error of D1 that the receiver does not know: a message may be to blame. */
export function makeStrangeError(): Error {
  return new Error(D1_ERRORS.at(-1))
}
