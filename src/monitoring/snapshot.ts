import { daysKept } from '../db/archive/pressure.ts'
import { EARLY_KEY } from '../db/keys.ts'
import { expiringBy } from '../db/quarantine/expiry.ts'
import { isScheduled, readSyncState, type SyncState } from '../sync/state.ts'
import { archiveBucket, operateSettings, type OperateSettings } from '../settings/settings.ts'
import { findRecentEvents, type RecentEvents } from '../db/monitor/recent-events.ts'
import { readCounts, readHealth, type Counts, type Health } from '../db/monitor/health.ts'
import { startOfDay } from '../db/monitor/usage.ts'
import { readBacklog, type Backlog } from './queues.ts'
import { listQuotas, type Quota } from './quotas.ts'

/** Everything from which the health of the receiver is judged, at one moment. */
export type Snapshot = Health &
  Counts & {
    now: number
    settings: OperateSettings
    hasArchive: boolean
    recentEvents: RecentEvents
    /** Null unless Yespo's API is read on a schedule. */
    sync: SyncState | null
    /** Today's usage of the free plan's quotas. */
    quotas: Quota[]
    /** Null if the queue does not report it. */
    activityQueue: Backlog | null
    deadLetters: Backlog | null
  }

/** How to count: now (`readCounts`), or with recent results. */
export type Counting = (env: Env, expiringBy: number, now: number) => Promise<Counts>

const countNow: Counting = (env, expiring) => readCounts(env.DB, expiring)

/**
 * @param now UTC milliseconds
 * @throws what D1 throws
 */
export async function takeSnapshot(env: Env, now: number, count = countNow): Promise<Snapshot> {
  const settings = operateSettings(env)
  const [recentEvents, health, counts, sync, activityQueue, deadLetters] = await Promise.all([
    findRecentEvents(env.DB, now),
    readHealth(env.DB),
    count(env, expiringBy(settings.quarantineDays, now), now),
    isScheduled(env) ? readSyncState(env.DB, now) : null,
    readBacklog(env.ACTIVITY_QUEUE),
    readBacklog(env.DEAD_LETTERS),
  ])
  return {
    ...health,
    ...counts,
    now,
    settings,
    hasArchive: archiveBucket(env) !== undefined,
    recentEvents,
    sync,
    quotas: listQuotas(health.usage.find(({ day }) => day === startOfDay(now))),
    activityQueue,
    deadLetters,
  }
}

/** The days after which events move to the archive: fewer than KEEP_DAYS while they move early. Null if all stay. */
export function findDaysKept({ settings, hasArchive, values, now }: Snapshot): number | null {
  if (!hasArchive || settings.keepDays === 0) return null
  const early = values.get(EARLY_KEY)
  return daysKept(settings.keepDays, early === undefined ? null : Number(early), now)
}

/** A value that a check left for the next one, as JSON; undefined if there is none. */
export function readSnapshotValue<T>({ values }: Health, name: string): T | undefined {
  const text = values.get(name)
  // One reasoned cast: a value is read as it was written.
  return text === undefined ? undefined : (JSON.parse(text) as T)
}
