import { HOUR_MS, startOfHour } from '../event/clock.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { readSliceState, type TimeSlice } from '../db/sync/slices.ts'
import { findDelivery } from '../db/sync/zone-shift.ts'
import { PAUSE, type Waiting } from './call-api.ts'
import { MAX_BACK_MS, RESOLVED_MS } from './start.ts'
import { limited } from './database-timeout.ts'
import { proveZone, syncSlice, type Means, type Outcome } from './sync-slice.ts'
import { enqueueSlices } from './enqueue-slices.ts'
import { cancelRuns } from './cancel.ts'
import { isReadable, splitSlice } from './slice.ts'
import { NOT_KNOWN_YET, zonesOf, type Known } from './zone.ts'

/** Yespo refuses a call that follows at once; one in so long is safe. */
const PACE_MS = 1_200

/** What fails for an unknown reason so often is not the database's fault. */
const LAST_TRY = 10
const NO_KEY = 'YESPO_API_KEY is not set any more.'

/** What reading goes by, besides the environment. */
export type SyncDeps = {
  get: typeof fetch
  wait: (ms: number) => Promise<unknown>
  /** When Yespo may be asked next, as far as this isolate knows. */
  nextCallAt: number
}

/**
 * Reads a window, or hands on its parts, or leaves it for later.
 *
 * @param attempts how often its message came, this time included
 * @returns `dropped` where its pull does not go on, or needs it no more
 */
export async function processSlice(
  env: Env,
  window: TimeSlice,
  api: SyncSettings | Waiting | undefined,
  around: SyncDeps,
  attempts: number,
): Promise<Outcome | 'dropped'> {
  const { isOpen, pausedUntil, knownZones } = await limited(readSliceState(env.DB, window))
  if (!isOpen) return 'dropped'
  if (!api) return stop(env.DB, window, NO_KEY)
  if ('wait' in api) return api
  if (!isReadable(window)) return hand(env.WINDOWS, splitSlice(window))
  around.nextCallAt = Math.max(pausedUntil, around.nextCallAt)
  const isProven = knownZones === zonesOf(api)
  const means: Means = {
    db: env.DB,
    api,
    get: around.get,
    now: Date.now(),
    zone: isProven ? 'proven' : 'unknown',
    quarantineOnFailure: attempts >= LAST_TRY,
  }
  const zone = isProven ? 'proven' : await prove(means, window, around)
  if (typeof zone === 'object') return settle(env, window, zone)
  const now = { ...means, now: Date.now(), zone }
  return settle(env, window, await inPace(around, () => syncSlice(now, window)))
}

/** Looks at an hour that the webhook confirmed something of, for the zone; not where the window tells that itself. */
async function prove(
  means: Means,
  window: TimeSlice,
  around: SyncDeps,
): Promise<Known | Exclude<Outcome, 'read'>> {
  const { db, api, now } = means
  const period = { since: now - MAX_BACK_MS, until: now - RESOLVED_MS }
  const time = await limited(findDelivery(db, period))
  // Then there is nothing to compare with; so it need not be asked either.
  if (time === undefined) return api.isTimeZoneSet ? 'untold' : NOT_KNOWN_YET
  if (time >= window.since && time < window.until) return 'untold'
  const since = startOfHour(time)
  const hour = { ...window, since, until: since + HOUR_MS }
  const proof = await inPace(around, () => proveZone(means, hour))
  if (proof === 'proven') return proof
  // That it tells nothing says nothing against reading the window.
  const isUnnotified = typeof proof === 'string' || 'gap' in proof || 'parts' in proof
  return isUnnotified || ('wait' in proof && proof.isDefault) ? 'untold' : proof
}

/** Asks Yespo when it may be asked. */
async function inPace<T>(around: SyncDeps, ask: () => Promise<T | Waiting>): Promise<T | Waiting> {
  const left = around.nextCallAt - Date.now()
  if (left > PACE_MS) return { wait: Math.ceil(left / 1_000), why: PAUSE }
  await around.wait(Math.max(0, left))
  const answer = await ask().finally(() => (around.nextCallAt = Date.now() + PACE_MS))
  if (typeof answer === 'object' && answer !== null && 'isPause' in answer && answer.isPause) {
    around.nextCallAt = Date.now() + answer.wait * 1_000
  }
  return answer
}

async function settle(env: Env, window: TimeSlice, outcome: Outcome): Promise<Outcome | 'dropped'> {
  if (outcome === 'read') return outcome
  if ('parts' in outcome) return hand(env.WINDOWS, outcome.parts)
  return 'stop' in outcome ? stop(env.DB, window, outcome.stop) : outcome
}

async function hand(queue: Queue, parts: TimeSlice[]): Promise<Outcome> {
  await enqueueSlices(queue, parts)
  return { parts }
}

async function stop(db: D1Database, { run: pull }: TimeSlice, why: string): Promise<'dropped'> {
  await cancelRuns(db, pull, why, Date.now())
  return 'dropped'
}
