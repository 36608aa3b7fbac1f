import { DAY_MS } from '../../event/clock.ts'
import { finding, type Checked } from './findings.ts'
import { LIMIT_BYTES, readSnapshotValue, type Snapshot } from '../snapshot.ts'
import { writeCount, writeTime } from './words.ts'

const FULL_SHARE = 0.8

/** Whether the database is nearly full. */
export function checkDatabase({ settings, hasArchive, facts }: Snapshot): Checked {
  const { plan, keepDays, errors } = settings
  if (errors.has('CLOUDFLARE_PLAN')) return { findings: new Map() }
  const share = facts.databaseBytes / LIMIT_BYTES[plan]
  if (share < FULL_SHARE) return { findings: finding('database', null) }
  const advice = hasArchive
    ? keepDays === 0
      ? 'KEEP_DAYS is 0, so that all events stay: set it to a number of days, and older ones move to the archive.'
      : `Set KEEP_DAYS (now ${keepDays}) lower, and more events move to the archive.`
    : 'No archive is bound, so that old events are kept in the database: enable R2 in the Cloudflare account, take the "#" off the lines [[r2_buckets]] in wrangler.toml, and run `npm run deploy`; events older than KEEP_DAYS then move there.'
  const plans =
    plan === 'free' ? ' A paid plan has 10 GB: set CLOUDFLARE_PLAN = "paid" once you have it.' : ''
  return {
    findings: finding(
      'database',
      `The database has reached ${Math.floor(share * 100)} % of the ${LIMIT_BYTES[plan] / 1e6} MB that it may have; once it is full no event can be stored. ${advice}${plans}`,
    ),
  }
}

/** Whether old events get stuck on their way to the archive. */
export function checkArchive({ now, hasArchive, facts }: Snapshot): Checked {
  const before = readSnapshotValue<Record<string, number>>(facts, 'archive.unfinished') ?? {}
  const since = Object.fromEntries(
    facts.archive.unfinished.map((file) => [file, before[file] ?? now]),
  )
  const stuck = Object.values(since).filter((time) => now - time > DAY_MS)
  const isChanged = JSON.stringify(since) !== JSON.stringify(before)
  const isEmpty = facts.archive.unfinished.length === 0
  const notes = new Map([['archive.unfinished' as const, isEmpty ? null : JSON.stringify(since)]])
  const fault =
    facts.values.has('retention.error') || facts.archive.error !== null
      ? 'Old events could not be moved to the archive at the last try. '
      : stuck.length > 0
        ? `${writeCount(stuck.length, 'file')} of the archive ${stuck.length === 1 ? 'has' : 'have'} been unfinished since ${writeTime(Math.min(...stuck))}. `
        : !hasArchive && facts.late > 0
          ? `${writeCount(facts.late, 'event')} came in for days that are in the archive, and can be counted only when it is there to be looked at. `
          : undefined
  const advice = hasArchive
    ? 'No event is lost: it stays in the database until it is in the archive. See the log of the Worker for the reason, and whether the R2 bucket is there.'
    : 'No archive is bound any more: put the lines [[r2_buckets]] back into wrangler.toml, and run `npm run deploy`.'
  return {
    findings: finding('archive', fault === undefined ? null : fault + advice),
    notes: isChanged ? notes : new Map(),
  }
}

/** Whether forgetting a person takes longer than it should. */
export function checkErasures({ now, facts }: Snapshot): Checked {
  const { underWay, oldestAt } = facts.erasures
  const message =
    oldestAt !== null && now - oldestAt > DAY_MS
      ? `${writeCount(underWay, 'erasure')} of a person ${underWay === 1 ? 'is' : 'are'} under way, the oldest since ${writeTime(oldestAt)}, and it should have been done within a day. See the log of the Worker for the reason; where old events are in an archive, its R2 bucket has to be bound.`
      : null
  return { findings: finding('erasures', message) }
}
