import { DAY_MS } from '../../event/clock.ts'
import { FULL_SHARE, LIMIT_BYTES, RELIEVED_SHARE } from '../../db/archive/pressure.ts'
import { findDaysKept, type Snapshot } from '../snapshot.ts'
import type { AlertRule } from './rule.ts'
import { writeCount, writeTime } from './words.ts'

/** If events move early from `FULL_SHARE` on, and the database still grows up to this share, that is not enough. */
const FULLER_SHARE = 0.9

/** The database is nearly full, and old events do not make room, or not enough. */
const database: AlertRule = {
  name: 'database',
  check(snapshot) {
    const { settings, databaseBytes } = snapshot
    if (settings.errors.has('CLOUDFLARE_PLAN')) return undefined
    const share = databaseBytes / LIMIT_BYTES[settings.plan]
    const daysKept = findDaysKept(snapshot)
    if (share < (daysKept === null ? FULL_SHARE : FULLER_SHARE)) return null
    return `The database has reached ${writePercent(share)} of its limit of ${LIMIT_BYTES[settings.plan] / 1e6} MB; once it is full, no event can be stored. ${adviseOnFull(snapshot, daysKept)}${advisePlan(snapshot)}`
  },
}

function adviseOnFull({ hasArchive }: Snapshot, daysKept: number | null): string {
  if (daysKept !== null) {
    return `Events older than ${writeCount(daysKept, 'day')} move to the archive, but that does not make enough room.`
  }
  return hasArchive
    ? 'KEEP_DAYS is 0, so all events stay: set it to a number of days, and older ones move to the archive.'
    : 'No archive is bound, so old events stay in the database: enable R2 in the Cloudflare account, remove the "#" before the lines of [[r2_buckets]] in wrangler.toml, and run `npm run deploy`; events older than KEEP_DAYS then move there.'
}

function advisePlan({ settings }: Snapshot): string {
  return settings.plan === 'free'
    ? ' A paid plan has 10 GB: set CLOUDFLARE_PLAN = "paid" once you are on it.'
    : ''
}

/** Events move to the archive before they are old enough, as the database is nearly full. */
const movingEarly: AlertRule = {
  name: 'moving_early',
  check(snapshot) {
    const { settings, databaseBytes } = snapshot
    const days = findDaysKept(snapshot)
    if (days === null || days >= settings.keepDays) return null
    const share = databaseBytes / LIMIT_BYTES[settings.plan]
    return `The database is ${writePercent(share)} full, so events older than ${writeCount(days, 'day')} move to the archive already, instead of after KEEP_DAYS (${settings.keepDays}), until it is less than ${writePercent(RELIEVED_SHARE)} full. No event is lost, and reports, lists and contacts still show all of them.${advisePlan(snapshot)}`
  },
}

function writePercent(share: number): string {
  return `${Math.floor(share * 100)} %`
}

/**
 * Old events are stuck on their way to the archive. Its memory has the time since which each file has been unfinished.
 */
const archive: AlertRule<Record<string, number>> = {
  name: 'archive',
  check({ memory = {}, ...snapshot }) {
    const { now, archive, hasArchive } = snapshot
    const since = Object.fromEntries(archive.unfinished.map((file) => [file, memory[file] ?? now]))
    const stuck = Object.values(since).filter((time) => now - time > DAY_MS)
    const problem = describeArchiveProblem(snapshot, stuck)
    const advice = hasArchive
      ? 'No event is lost: it stays in the database until it is in the archive. See the log of the Worker for the reason, and check that the R2 bucket exists.'
      : 'The archive is no longer bound: put the lines of [[r2_buckets]] back into wrangler.toml, and run `npm run deploy`.'
    return {
      message: problem && `${problem} ${advice}`,
      memory: archive.unfinished.length === 0 ? null : since,
    }
  },
}

function describeArchiveProblem(
  { archive, values, hasArchive, late }: Snapshot,
  stuck: readonly number[],
): string | null {
  if (values.has('retention.error') || archive.error !== null) {
    return 'The last attempt to move old events to the archive failed.'
  }
  if (stuck.length > 0) {
    return `${writeCount(stuck.length, 'file')} of the archive ${stuck.length === 1 ? 'has' : 'have'} been unfinished since ${writeTime(Math.min(...stuck))}.`
  }
  if (hasArchive || late === 0) return null
  return `${writeCount(late, 'event')} came in for archived days, and can only be counted once the archive can be read.`
}

/** An erasure takes longer than it should. */
const erasures: AlertRule = {
  name: 'erasures',
  check({ now, erasures: { underWay, oldestAt } }) {
    return oldestAt !== null && now - oldestAt > DAY_MS
      ? `${writeCount(underWay, 'erasure')} ${underWay === 1 ? 'is' : 'are'} under way, the oldest since ${writeTime(oldestAt)}; an erasure should finish within a day. See the Worker's log for the reason; if old events are in an archive, its R2 bucket must be bound.`
      : null
  },
}

export const storageAlerts: readonly AlertRule[] = [database, movingEarly, archive, erasures]
