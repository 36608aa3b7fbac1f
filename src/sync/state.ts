import { HOUR_MS } from '../event/clock.ts'
import { readsApi, syncSettings } from '../settings/settings.ts'
import { listScheduled, type Scheduled } from '../db/sync/runs.ts'

/** The state of scheduled syncs. Times in UTC milliseconds. */
export type SyncState = {
  /** The last run that finished or was stopped. */
  ended: EndedRun | null
  running: RunningRun | null
}

type EndedRun = {
  number: number
  state: 'finished' | 'stopped'
  /** The end of its period, exclusive. */
  until: number
  finishedAt: number | null
  /** Why it was stopped, or what could not be read; null if all is well. */
  error: string | null
}

type RunningRun = {
  beganAt: number
  /** When a part of it was last read; if none was, when it started. */
  movedAt: number
  /** What it waits for, in words; null if it does not wait, or the reason is unknown. */
  delay: string | null
  /** Whether it has made no progress for over an hour. */
  stalled: boolean
}

const LONG_MS = HOUR_MS

/** Whether Yespo's API is read on a schedule, not only on demand. */
export function isScheduled(env: object): boolean {
  return readsApi(env) && syncSettings(env)?.everyMinutes !== 0
}

/** Reads the state of scheduled syncs; backfills do not count. */
export async function readSyncState(db: D1Database, now: number): Promise<SyncState> {
  const runs = await listScheduled(db)
  const ended = runs.find(({ state }) => state !== 'running')
  const running = runs.find(({ state }) => state === 'running')
  return {
    ended: ended ? describeEnded(ended) : null,
    running: running ? describeRunning(running, now) : null,
  }
}

function describeEnded({ number, state, until, finishedAt, error }: Scheduled): EndedRun {
  const ending = state === 'stopped' ? state : 'finished'
  return { number, state: ending, until, finishedAt, error }
}

function describeRunning(run: Scheduled, now: number): RunningRun {
  const { beganAt, delay, tries } = run
  const isStarted = run.isBegun === 1
  const movedAt = isStarted ? run.movedAt : beganAt
  // Sending the rest again updates `movedAt`, but happens only after hours without progress.
  const stalled = now - movedAt > LONG_MS || (isStarted && tries > 0)
  return { beganAt, movedAt, delay, stalled }
}
