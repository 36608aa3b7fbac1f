import { withTimeout } from '../platform/timeout.ts'

/** It has been seen to hang. */
export const DATABASE_TIMEOUT_MS = 30_000

/** Waits for the database so long and no longer. @throws Error where that is not enough */
export function limited<T>(work: Promise<T>): Promise<T> {
  return withTimeout('the database', DATABASE_TIMEOUT_MS, work)
}
