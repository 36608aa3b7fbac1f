import { HOUR_MS, startOfHour } from '../event/clock.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { readSliceState, type TimeSlice } from '../db/sync/slices.ts'
import { findDelivery } from '../db/sync/zone-shift.ts'
import { PAUSE, type RetryLater } from './call-api.ts'
import { MAX_BACK_MS, RESOLVED_MS, stopRun } from './runs.ts'
import { enqueueSlices, isReadable, splitSlice } from './slice.ts'
import {
  proveZone,
  syncSlice,
  withDatabaseTimeout,
  type Outcome,
  type SliceContext,
} from './sync-slice.ts'
import { UNVERIFIED, zonesOf, type ZoneState } from './zone.ts'

/** Yespo rejects a call that follows at once; one in so long is safe. */
const PACE_MS = 1_200

/** After so many tries a failure for an unknown reason is put down to the data, and not to the database. */
const LAST_TRY = 10
const NO_KEY = 'YESPO_API_KEY is not set any more.'

/** How slices are read, besides the environment. */
export type SyncDeps = {
  get: typeof fetch
  wait: (ms: number) => Promise<unknown>
  /** The earliest time of the next call, as far as this isolate knows. */
  nextCallAt: number
}

/**
 * Reads a slice, or enqueues its parts, or leaves it for later.
 *
 * @param attempts of its message, this one included
 * @returns `dropped` if its run has ended, or needs it no more
 */
export async function processSlice(
  env: Env,
  slice: TimeSlice,
  api: SyncSettings | RetryLater | undefined,
  deps: SyncDeps,
  attempts: number,
): Promise<Outcome | 'dropped'> {
  const { isOpen, pausedUntil, knownZones } = await withDatabaseTimeout(
    readSliceState(env.DB, slice),
  )
  if (!isOpen) return 'dropped'
  if (!api) return stop(env.DB, slice, NO_KEY)
  if ('retryAfter' in api) return api
  if (!isReadable(slice)) return enqueueParts(env.TASKS, splitSlice(slice))
  deps.nextCallAt = Math.max(pausedUntil, deps.nextCallAt)
  const isProven = knownZones === zonesOf(api)
  const context: SliceContext = {
    db: env.DB,
    api,
    get: deps.get,
    now: Date.now(),
    zone: isProven ? 'proven' : 'unknown',
    quarantineOnFailure: attempts >= LAST_TRY,
  }
  const zone = isProven ? 'proven' : await prove(context, slice, deps)
  if (typeof zone === 'object') return complete(env, slice, zone)
  const current = { ...context, now: Date.now(), zone }
  return complete(env, slice, await inPace(deps, () => syncSlice(current, slice)))
}

/** Verifies the zone by an hour of which the webhook delivered events, unless that is in the slice itself. */
async function prove(
  context: SliceContext,
  slice: TimeSlice,
  deps: SyncDeps,
): Promise<ZoneState | Exclude<Outcome, 'read'>> {
  const { db, api, now } = context
  const period = { since: now - MAX_BACK_MS, until: now - RESOLVED_MS }
  const time = await withDatabaseTimeout(findDelivery(db, period))
  // Then there is nothing to compare with, and no need to call the API.
  if (time === undefined) return api.isTimeZoneSet ? 'inconclusive' : UNVERIFIED
  if (time >= slice.since && time < slice.until) return 'inconclusive'
  const since = startOfHour(time)
  const hour = { ...slice, since, until: since + HOUR_MS }
  const proof = await inPace(deps, () => proveZone(context, hour))
  if (proof === 'proven') return proof
  // An hour that proves nothing is no reason not to read the slice.
  const isUnproven = typeof proof === 'string' || 'gap' in proof || 'parts' in proof
  return isUnproven || ('retryAfter' in proof && proof.isDefault) ? 'inconclusive' : proof
}

/** Calls Yespo as soon as it may be called. */
async function inPace<T>(
  deps: SyncDeps,
  call: () => Promise<T | RetryLater>,
): Promise<T | RetryLater> {
  const left = deps.nextCallAt - Date.now()
  if (left > PACE_MS) return { retryAfter: Math.ceil(left / 1_000), reason: PAUSE }
  await deps.wait(Math.max(0, left))
  const result = await call().finally(() => (deps.nextCallAt = Date.now() + PACE_MS))
  if (typeof result === 'object' && result !== null && 'isPause' in result && result.isPause) {
    deps.nextCallAt = Date.now() + result.retryAfter * 1_000
  }
  return result
}

async function complete(
  env: Env,
  slice: TimeSlice,
  outcome: Outcome,
): Promise<Outcome | 'dropped'> {
  if (outcome === 'read') return outcome
  if ('parts' in outcome) return enqueueParts(env.TASKS, outcome.parts)
  return 'stop' in outcome ? stop(env.DB, slice, outcome.stop) : outcome
}

async function enqueueParts(queue: Queue, parts: TimeSlice[]): Promise<Outcome> {
  await enqueueSlices(queue, parts)
  return { parts }
}

async function stop(db: D1Database, { run }: TimeSlice, reason: string): Promise<'dropped'> {
  await stopRun(db, run, reason, Date.now())
  return 'dropped'
}
