import { log } from '../platform/log.ts'
import { storeMessages } from '../db/write/batch-writer.ts'
import { isDailyLimit } from '../db/errors.ts'
import { keepLast, LAST_AGE_MS, type LastChanceDeps } from './last-try.ts'
import { countMessage } from '../event/message.ts'
import { delayUntilReset, retryDelay } from '../platform/retry-delay.ts'

// Stalls of 80 s have been seen; a batch is a few statements of less than a tenth of a second each.
const BATCH_TIMEOUT_MS = 120_000

/** After so many tries, about an hour, a fault that nobody knows is put down to the message. */
const PATIENT_TRIES = 12

/**
 * Stores a batch of the queue, or of its dead letters. A message is acknowledged only when it is durable.
 * Tries go on for longer than a day, even if each one is ended by the platform before our own code can ask
 * for a delay (`retry_delay` in wrangler.toml). What may have its last try is written down raw before it,
 * or else sent anew.
 */
export async function consume(
  batch: Pick<MessageBatch<unknown>, 'queue' | 'messages'>,
  deps: LastChanceDeps,
): Promise<void> {
  const { db } = deps
  const items = batch.messages.map(({ body, attempts, timestamp }) => ({
    text: typeof body === 'string' ? body : String(JSON.stringify(body)),
    quarantineOnFailure: attempts >= PATIENT_TRIES,
    attempts,
    age: Date.now() - timestamp.getTime(),
  }))
  const last = await keepLast(deps, items)
  const report = await storeMessages(db, items, BATCH_TIMEOUT_MS)
  const outcomeOf = new Map(items.map((item, index) => [item, report.outcomes[index] ?? 'failed']))
  const { outcomes: lastOutcomes, faults: lastFaults } = await last.settle(
    (item) => outcomeOf.get(item) ?? 'failed',
  )
  const outcomes = items.map((item) => lastOutcomes.get(item) ?? outcomeOf.get(item))
  const faults = [...new Set([...lastFaults, ...report.errors])]
  const now = Date.now()
  for (const [index, message] of batch.messages.entries()) {
    if (outcomes[index] !== 'failed') message.ack()
    else
      message.retry({ delaySeconds: chooseDelay(message.attempts, items[index]?.age, faults, now) })
  }
  const count = (outcome: (typeof outcomes)[number]) =>
    outcomes.filter((each) => each === outcome).length
  const [failed, sentAnew] = [count('failed'), count('sent anew')]
  log(failed > 0 || faults.length > 0 ? 'error' : 'info', 'consumed', {
    queue: batch.queue,
    stored: count('stored'),
    quarantined: count('quarantined'),
    failed,
    ...(sentAnew > 0 && { sentAnew }),
    events: items.reduce((sum, { text }) => sum + (countMessage(text)?.accepted ?? 0), 0),
    rowsWritten: report.rowsWritten,
    faults,
  })
}

/** Until a quota of the day begins anew nothing helps; but a message is seen again before it is too old. */
function chooseDelay(attempts: number, age = 0, faults: readonly string[], now: number): number {
  const usual = retryDelay(attempts)
  if (!faults.some(isDailyLimit)) return usual
  const left = Math.floor((LAST_AGE_MS - age) / 1_000)
  return Math.max(usual, left > 0 ? Math.min(delayUntilReset(now), left) : 0)
}
