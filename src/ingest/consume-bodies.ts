import { asPart, decodeAssembly, decodePart, encodeAssembly } from '../event/body-part.ts'
import { addParts } from '../db/write/large-bodies.ts'
import { errorText, log } from '../platform/log.ts'
import { withTimeout } from '../platform/timeout.ts'
import { advanceBody } from './advance-body.ts'
import { replaceMessage, SEND_TIMEOUT_MS, type Queues } from './enqueue.ts'
import { chooseDelay, isLastTry } from './last-try.ts'

const TIMEOUT_MS = 120_000

type Deps = { db: D1Database; queues: Queues }

/** Stores the parts of large bodies, and takes the next elements of those that are complete. */
export async function consumeBodies(
  messages: readonly Message<unknown>[],
  deps: Deps,
): Promise<void> {
  for (const message of messages) {
    try {
      await withTimeout('the body', TIMEOUT_MS, consumeOne(message, deps))
      message.ack()
    } catch (error) {
      log('error', 'body_failed', { attempts: message.attempts, errors: [errorText(error)] })
      await tryLater(message, deps, error)
    }
  }
}

async function consumeOne(message: Message<unknown>, { db, queues }: Deps): Promise<void> {
  const bytes = asPart(message.body)
  const part = bytes && decodePart(bytes)
  const body = part?.body ?? decodeAssembly(String(message.body)) ?? ''
  const hasMore = part ? await addParts(db, [part]) : await advanceBody(db, queues, body)
  if (!hasMore) return
  try {
    const sending = queues.large.send(encodeAssembly(body), { contentType: 'text' })
    await withTimeout('the queue', SEND_TIMEOUT_MS, sending)
  } catch (error) {
    if (!isLastTry(message.attempts, ageOf(message))) throw error
    // The message is done, and a task goes on with its body.
    log('warn', 'body_stalled', { attempts: message.attempts, errors: [errorText(error)] })
  }
}

/** A message on its last try is sent again, with all its tries ahead. */
async function tryLater(message: Message, { queues }: Deps, error: unknown): Promise<void> {
  const { attempts } = message
  const body = asPart(message.body) ?? String(message.body)
  const contentType = typeof body === 'string' ? 'text' : 'bytes'
  const age = ageOf(message)
  const text = typeof body === 'string' ? body : ''
  const delaySeconds = chooseDelay({ text, attempts, age }, [errorText(error)], 0)
  if (!isLastTry(attempts, age)) return message.retry({ delaySeconds })
  await replaceMessage(message, delaySeconds, () =>
    queues.large.send(body, { contentType, delaySeconds }),
  )
}

/** Milliseconds since a message was sent. */
function ageOf({ timestamp }: Message<unknown>): number {
  return Date.now() - timestamp.getTime()
}
