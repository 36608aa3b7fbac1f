import { log } from '../log.ts'
import { countMessage } from './message.ts'
import { storeMessages } from './attempt.ts'
import { noteRowsWritten } from './usage.ts'

// Stalls of 80 s have been seen; a batch is a few statements of less than a tenth of a second each.
const BATCH_LIMIT_MS = 120_000

const FIRST_DELAY_S = 2
const MAX_DELAY_S = 1_800

/** After so many tries, about an hour, a fault that nobody knows is put down to the message. */
const PATIENT_ATTEMPTS = 12

/**
 * Stores a batch of the queue, or of its dead letters: those too are stored where the database is
 * back, and set aside where it does not take them. A message is acknowledged only when it is
 * durable; with the `max_retries` of wrangler.toml, two days without a database are sat out.
 */
export async function consume(batch: MessageBatch<unknown>, db: D1Database): Promise<void> {
  const items = batch.messages.map(({ body, attempts }) => ({
    text: typeof body === 'string' ? body : String(JSON.stringify(body)),
    lastTry: attempts >= PATIENT_ATTEMPTS,
    attempts,
  }))
  const report = await storeMessages(db, items, BATCH_LIMIT_MS)
  for (const [index, message] of batch.messages.entries()) {
    if (report.outcomes[index] !== 'failed') message.ack()
    else message.retry({ delaySeconds: retryDelay(message.attempts) })
  }
  const usageFault = await noteRowsWritten(db, report.rowsWritten, Date.now())
  const count = (outcome: string) => report.outcomes.filter((each) => each === outcome).length
  const failed = count('failed')
  log(failed > 0 || report.faults.length > 0 ? 'error' : 'info', 'consumed', {
    queue: batch.queue,
    stored: count('stored'),
    setAside: count('set aside'),
    failed,
    events: items.reduce((sum, { text }) => sum + (countMessage(text)?.accepted ?? 0), 0),
    rowsWritten: report.rowsWritten,
    faults: report.faults,
    ...(usageFault !== undefined && { usageFault }),
  })
}

/** Seconds until the next try: twice as long each time, up to half an hour. */
export function retryDelay(attempts: number): number {
  return Math.min(FIRST_DELAY_S * 2 ** (attempts - 1), MAX_DELAY_S)
}
