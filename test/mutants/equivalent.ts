import { keyOf } from './choose.ts'
import type { Mutant } from './mutate.ts'

/** A mutant that changes no behavior, as its lines without and with the change; lines may move. */
type Equivalent = Pick<Mutant, 'file' | 'before' | 'after'> & { reason: string }

export const EQUIVALENT: readonly Equivalent[] = []

const KEYS = new Set(EQUIVALENT.map(keyOf))

export function isEquivalent(mutant: Mutant): boolean {
  return KEYS.has(keyOf(mutant))
}
