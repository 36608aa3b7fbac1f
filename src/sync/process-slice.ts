import { HOUR_MS, startOfHour } from '../event/clock.ts'
import type { SyncSettings } from '../settings/settings.ts'
import { readSliceState, type TimeSlice } from '../db/sync/slices.ts'
import { recordInUse, type ZoneSpan } from '../db/sync/zone-history.ts'
import { findDelivery } from '../db/sync/zone-shift.ts'
import { PAUSE, type RetryLater } from './call-api.ts'
import { MAX_BACK_MS, RESOLVED_MS, stopRun } from './runs.ts'
import { enqueueSlices, isReadable, splitSlice } from './slice.ts'
import {
  proveZone,
  syncSlice,
  withDatabaseTimeout,
  type Failure,
  type SliceContext,
  type SliceResult,
} from './sync-slice.ts'
import { UNVERIFIED, zonesOf, type ZoneState } from './zone.ts'
import { isRecorded, listOthers, startOfUse } from './zone-history.ts'

/** The time between calls: Yespo rejects those that follow each other too quickly. */
const PACE_MS = 1_200

/** After so many tries, a failure for an unknown reason is blamed on the data, not the database. */
const LAST_TRY = 10
const NO_KEY = 'YESPO_API_KEY is not set any more.'

/** The outcome of a slice; it is `dropped` if its run has ended or no longer needs it. */
export type Outcome = 'read' | 'split' | 'dropped' | RetryLater

/** The dependencies of reading slices, apart from the environment. */
export type SyncDeps = {
  get: typeof fetch
  wait: (ms: number) => Promise<unknown>
  /** The earliest time of this isolate's next call. */
  nextCallAt: number
}

/**
 * Reads a slice, enqueues its parts, or leaves it for later.
 *
 * @param attempts the attempts at its message, including this one
 */
export async function processSlice(
  env: Env,
  slice: TimeSlice,
  api: SyncSettings | RetryLater | undefined,
  deps: SyncDeps,
  attempts: number,
): Promise<Outcome> {
  const state = await withDatabaseTimeout(readSliceState(env.DB, slice))
  const { isOpen, pausedUntil, knownZones } = state
  if (!isOpen) return 'dropped'
  if (!api) return stop(env.DB, slice, NO_KEY)
  if ('retryAfter' in api) return api
  if (!isReadable(slice)) return split(env.TASKS, splitSlice(slice))
  deps.nextCallAt = Math.max(pausedUntil, deps.nextCallAt)
  const isProven = knownZones === zonesOf(api)
  const history = await recordChange(env.DB, slice, api, state.history)
  const context: SliceContext = {
    db: env.DB,
    api,
    get: deps.get,
    now: Date.now(),
    zone: isProven ? 'proven' : 'unknown',
    history,
    others: listOthers(history, api),
    quarantineOnFailure: attempts >= LAST_TRY,
  }
  const zone = isProven ? 'proven' : await prove(context, slice, deps)
  if (typeof zone === 'object') return complete(env, slice, zone)
  const current = { ...context, now: Date.now(), zone }
  return complete(env, slice, await inPace(deps, () => syncSlice(current, slice)))
}

/** Records the zones that are set, if they are others than before. @returns the history */
async function recordChange(
  db: D1Database,
  slice: TimeSlice,
  api: SyncSettings,
  history: readonly ZoneSpan[],
): Promise<readonly ZoneSpan[]> {
  if (isRecorded(history, api)) return history
  const zones = { webhook: api.timeZoneOfWebhook, api: api.timeZone }
  await withDatabaseTimeout(recordInUse(db, zones, Date.now()))
  return (await withDatabaseTimeout(readSliceState(db, slice))).history
}

/** Verifies the zone by an hour with events from the webhook, unless the slice itself has such events. */
async function prove(
  context: SliceContext,
  slice: TimeSlice,
  deps: SyncDeps,
): Promise<ZoneState | Failure> {
  const { db, api, now, others } = context
  const inUse = startOfUse(others, api)
  const period = { since: Math.max(inUse, now - MAX_BACK_MS), until: now - RESOLVED_MS }
  const time = await withDatabaseTimeout(findDelivery(db, period, inUse))
  // There is nothing to compare with, and no need to call the API.
  if (time === undefined) return api.isTimeZoneSet ? 'inconclusive' : UNVERIFIED
  if (time >= slice.since && time < slice.until) return 'inconclusive'
  const since = startOfHour(time)
  const hour = { ...slice, since, until: since + HOUR_MS }
  return inPace(deps, () => proveZone(context, hour))
}

/** Calls Yespo as soon as the pace allows. */
async function inPace<T>(
  deps: SyncDeps,
  call: () => Promise<T | RetryLater>,
): Promise<T | RetryLater> {
  const left = deps.nextCallAt - Date.now()
  if (left > PACE_MS) return { retryAfter: Math.ceil(left / 1_000), reason: PAUSE }
  await deps.wait(Math.max(0, left))
  const keepPace = () => (deps.nextCallAt = Date.now() + PACE_MS)
  keepPace() // also if the invocation is killed during the call
  const result = await call().finally(keepPace)
  if (typeof result === 'object' && result !== null && 'isPause' in result && result.isPause) {
    deps.nextCallAt = Date.now() + result.retryAfter * 1_000
  }
  return result
}

async function complete(env: Env, slice: TimeSlice, result: SliceResult): Promise<Outcome> {
  if (result === 'read') return result
  if ('parts' in result) return split(env.TASKS, result.parts)
  return 'stop' in result ? stop(env.DB, slice, result.stop) : result
}

async function split(queue: Queue, parts: TimeSlice[]): Promise<'split'> {
  await enqueueSlices(queue, parts)
  return 'split'
}

async function stop(db: D1Database, { run }: TimeSlice, reason: string): Promise<'dropped'> {
  await stopRun(db, run, reason, Date.now())
  return 'dropped'
}
