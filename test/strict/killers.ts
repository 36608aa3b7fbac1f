import type { Kill, Killer } from './invocation.ts'

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Kills at random calls, before or after their effect, the same for the same seed.
 *
 * @param share of all calls, 0 to 1
 */
export function killAtRandom(seed: number, share: number): Killer {
  const random = seededRandom(seed)
  return () => {
    const [strikes, isBefore] = [random() < share, random() < 0.5]
    return strikes ? (isBefore ? 'before' : 'after') : undefined
  }
}

/** Kills at the call with this number, counted from 1 over all invocations. */
export function killAtCall(number: number, when: NonNullable<Kill>): Killer {
  let calls = 0
  return () => (++calls === number ? when : undefined)
}
