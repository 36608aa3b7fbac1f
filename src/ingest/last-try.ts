import { DAY_MS, HOUR_MS } from '../event/clock.ts'
import { errorText } from '../platform/log.ts'
import { delayUntilReset, retryDelay, untilReset } from '../platform/retry-delay.ts'
import { withTimeout } from '../platform/timeout.ts'
import type { Outcome } from '../db/write/batch-writer.ts'
import { isDailyLimit } from '../db/errors.ts'
import { keepRaw, removeRaw } from '../db/write/raw-messages.ts'
import { queueFor, SEND_TIMEOUT_MS, type Queues } from './enqueue.ts'

/** As in wrangler.toml. After these, a message goes to the dead letters; after as many there, it is deleted. */
export const MAX_RETRIES = 100
const LAST_ATTEMPTS = MAX_RETRIES - 10

/** The free plan keeps a message for 24 hours: from this age on, any try may be the last. */
export const LAST_AGE_MS = 20 * HOUR_MS

/** A message is sent again no more often than this, lest operations run out. */
const RENEWAL_MS = HOUR_MS

/** A message waits so long for each that waits with it: the retries of all cost some 5,000 operations a day. */
const BACKLOG_DELAY_S = 35
/** So few messages need not wait for the others. */
const MAX_PATIENT = 10

const RAW_TIMEOUT_MS = 20_000
/** A message that was sent again counts as tried so often when its delay is chosen. */
const TRIES_BEFORE = 10
// A blank, which JSON ignores, marks a message that was sent again: a raw copy of it may exist, even though storing
// the copy seemed to fail.
const SENT_AGAIN = '\n'
const REASON = 'could not be stored in many tries: the schedule tries again'

export type LastChanceDeps = {
  db: D1Database
  queues: Queues
  /** Messages that wait in the queue; 0 if the number does not matter. */
  backlog: number
}

/** A message, its number of tries including this one, and its age in milliseconds. */
export type TriedMessage = { text: string; attempts: number; age: number }

/** The outcomes of messages on their last try that differ from those of storing them. */
type LastOutcomes<Item> = { outcomes: Map<Item, Outcome | 'sent again'>; errors: string[] }

/**
 * Whether a try may be the last one: a message is deleted after 24 hours, and if the operations of the day are used up,
 * none is delivered until 00:00 UTC. So on each day, those of the day before are renewed as soon as they fail, and
 * those of its first hours from time to time: all that wait are young enough to be delivered on the next day.
 *
 * @param age of the message in milliseconds
 * @param now UTC milliseconds
 */
export function isLastTry(attempts: number, age: number, now = Date.now()): boolean {
  if (attempts >= LAST_ATTEMPTS || age >= LAST_AGE_MS) return true
  return attempts > 1 && untilRenewal(age, now) <= 0
}

/** Milliseconds until a message that waits should be sent again. */
function untilRenewal(age: number, now: number): number {
  const ageAtReset = age + untilReset(now)
  if (ageAtReset < LAST_AGE_MS) return Infinity
  return ageAtReset >= DAY_MS ? 0 : RENEWAL_MS - age
}

/**
 * Seconds until the next try of a message that failed: after the reset of a daily quota that is used up, and the longer
 * the more messages wait, but in time for its last try.
 *
 * @param backlog messages that wait in the queue
 * @param now UTC milliseconds
 */
export function chooseDelay(
  { text, attempts, age }: TriedMessage,
  errors: readonly string[],
  backlog: number,
  now = Date.now(),
): number {
  const soon = retryDelay(attempts + (text.endsWith(SENT_AGAIN) ? TRIES_BEFORE : 0))
  const turn = backlog > MAX_PATIENT ? Math.max(soon, backlog * BACKLOG_DELAY_S) : soon
  const reset = delayUntilReset(now)
  const delay = errors.some(isDailyLimit) ? reset : Math.min(turn, reset)
  return Math.min(delay, Math.max(soon, Math.ceil(untilRenewal(age, now) / 1_000)))
}

/**
 * Stores messages that may be on their last try raw, before that try: if the platform kills the invocation for its
 * processor time or memory, nothing is lost.
 *
 * @returns `finish`, to call with the outcome of the try
 */
export async function keepLast<Item extends TriedMessage>(
  { db, queues, backlog }: LastChanceDeps,
  items: readonly Item[],
) {
  const last = items.filter(({ attempts, age }) => isLastTry(attempts, age))
  const texts = last.map(({ text }) => text.trimEnd())
  const errors: string[] = []
  const attempt = async (what: string, ms: number, work: () => Promise<unknown>) => {
    try {
      await withTimeout(what, ms, work())
      return true
    } catch (error) {
      errors.push(errorText(error))
      return false
    }
  }
  const isKept =
    last.length > 0 &&
    (await attempt('the database', RAW_TIMEOUT_MS, () => keepRaw(db, texts, REASON)))

  /**
   * Removes the raw copies of messages that could be stored after all; the others are stored by a task. A message that
   * is neither stored nor kept raw is sent again, as a new message with all its tries ahead.
   */
  async function finish(outcomeOf: (item: Item) => Outcome): Promise<LastOutcomes<Item>> {
    const outcomes: LastOutcomes<Item>['outcomes'] = new Map()
    // An error may come after the commit: so every possible copy is removed, or the message has to come again.
    const mayBeKept = items.filter((item) => last.includes(item) || item.text.endsWith(SENT_AGAIN))
    const stored = mayBeKept.filter((item) => outcomeOf(item) === 'stored')
    if (stored.length > 0) {
      const keys = stored.map(({ text }) => text.trimEnd())
      const isRemoved = await attempt('the database', RAW_TIMEOUT_MS, () => removeRaw(db, keys))
      if (!isRemoved) for (const item of stored) outcomes.set(item, 'failed')
    }
    const failed = last.filter((item) => outcomeOf(item) === 'failed')
    if (isKept) {
      for (const item of failed) outcomes.set(item, 'quarantined')
      return { outcomes, errors }
    }
    const sendAgain = async (item: Item) => {
      const text = `${item.text.trimEnd()}${SENT_AGAIN}`
      const delaySeconds = chooseDelay({ text, attempts: 1, age: 0 }, errors, backlog)
      const sending = () => queueFor(text, queues).send(text, { contentType: 'text', delaySeconds })
      if (await attempt('the queue', SEND_TIMEOUT_MS, sending)) outcomes.set(item, 'sent again')
    }
    await Promise.all(failed.map(sendAgain))
    return { outcomes, errors }
  }
  return { finish }
}
