import { DAY_MS } from '../../event/clock.ts'
import { FULL_SHARE, LIMIT_BYTES, RELIEVED_SHARE } from '../../db/archive/pressure.ts'
import type { Phrase } from '../../language/messages.ts'
import { findDaysKept, type Snapshot } from '../snapshot.ts'
import type { AlertRule } from './rule.ts'
import { writeTime } from './words.ts'

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
    const limit = LIMIT_BYTES[settings.plan]
    return [
      {
        key: 'alerts.database',
        values: { share: roundDown(share), limit: limit / 1e6 },
      },
      adviseOnFull(snapshot, daysKept),
      ...advisePlan(snapshot),
    ]
  },
}

function adviseOnFull({ hasArchive }: Snapshot, daysKept: number | null): Phrase {
  if (daysKept !== null) return { key: 'alerts.databaseMoving', values: { count: daysKept } }
  return { key: hasArchive ? 'alerts.databaseKeepsAll' : 'alerts.databaseNoArchive' }
}

function advisePlan({ settings }: Snapshot): Phrase[] {
  return settings.plan === 'free' ? [{ key: 'alerts.paidPlan' }] : []
}

/** Events move to the archive before they are old enough, as the database is nearly full. */
const movingEarly: AlertRule = {
  name: 'moving_early',
  check(snapshot) {
    const { settings, databaseBytes } = snapshot
    const days = findDaysKept(snapshot)
    if (days === null || days >= settings.keepDays) return null
    const share = databaseBytes / LIMIT_BYTES[settings.plan]
    const values = {
      share: roundDown(share),
      count: days,
      planned: settings.keepDays,
      relieved: roundDown(RELIEVED_SHARE),
    }
    return [{ key: 'alerts.movingEarly', values }, ...advisePlan(snapshot)]
  },
}

/** To whole per cents: a limit is not reached before it is. */
function roundDown(share: number): number {
  return Math.floor(share * 100) / 100
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
    return {
      message: problem && [
        problem,
        { key: hasArchive ? 'alerts.archiveAdvice' : 'alerts.archiveUnbound' },
      ],
      memory: archive.unfinished.length === 0 ? null : since,
    }
  },
}

function describeArchiveProblem(
  { archive, values, hasArchive, late }: Snapshot,
  stuck: readonly number[],
): Phrase | null {
  if (values.has('retention.error') || archive.error !== null)
    return { key: 'alerts.archiveFailed' }
  if (stuck.length > 0) {
    const time = writeTime(Math.min(...stuck))
    return { key: 'alerts.archiveStuck', values: { count: stuck.length, time } }
  }
  return hasArchive || late === 0 ? null : { key: 'alerts.archiveLate', values: { count: late } }
}

/** An erasure takes longer than it should. */
const erasures: AlertRule = {
  name: 'erasures',
  check({ now, erasures: { underWay, oldestAt } }) {
    if (oldestAt === null || now - oldestAt <= DAY_MS) return null
    return [{ key: 'alerts.erasures', values: { count: underWay, time: writeTime(oldestAt) } }]
  },
}

export const storageAlerts: readonly AlertRule[] = [database, movingEarly, archive, erasures]
