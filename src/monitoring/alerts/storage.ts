import { DAY_MS } from '../../event/clock.ts'
import { LIMIT_BYTES, type Snapshot } from '../snapshot.ts'
import type { AlertRule } from './rule.ts'
import { writeCount, writeTime } from './words.ts'

const FULL_SHARE = 0.8

/** The database is nearly full. */
const database: AlertRule = {
  name: 'database',
  check({ settings: { plan, keepDays, errors }, hasArchive, databaseBytes }) {
    if (errors.has('CLOUDFLARE_PLAN')) return undefined
    const share = databaseBytes / LIMIT_BYTES[plan]
    if (share < FULL_SHARE) return null
    const advice = hasArchive
      ? keepDays === 0
        ? 'KEEP_DAYS is 0, so all events stay: set it to a number of days, and older ones move to the archive.'
        : `Set KEEP_DAYS (now ${keepDays}) lower, and more events move to the archive.`
      : 'No archive is bound, so old events stay in the database: enable R2 in the Cloudflare account, remove the "#" before the lines of [[r2_buckets]] in wrangler.toml, and run `npm run deploy`; events older than KEEP_DAYS then move there.'
    const plans =
      plan === 'free'
        ? ' A paid plan has 10 GB: set CLOUDFLARE_PLAN = "paid" once you are on it.'
        : ''
    return `The database has reached ${Math.floor(share * 100)} % of its limit of ${LIMIT_BYTES[plan] / 1e6} MB; once it is full, no event can be stored. ${advice}${plans}`
  },
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

export const storageAlerts: readonly AlertRule[] = [database, archive, erasures]
