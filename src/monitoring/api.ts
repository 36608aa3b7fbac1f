import { expiringBy } from '../db/quarantine/expiry.ts'
import * as z from 'zod'
import { DAY_MS } from '../event/clock.ts'
import type { Language } from '../language/languages.ts'
import { writePhrases, type Phrase } from '../language/messages.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { LIMIT_BYTES } from '../db/archive/pressure.ts'
import { ENGAGED_KEY } from '../db/keys.ts'
import { MAX_QUARANTINED } from '../db/monitor/health.ts'
import { memoryKey } from '../db/monitor/alerts.ts'
import { startOfDay, type DayUsage } from '../db/monitor/usage.ts'
import { VERSION } from '../platform/version.ts'
import type { NormalSilence } from './alerts/flow.ts'
import { describeInvalidSettings } from './alerts/settings.ts'
import { countSeldom } from './seldom-counts.ts'
import {
  findDaysKept,
  takeSnapshot,
  readSnapshotValue,
  type Counting,
  type Snapshot,
} from './snapshot.ts'
import { describeSettings } from '../settings/settings.ts'
import { statusSchema } from './status-schema.ts'

const CHECK_EVERY_MS = 15 * 60_000
const MISSED_CHECKS = 3

/** The status of the receiver. Times in UTC milliseconds; null if unknown. */
export type Status = Awaited<ReturnType<typeof readStatus>>

const showStatus = defineEndpoint({
  method: 'get',
  path: '/status',
  access: 'readToken',
  hasPage: true,
  operationId: 'showStatus',
  tag: 'Service',
  summary: 'Health, for monitoring',
  description:
    '`status` is `attention` if there are problems; `problems` say since when and what to do. The HTTP status is 200 in both cases. Problems are checked every 15 minutes; `ALERT_URL` is notified when one begins and when it ends. If there is much to count, `quarantined`, `retention`, `erasures` and `rollups` may be a minute old, or a few minutes.',
  query: z.strictObject({}),
  response: statusSchema,
  handle: ({ env }) => readStatus(env, Date.now(), { count: countSeldom }),
})

const showHealth = defineEndpoint({
  method: 'get',
  path: '/health',
  access: 'everybody',
  operationId: 'showHealth',
  tag: 'Service',
  summary: 'Check that the receiver runs',
  description: 'Does not query the database.',
  response: lazily(() => z.strictObject({ status: z.literal('ok') }).meta({ id: 'Status' })),
  handle: () => ({ status: 'ok' as const }),
})

export const statusEndpoints = [showStatus, showHealth]

/**
 * @param now UTC milliseconds
 * @param language of the problems' messages
 * @param count makes the expensive counts; by default, all of them now
 * @throws what D1 throws
 */
export async function readStatus(
  env: Env,
  now: number,
  { language = 'en', count }: { language?: Language; count?: Counting } = {},
) {
  const snapshot = await takeSnapshot(env, now, count)
  const problems = listProblems(env, snapshot).map(({ message, ...problem }) => ({
    ...problem,
    message: writePhrases(language, message),
  }))
  const { activityQueue, deadLetters, erasures } = snapshot
  return {
    status: problems.length > 0 ? ('attention' as const) : ('ok' as const),
    problems,
    now,
    checkedAt: readLastCheck(snapshot),
    version: VERSION,
    events: describeEvents(snapshot),
    queue: {
      waiting: activityQueue?.waiting ?? null,
      oldestWaitingAt: activityQueue?.oldestAt ?? null,
      deadLetters: deadLetters?.waiting ?? null,
    },
    quarantined: describeQuarantine(snapshot),
    api: snapshot.sync,
    database: describeDatabase(snapshot),
    usageToday: snapshot.quotas.map(({ name, used, limit }) => ({ name, used, freePlan: limit })),
    retention: describeRetention(snapshot),
    erasures: { underWay: erasures.underWay, finished: erasures.finished },
    rollups: describeRollups(snapshot),
    settings: describeSettings(env),
  }
}

function readLastCheck(snapshot: Snapshot): number | null {
  return readSnapshotValue<{ at: number }>(snapshot, 'check.last')?.at ?? null
}

/** A problem of the receiver. `since` in UTC milliseconds. */
type Problem = { name: string; message: readonly Phrase[]; since: number }

/** The problems of the last check, and those that can be found without it: invalid settings, and a stopped schedule. */
function listProblems(env: Env, snapshot: Snapshot): Problem[] {
  const problems = snapshot.alerts.map(({ name, message, beganAt }) => ({
    name,
    message,
    since: beganAt,
  }))
  const settings = describeInvalidSettings(env)
  if (settings !== null && problems.every(({ name }) => name !== 'settings')) {
    problems.push({ name: 'settings', message: settings, since: snapshot.now })
  }
  const checkedAt = readLastCheck(snapshot)
  if (checkedAt !== null && snapshot.now - checkedAt > MISSED_CHECKS * CHECK_EVERY_MS) {
    problems.push({ name: 'schedule', message: [{ key: 'alerts.schedule' }], since: checkedAt })
  }
  return problems
}

function describeEvents(snapshot: Snapshot) {
  const { now } = snapshot
  const { lastReceivedAt, lastStoredAt, newestAt, lagMs } = snapshot.recentEvents
  return {
    lastReceivedAt,
    lastStoredAt,
    newestAt,
    lagMs,
    silenceMs: lastReceivedAt === null ? null : Math.max(0, now - lastReceivedAt),
    normalSilenceMs:
      readSnapshotValue<NormalSilence>(snapshot, memoryKey('silence'))?.normal ?? null,
  }
}

function describeQuarantine({ now, settings, quarantined }: Snapshot) {
  const { items, oldestAt, expiring } = quarantined
  const { quarantineDays } = settings
  const isKept = oldestAt === null || expiringBy(quarantineDays, now) === -Infinity
  return {
    items,
    countedUpTo: MAX_QUARANTINED,
    oldestAt,
    firstExpiresAt: isKept ? null : oldestAt + quarantineDays * DAY_MS,
    expiringSoon: expiring,
  }
}

function describeDatabase({ now, settings, databaseBytes: bytes, usage }: Snapshot) {
  const limitBytes = LIMIT_BYTES[settings.plan]
  const bytesPerDay = findGrowth(usage, startOfDay(now))
  const isGrowing = bytesPerDay !== null && bytesPerDay > 0
  return {
    bytes,
    limitBytes,
    share: Math.round((bytes / limitBytes) * 10_000) / 10_000,
    bytesPerDay,
    daysUntilFull: isGrowing ? Math.max(0, Math.floor((limitBytes - bytes) / bytesPerDay)) : null,
  }
}

/** The growth in bytes a day; null if fewer than two days are known. Today counts only if it is needed. */
export function findGrowth(
  usage: readonly Pick<DayUsage, 'day' | 'databaseBytes'>[],
  today: number,
): number | null {
  const over = usage.filter(({ day }) => day < today)
  const known = over.length >= 2 ? over : usage
  const [first, last] = [known[0], known.at(-1)]
  if (!first || !last || first.day === last.day) return null
  const days = (last.day - first.day) / DAY_MS
  return Math.round((last.databaseBytes - first.databaseBytes) / days)
}

function describeRetention(snapshot: Snapshot) {
  const { settings, hasArchive, archive, oldestEventAt, late, values } = snapshot
  return {
    keepDays: settings.keepDays,
    movesAfterDays: findDaysKept(snapshot),
    hasArchive,
    oldestEventAt,
    archivedDays: archive.days,
    archivedEvents: archive.events,
    archivedBytes: archive.bytes,
    waitingLate: late,
    unfinishedFiles: archive.unfinished.length,
    error: values.get('retention.error') ?? archive.error,
  }
}

function describeRollups({ rollups, values }: Snapshot) {
  const { until, open, failed, oldest: oldestOpenAt } = rollups
  const engaged = values.get(ENGAGED_KEY)
  return {
    until,
    open,
    failed,
    oldestOpenAt,
    engagementUntil: engaged === undefined ? null : Number(engaged),
  }
}
