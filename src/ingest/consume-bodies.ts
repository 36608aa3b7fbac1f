import { asPart, decodeAssembly, decodePart, encodeAssembly } from '../event/body-part.ts'
import { addParts } from '../db/write/large-bodies.ts'
import { errorText, log } from '../platform/log.ts'
import { retryDelay } from '../platform/retry-delay.ts'
import { withTimeout } from '../platform/timeout.ts'
import { advanceBody } from './advance-body.ts'
import { replaceMessage, type Queues } from './enqueue.ts'
import { isLastTry } from './last-try.ts'

const TIMEOUT_MS = 120_000

type Deps = { db: D1Database; queues: Queues }

/** Stores the parts of large bodies, and takes the next elements of those that are complete. */
export async function consumeBodies(
  messages: readonly Message<unknown>[],
  deps: Deps,
): Promise<void> {
  for (const message of messages) {
    try {
      await withTimeout('the body', TIMEOUT_MS, consumeOne(message.body, deps))
      message.ack()
    } catch (error) {
      log('error', 'body_failed', { attempts: message.attempts, errors: [errorText(error)] })
      await tryLater(message, deps)
    }
  }
}

async function consumeOne(message: unknown, { db, queues }: Deps): Promise<void> {
  const bytes = asPart(message)
  const part = bytes && decodePart(bytes)
  const body = part?.body ?? decodeAssembly(String(message)) ?? ''
  const hasMore = part ? await addParts(db, [part]) : await advanceBody(db, queues, body)
  if (hasMore) await queues.large.send(encodeAssembly(body), { contentType: 'text' })
}

/** A message on its last try is sent again, with all its tries ahead. */
async function tryLater(message: Message, { queues }: Deps): Promise<void> {
  const delaySeconds = retryDelay(message.attempts)
  if (!isLastTry(message.attempts, Date.now() - message.timestamp.getTime())) {
    return message.retry({ delaySeconds })
  }
  const body = asPart(message.body) ?? String(message.body)
  const contentType = typeof body === 'string' ? 'text' : 'bytes'
  await replaceMessage(message, delaySeconds, () =>
    queues.large.send(body, { contentType, delaySeconds }),
  )
}
