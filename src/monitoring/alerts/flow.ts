import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import { findNormalSilence } from '../../db/monitor/silence.ts'
import type { Phrase } from '../../language/messages.ts'
import type { AlertRule } from './rule.ts'
import { timeOrUnknown, writeTime } from './words.ts'

const SILENCE_DAYS = 28
/** Of a small account, some forty silences a year are longer than normal, and hardly one is twice as long. */
const MAX_SILENCE = 2 // times the normal one
const MIN_BACKLOG = 100
const RISING_CHECKS = 3
const MAX_WAIT_MS = 15 * MINUTE_MS

/** The longest normal silence in milliseconds, null if unknown, and when it was computed. */
export type NormalSilence = { at: number; normal: number | null }

/** Nothing has come in for much longer than normal. Replayed events do not count: they came in long ago. */
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
    const message: readonly Phrase[] | null | undefined =
      normal === null
        ? undefined
        : silence > MAX_SILENCE * normal
          ? [
              {
                key: 'alerts.silence',
                values: {
                  time: writeTime(lastReceivedAt),
                  hours: Math.max(1, Math.round(normal / HOUR_MS)),
                },
              },
            ]
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
    const message: readonly Phrase[] | null =
      isLate || (isLong && (isRising || alert))
        ? [{ key: 'alerts.backlog', values: { count: waiting, time: timeOrUnknown(oldestAt) } }]
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
      ? [{ key: 'alerts.deadLetters', values: { count: waiting, time: timeOrUnknown(oldestAt) } }]
      : null
  },
}

export const flowAlerts: readonly AlertRule[] = [silence, backlog, deadLetterQueue]
