import { expiringBy } from '../db/quarantine/expiry.ts'
import { isScheduled, readReadingState, type ReadingState } from '../sync/state.ts'
import { archiveBucket, operateSettings, type OperateSettings } from '../settings/settings.ts'
import { findRecentEvents, type RecentEvents } from '../db/monitor/recent-events.ts'
import {
  readCounts,
  readHealth,
  type Counts,
  type Health,
  type KeyRead,
} from '../db/monitor/health.ts'
import { startOfDay } from '../db/monitor/usage.ts'
import { readBacklog, type Backlog } from './queues.ts'
import { listQuotas, type Quota } from './quotas.ts'

/** How many bytes a database may have. https://developers.cloudflare.com/d1/platform/limits/ */
export const LIMIT_BYTES = { free: 500_000_000, paid: 10_000_000_000 } as const

/** How long before it is deleted the owner is told of what was set aside. */

/** Everything that the receiver is judged by, at one moment. */
export type Snapshot = {
  now: number
  settings: OperateSettings
  hasArchive: boolean
  arrivals: RecentEvents
  facts: Health & Counts
  /** Null where Yespo's API is not read by itself. */
  reading: ReadingState | null
  /** What today used of the free plan's quotas. */
  quotas: Quota[]
  /** Null where the queue does not tell. */
  activityQueue: Backlog | null
  deadLetters: Backlog | null
}

/** Counts, for one who looks: `readCounts` of `store/facts.ts` or one that does not each time. */
export type Counting = (env: Env, expiringBy: number, now: number) => Promise<Counts>

const countNow: Counting = (env, expiring) => readCounts(env.DB, expiring)

/**
 * @param now UTC milliseconds
 * @throws what D1 throws
 */
export async function takeSnapshot(env: Env, now: number, count = countNow): Promise<Snapshot> {
  const settings = operateSettings(env)
  const [arrivals, facts, counts, reading, activityQueue, deadLetters] = await Promise.all([
    findRecentEvents(env.DB, now),
    readHealth(env.DB),
    count(env, expiringBy(settings.quarantineDays, now), now),
    isScheduled(env) ? readReadingState(env.DB, now) : null,
    readBacklog(env.ACTIVITY_QUEUE),
    readBacklog(env.DEAD_LETTERS),
  ])
  const hasArchive = archiveBucket(env) !== undefined
  const all = { ...facts, ...counts }
  const quotas = listQuotas(facts.usage.find(({ day }) => day === startOfDay(now)))
  const look = { now, settings, hasArchive, arrivals, facts: all, reading, quotas }
  return { ...look, activityQueue, deadLetters }
}

/** What a check left for the next one, of JSON; undefined where there is nothing. */
export function readSnapshotValue<T>({ values }: Health, name: KeyRead): T | undefined {
  const text = values.get(name)
  // One reasoned cast: a note is read where it is written.
  return text === undefined ? undefined : (JSON.parse(text) as T)
}
