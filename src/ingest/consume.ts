import { log } from '../platform/log.ts'
import { storeMessages, type Item as StorableItem } from '../db/write/batch-writer.ts'
import { countDeferred } from '../event/deferred.ts'
import { countMessage } from '../event/message.ts'
import { retryDelay } from '../platform/retry-delay.ts'
import { checkDeferred, splitDeferred } from './check-deferred.ts'
import { enqueue, queueFor, replaceMessage, type Queues } from './enqueue.ts'
import { chooseDelay, isLastTry, keepLast } from './last-try.ts'

// Stalls of 80 s have been seen; normally, a batch is a few statements of less than 0.1 s each.
const BATCH_TIMEOUT_MS = 120_000

/** After this many tries, about an hour, an unknown error is blamed on the message. */
const PATIENT_TRIES = 12

/**
 * How many events an invocation takes, a deferred one counting twice, but at least one message. The other messages are
 * returned: no batch takes more processor time than the plan has.
 */
const MAX_EVENTS = { free: 200, paid: 50_000 } as const

/**
 * Tries of a deferred message before it is split, as checking it may take too long. On the paid plan, a batch has many
 * messages and time for all of them: a kill is hardly ever the fault of one.
 */
const MAX_WHOLE_TRIES = { free: 1, paid: 5 } as const

/** Tries of a deferred message with one event before it is sent again, and once more before it is quarantined. */
const MAX_SINGLE_TRIES = 10

export type ConsumeDeps = { db: D1Database; queues: Queues; plan: keyof typeof MAX_EVENTS }

/** A batch; not every runtime reports the backlog in `metadata`. */
export type ConsumedBatch = Pick<MessageBatch<unknown>, 'queue' | 'messages'> & {
  metadata?: MessageBatchMetadata | undefined
}

/** A message of the queue. */
type Item = StorableItem & { message: Message; attempts: number; age: number }

/**
 * Stores a batch of a queue, or of its dead letters. A message is acknowledged only when it is durable.
 * Retries go on for longer than a day, even if the platform kills each one before our code can ask for a delay
 * (`retry_delay` in wrangler.toml). A message that may be on its last try is stored raw first, or else sent again.
 */
export async function consume(
  { queue, messages, metadata }: ConsumedBatch,
  { db, queues, plan }: ConsumeDeps,
): Promise<void> {
  const { taken, others } = takeBounded(messages.map(toItem), MAX_EVENTS[plan])
  const killed = taken.filter((item) => mayHaveKilled(item, plan))
  await Promise.all(killed.map((item) => replaceKilled(item, { db, queues })))
  const items = taken
    .filter((item) => !killed.includes(item))
    .map((item) => ({ ...item, text: checkDeferred(item.text) }))
  // Only the free plan counts operations.
  const backlog = plan === 'free' ? (metadata?.metrics?.backlogCount ?? 0) : 0
  const last = await keepLast({ db, queues, backlog }, items)
  const report = await storeMessages(db, items, BATCH_TIMEOUT_MS)
  const outcomeOf = new Map(items.map((item, index) => [item, report.outcomes[index] ?? 'failed']))
  const { outcomes: lastOutcomes, errors: lastErrors } = await last.finish(
    (item) => outcomeOf.get(item) ?? 'failed',
  )
  const outcomes = items.map((item) => lastOutcomes.get(item) ?? outcomeOf.get(item))
  const errors = [...new Set([...lastErrors, ...report.errors])]
  for (const [index, item] of items.entries()) {
    if (outcomes[index] !== 'failed') item.message.ack()
    else await tryLater(item, chooseDelay(item, errors, backlog), queues.large)
  }
  await Promise.all(others.map((item) => giveBack(item, queues)))
  const count = (outcome: (typeof outcomes)[number]) =>
    outcomes.filter((each) => each === outcome).length
  const failed = count('failed')
  log(failed > 0 || errors.length > 0 ? 'error' : 'info', 'consumed', {
    queue,
    stored: count('stored'),
    quarantined: count('quarantined'),
    failed,
    sentAgain: count('sent again'),
    returned: messages.length - items.length,
    events: items.reduce((sum, { text }) => sum + (countMessage(text)?.accepted ?? 0), 0),
    rowsWritten: report.rowsWritten,
    errors,
  })
}

function toItem(message: Message): Item {
  const { body, attempts, timestamp } = message
  return {
    message,
    text: typeof body === 'string' ? body : String(JSON.stringify(body)),
    quarantineOnFailure: attempts >= PATIENT_TRIES,
    attempts,
    age: Date.now() - timestamp.getTime(),
  }
}

/** As many messages as an invocation can take, those with most tries first, and the others. */
function takeBounded(items: readonly Item[], maxEvents: number): { taken: Item[]; others: Item[] } {
  const [taken, others]: [Item[], Item[]] = [[], []]
  let events = 0
  for (const item of items.toSorted((one, other) => other.attempts - one.attempts)) {
    const weight = weigh(item)
    const fits = taken.length === 0 || events + weight <= maxEvents
    if (fits) {
      events += weight
      taken.push(item)
    } else others.push(item)
  }
  return { taken, others }
}

/**
 * Returns a message that was not tried. One of many events moves to the queue whose consumer gets one at a time: here
 * it would come with as many others again and again, until its tries are over.
 */
async function giveBack({ message, text, attempts, age }: Item, queues: Queues): Promise<void> {
  const queue = queueFor(text, queues)
  if (queue === queues.small && !isLastTry(attempts, age)) message.retry({ delaySeconds: 0 })
  else await replaceMessage(message, 0, () => queue.send(text, { contentType: 'text' }))
}

/** The events of a message; twice as many if it was tried before, as that may have been killed. */
function weigh({ text, attempts }: Item): number {
  const { accepted = 0, rejected = 0 } = countMessage(text) ?? {}
  const events = accepted + rejected + 2 * (countDeferred(text) ?? 0)
  return attempts > 1 ? 2 * events : events
}

/**
 * Whether checking a deferred message may take too long, judging by its tries. Once checked, it is sent again as another
 * message (see `tryLater`): so each of these was killed, came to a version that does not start, or could not be sent.
 */
function mayHaveKilled({ text, attempts }: Item, plan: ConsumeDeps['plan']): boolean {
  const count = countDeferred(text)
  return count !== undefined && attempts > (count === 1 ? MAX_SINGLE_TRIES : MAX_WHOLE_TRIES[plan])
}

async function replaceKilled(
  { message, text, attempts, age }: Item,
  { db, queues }: Pick<ConsumeDeps, 'db' | 'queues'>,
): Promise<void> {
  const pieces = splitDeferred(text) ?? []
  await replaceMessage(message, retryDelay(attempts), () =>
    isLastTry(attempts, age)
      ? enqueue(pieces, queues, db)
      : queues.large.sendBatch(pieces.map((body) => ({ body, contentType: 'text' }))),
  )
}

/** Has a message come again. A deferred one is sent again as it was checked, with its tries ahead. */
async function tryLater(
  { message, text }: Item,
  delaySeconds: number,
  queue: Queue,
): Promise<void> {
  if (text === message.body) return message.retry({ delaySeconds })
  await replaceMessage(message, delaySeconds, () =>
    queue.send(text, { contentType: 'text', delaySeconds }),
  )
}
