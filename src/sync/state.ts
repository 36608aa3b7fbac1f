import { HOUR_MS } from '../event/clock.ts'
import { readsApi, syncSettings } from '../settings/settings.ts'
import { listScheduled, type Scheduled } from '../db/sync/runs.ts'

/** How reading Yespo's API by itself goes. Times in UTC milliseconds. */
export type ReadingState = {
  /** The last reading that came to its end or was stopped. */
  ended: Ended | null
  /** The one that goes on. */
  running: Running | null
}

type Ended = {
  number: number
  state: 'finished' | 'stopped'
  /** What it was to read ends before. */
  until: number
  finishedAt: number | null
  /** Why it was stopped, or what of it could not be read; null where all is well. */
  fault: string | null
}

type Running = {
  beganAt: number
  /** When something of it was read last, as far as is known; when it began where nothing was. */
  movedAt: number
  /** What it waits for, in words; null where it goes on, or nobody knows. */
  delay: string | null
  /** Whether it has not moved for long. */
  isWaiting: boolean
}

const LONG_MS = HOUR_MS

/** Whether Yespo's API is read by itself, and not on demand alone. */
export function isScheduled(env: object): boolean {
  return readsApi(env) && syncSettings(env)?.everyMinutes !== 0
}

/** How the scheduled reading does; what was read on demand does not matter to it. */
export async function readReadingState(db: D1Database, now: number): Promise<ReadingState> {
  const pulls = await listScheduled(db)
  const ended = pulls.find(({ state }) => state !== 'running')
  const running = pulls.find(({ state }) => state === 'running')
  return {
    ended: ended ? describeEnded(ended) : null,
    running: running ? describeRunning(running, now) : null,
  }
}

function describeEnded({ number, state, until, finishedAt, error: fault }: Scheduled): Ended {
  const ending = state === 'stopped' ? state : 'finished'
  return { number, state: ending, until, finishedAt, fault }
}

function describeRunning(pull: Scheduled, now: number): Running {
  const { beganAt, delay, tries } = pull
  const isBegun = pull.isBegun === 1
  const movedAt = isBegun ? pull.movedAt : beganAt
  // Where some was read, sending the rest once more counts as a move, and is done after hours without one.
  const isWaiting = now - movedAt > LONG_MS || (isBegun && tries > 0)
  return { beganAt, movedAt, delay, isWaiting }
}
