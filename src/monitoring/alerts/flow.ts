import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import { findNormalSilence } from '../../db/monitor/silence.ts'
import type { AlertRule } from './rule.ts'
import { writeCount, writeHours, writeTime } from './words.ts'

const SILENCE_DAYS = 28
const MIN_BACKLOG = 100
const RISING_CHECKS = 3
const MAX_WAIT_MS = 15 * MINUTE_MS

/** The longest normal silence in milliseconds, null if unknown, and when it was computed. */
export type NormalSilence = { at: number; normal: number | null }

/** Nothing has come in for longer than normal. Replayed events do not count: they came in long ago. */
const silence: AlertRule<NormalSilence> = {
  name: 'silence',
  async check({ env, now, recentEvents: { lastReceivedAt }, memory }) {
    if (lastReceivedAt === null) return undefined
    const silence = now - lastReceivedAt
    if (silence <= HOUR_MS) return null
    const isKnown = memory !== undefined && now - memory.at < DAY_MS
    // Computed from the time before this silence, or a long silence would become normal.
    const period = { since: lastReceivedAt - SILENCE_DAYS * DAY_MS, until: lastReceivedAt }
    const normal = isKnown ? memory.normal : await findNormalSilence(env.DB, period)
    const message =
      normal === null
        ? undefined
        : silence > normal
          ? `Nothing new has come in since ${writeTime(lastReceivedAt)}; the longest normal gap is ${writeHours(normal)}. In Yespo, check that the webhook is active (Account settings → Data export), and press “Send test” there: the response says what is wrong.`
          : null
    return isKnown ? message : { message, memory: { at: now, normal } }
  },
}

/** The queue fills faster than it empties. Its memory is the number of waiting messages at the last checks. */
const backlog: AlertRule<number[]> = {
  name: 'backlog',
  check({ now, activityQueue, alert, memory = [] }) {
    if (activityQueue === null) return undefined
    const { waiting, oldestAt } = activityQueue
    const counts = [...memory, waiting].slice(-RISING_CHECKS)
    const isRising =
      counts.length === RISING_CHECKS &&
      counts.every((count, index) => index === 0 || count > (counts[index - 1] ?? count))
    const isLate = oldestAt !== null && now - oldestAt > MAX_WAIT_MS
    const isLong = waiting >= MIN_BACKLOG
    const message =
      isLate || (isLong && (isRising || alert))
        ? `${writeCount(waiting, 'request')} from Yespo ${waiting === 1 ? 'waits' : 'wait'} in the queue${oldestAt === null ? '' : `, the oldest since ${writeTime(oldestAt)}`}. Nothing is lost, but events are stored late: look for "consumed" lines with errors in the Worker's log, and check that the database responds. On the free plan the queue or the database may have reached its daily limit.`
        : null
    return { message, memory: counts }
  },
}

/** Messages are waiting that could not be stored in any of their tries. */
const deadLetterQueue: AlertRule = {
  name: 'dead_letters',
  check({ deadLetters }) {
    if (deadLetters === null) return undefined
    const { waiting, oldestAt } = deadLetters
    return waiting > 0
      ? `${writeCount(waiting, 'request')} from Yespo could not be stored in 100 tries, and ${waiting === 1 ? 'waits' : 'wait'} in the dead-letter queue${oldestAt === null ? '' : ` since ${writeTime(oldestAt)}`}. They are retried for another day and then quarantined; from there they can be replayed. See the Worker's log: "consumed" lines with errors, or invocations that exceeded the CPU or memory limit.`
      : null
  },
}

export const flowAlerts: readonly AlertRule[] = [silence, backlog, deadLetterQueue]
