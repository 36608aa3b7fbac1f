import { Random } from '../../src/simulator/random.ts'

/** Every kind of fault, and its share of the calls that it can affect. */
export const FAULTS = {
  'queue rejects': 0.02,
  'queue hangs': 0.004,
  'queue fails after it accepted': 0.01,
  'queue is down for a while': 0.002,
  'database fails': 0.04,
  'database commits after the time limit': 0.004,
  'database fails after it committed': 0.03,
  'database hangs': 0.008,
  'database is down for a while': 0.004,
  'invocation is killed': 0.008,
  'consumer dies before it acknowledges': 0.03,
  'message is delivered twice': 0.03,
  'messages are out of order': 0.3,
  'bucket fails': 0.1,
  'bucket fails after it responded': 0.1,
  'request is cut off': 0.02,
  'API asks for a pause': 0.02,
  'API fails': 0.02,
  'API hangs': 0.01,
  'API breaks off': 0.02,
  'API leaves out an edge': 0.03,
  'response is lost': 0.02,
} as const

export type FaultKind = keyof typeof FAULTS

/** Errors with D1's own messages; the last is unknown to the receiver. */
export const D1_ERRORS = [
  'D1_ERROR: Network connection lost.',
  'D1_ERROR: Internal error in D1 DB storage caused object to be reset.',
  'D1_ERROR: D1 DB reset because its code was updated.',
  'D1_ERROR: D1 DB is overloaded. Too many requests queued.',
  'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
  'D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.',
  'D1_ERROR: internal error; reference = 0123456789abcdef',
  'D1_ERROR: an error never seen before',
] as const

/** Decides by a seed which faults happen, and counts them. */
export class Fate {
  readonly counts: Partial<Record<FaultKind, number>> = {}
  readonly random: Random
  isCalm = false
  readonly #scale: number

  /** @param scale multiplies all shares; with 0 nothing fails */
  constructor(seed: number, scale = 1) {
    this.random = new Random(seed)
    this.#scale = scale
  }

  strikes(kind: FaultKind): boolean {
    const strikes = this.random.chance(FAULTS[kind] * this.#scale)
    if (!strikes || this.isCalm) return false
    this.counts[kind] = (this.counts[kind] ?? 0) + 1
    return true
  }
}
