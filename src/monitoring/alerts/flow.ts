import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import { findNormalSilence } from '../../db/monitor/silence.ts'
import { finding, type Checked } from './findings.ts'
import { readSnapshotValue, type Snapshot } from '../snapshot.ts'
import { writeCount, writeHours, writeTime } from './words.ts'

const SILENCE_DAYS = 28
const MIN_BACKLOG = 100
const RISING_CHECKS = 3
const MAX_WAIT_MS = 15 * MINUTE_MS

/** What is usual, and when that was found out. */
export type NormalSilence = { at: number; usual: number | null }

/** Whether nothing came in for longer than usual: what a replay stores came in long ago. */
export async function checkSilence(db: D1Database, look: Snapshot): Promise<Checked> {
  const { lastReceivedAt } = look.arrivals
  if (lastReceivedAt === null) return { findings: new Map() }
  const silence = look.now - lastReceivedAt
  if (silence <= HOUR_MS) return { findings: finding('silence', null) }
  const known = readSnapshotValue<NormalSilence>(look.facts, 'silence.normal')
  const isKnown = known !== undefined && look.now - known.at < DAY_MS
  // Of the time before it: a long silence would become usual otherwise.
  const period = { since: lastReceivedAt - SILENCE_DAYS * DAY_MS, until: lastReceivedAt }
  const usual = isKnown ? known.usual : await findNormalSilence(db, period)
  const notes = isKnown
    ? new Map<'silence.normal', string>()
    : new Map([['silence.normal' as const, JSON.stringify({ at: look.now, usual })]])
  if (usual === null) return { findings: new Map(), notes }
  const message =
    silence > usual
      ? `The webhook has confirmed nothing new since ${writeTime(lastReceivedAt)}; usual is no longer than ${writeHours(usual)}. In Yespo, see whether the webhook is active (Account settings → Data export), and press “Send test” there: its answer says what is wrong.`
      : null
  return { findings: finding('silence', message), notes }
}

/** Whether the queue is emptied more slowly than it fills. */
export function checkBacklog({ now, facts, activityQueue }: Snapshot): Checked {
  if (activityQueue === null) return { findings: new Map() }
  const { waiting, oldestAt } = activityQueue
  const before = readSnapshotValue<number[]>(facts, 'backlog.counts') ?? []
  const counts = [...before, waiting].slice(-RISING_CHECKS)
  const isMarked = JSON.stringify(counts) === JSON.stringify(before)
  const notes = new Map([['backlog.counts' as const, JSON.stringify(counts)]])
  const isRising =
    counts.length === RISING_CHECKS &&
    counts.every((count, place) => place === 0 || count > (counts[place - 1] ?? count))
  const isLate = oldestAt !== null && now - oldestAt > MAX_WAIT_MS
  const isLong = waiting >= MIN_BACKLOG
  const wasOn = facts.alerts.some(({ name }) => name === 'backlog')
  const message =
    isLate || (isLong && (isRising || wasOn))
      ? `${writeCount(waiting, 'request')} of Yespo ${waiting === 1 ? 'waits' : 'wait'} in the queue${oldestAt === null ? '' : `, the oldest since ${writeTime(oldestAt)}`}. Nothing is lost, but it is stored late: see the log of the Worker for "consumed" lines with errors, and whether the database answers. On the free plan the queue or the database may have reached its limit of the day.`
      : null
  return { findings: finding('backlog', message), notes: isMarked ? new Map() : notes }
}

/** Whether messages wait that could not be stored in all their tries. */
export function checkDeadLetters({ deadLetters }: Snapshot): Checked {
  if (deadLetters === null) return { findings: new Map() }
  const { waiting, oldestAt } = deadLetters
  const message =
    waiting > 0
      ? `${writeCount(waiting, 'request')} of Yespo could not be stored in 100 tries, and ${waiting === 1 ? 'waits' : 'wait'} in the dead-letter queue${oldestAt === null ? '' : ` since ${writeTime(oldestAt)}`}. They are tried for another day, and are then in quarantine, to be replayed. See the Worker's log: "consumed" lines with errors, or invocations that exceeded the CPU or memory limit.`
      : null
  return { findings: finding('dead_letters', message) }
}
