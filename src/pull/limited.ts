import { withTimeLimit } from '../time-limit.ts'

/** It has been seen to hang. */
export const DATABASE_LIMIT_MS = 30_000

/** Waits for the database so long and no longer. @throws Error where that is not enough */
export function limited<T>(work: Promise<T>): Promise<T> {
  return withTimeLimit('the database', DATABASE_LIMIT_MS, work)
}
