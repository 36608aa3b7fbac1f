import { storeMessages } from '../db/write/batch-writer.ts'
import { addParts } from '../db/write/large-bodies.ts'
import { keepRaw } from '../db/write/raw-messages.ts'
import { decodePart } from '../event/body-part.ts'
import { countDeferred } from '../event/deferred.ts'
import { countMessage, fitsQueue } from '../event/message.ts'
import { errorText } from '../platform/log.ts'
import { withTimeout } from '../platform/timeout.ts'

// With the queue's, below ten seconds: the sender's timeout is not documented.
const TIMEOUT_MS = 6_000

const REASON = 'the queue did not accept it: the schedule stores it'

/**
 * Stores messages that no queue accepted. Those with elements that still have to be checked are stored as they are, as
 * checking takes too long here.
 *
 * @param errors gets those of the database
 * @returns whether all are durable
 */
export async function storeInstead(
  messages: readonly (string | Uint8Array)[],
  db: D1Database,
  errors: string[],
): Promise<boolean> {
  const texts = messages.filter((message) => typeof message === 'string')
  const parts = messages.filter((message) => typeof message !== 'string').map(decodePart)
  const deferred = texts.filter((text) => countDeferred(text) !== undefined)
  const checked = texts.filter((text) => countMessage(text) !== undefined)
  try {
    const storing = async () => {
      await addParts(db, parts)
      if (deferred.length > 0) await keepRaw(db, deferred, REASON)
    }
    await withTimeout('the database', TIMEOUT_MS, storing())
  } catch (error) {
    errors.push(errorText(error))
    return false
  }
  // A message that neither the queue (too large) nor the database accepts would block the stream forever.
  const items = checked.map((text) => ({ text, quarantineOnFailure: !fitsQueue(text) }))
  const report = await storeMessages(db, items, TIMEOUT_MS)
  errors.push(...report.errors)
  return !report.outcomes.includes('failed')
}
