import { STORE_STATEMENTS, storeRaw, takeRaw } from '../db/write/raw-messages.ts'
import type { Budget } from '../platform/budget.ts'
import { checkDeferred } from './check-deferred.ts'
import { takeEach } from '../platform/take-each.ts'

/**
 * Stores messages that were quarantined raw on their last try, as many as the budget allows.
 *
 * @returns whether there was any
 * @throws what D1 throws
 */
export function storeRawMessages(db: D1Database, budget: Budget): Promise<boolean> {
  return takeEach(
    budget,
    STORE_STATEMENTS,
    () => takeRaw(db),
    (entry) => storeRaw(db, entry, checkDeferred),
  )
}
