import { log } from '../platform/log.ts'
import { storeMessages } from '../db/write/batch-writer.ts'
import { isDailyLimit } from '../db/errors.ts'
import { keepLast, LAST_AGE_MS, type LastChanceDeps } from './last-try.ts'
import { countMessage } from '../event/message.ts'
import { delayUntilReset, retryDelay } from '../platform/retry-delay.ts'

// Stalls of 80 s have been seen; normally, a batch is a few statements of less than 0.1 s each.
const BATCH_TIMEOUT_MS = 120_000

/** After this many tries, about an hour, an unknown error is blamed on the message. */
const PATIENT_TRIES = 12

/**
 * Stores a batch of the queue, or of its dead letters. A message is acknowledged only when it is durable.
 * Retries go on for longer than a day, even if the platform kills each one before our code can ask for a delay
 * (`retry_delay` in wrangler.toml). A message that may be on its last try is stored raw first, or else sent again.
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
  const { outcomes: lastOutcomes, errors: lastErrors } = await last.finish(
    (item) => outcomeOf.get(item) ?? 'failed',
  )
  const outcomes = items.map((item) => lastOutcomes.get(item) ?? outcomeOf.get(item))
  const errors = [...new Set([...lastErrors, ...report.errors])]
  const now = Date.now()
  for (const [index, message] of batch.messages.entries()) {
    if (outcomes[index] !== 'failed') message.ack()
    else
      message.retry({ delaySeconds: chooseDelay(message.attempts, items[index]?.age, errors, now) })
  }
  const count = (outcome: (typeof outcomes)[number]) =>
    outcomes.filter((each) => each === outcome).length
  const failed = count('failed')
  log(failed > 0 || errors.length > 0 ? 'error' : 'info', 'consumed', {
    queue: batch.queue,
    stored: count('stored'),
    quarantined: count('quarantined'),
    failed,
    sentAgain: count('sent again'),
    events: items.reduce((sum, { text }) => sum + (countMessage(text)?.accepted ?? 0), 0),
    rowsWritten: report.rowsWritten,
    errors,
  })
}

/** Seconds until the next try: after the reset of a daily quota that is used up, but before the message is too old. */
function chooseDelay(attempts: number, age = 0, errors: readonly string[], now: number): number {
  const delay = retryDelay(attempts)
  if (!errors.some(isDailyLimit)) return delay
  const left = Math.floor((LAST_AGE_MS - age) / 1_000)
  return Math.max(delay, left > 0 ? Math.min(delayUntilReset(now), left) : 0)
}
