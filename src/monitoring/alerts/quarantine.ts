import { digest128 } from '../../event/identity.ts'
import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { MAX_QUARANTINED } from '../../db/monitor/health.ts'
import { countNewestReasons, MAX_NEWEST } from '../../db/quarantine/counts.ts'
import { EXPIRING } from '../../db/quarantine/expiry.ts'
import type { AlertRule } from './rule.ts'
import { quoteReason, writeCount, writeTime } from './words.ts'

const NAMED_REASONS = 5
const KNOWN_REASONS = 20 // beyond these, new ones are not notified: the sender may make them up
const MIN_INTERVAL_MS = HOUR_MS
const REMIND_DAYS = 6

type Reason = { text: string; items: number }

/**
 * Items are in quarantine: one alert for all of them. A new reason is notified, too, at most once an hour. Its memory
 * is the digests of the notified reasons.
 */
const quarantine: AlertRule<string[]> = {
  name: 'quarantine',
  async check({ env, now, quarantined, alert, memory: known = [] }) {
    if (quarantined.items === 0) return { message: null, memory: null }
    const { reasons: found, complete } = await countNewestReasons(env.DB)
    const reasons = joinSame(found)
    const present = reasons.map(({ text }) => digest128(text))
    // If not all were counted, a reason that was not found may still exist.
    const kept = complete ? known.filter((reason) => present.includes(reason)) : known
    const added = present
      .filter((reason) => !known.includes(reason))
      .slice(0, Math.max(0, KNOWN_REASONS - kept.length))
    const isDue = !alert || alert.notifiedAt === null || now - alert.notifiedAt >= MIN_INTERVAL_MS
    return {
      message: describe(reasons, complete),
      memory: isDue ? [...kept, ...added] : kept,
      renotify: isDue && added.length > 0,
    }
  },
}

/** Merges reasons that differ only in words that the sender chose, most frequent first. */
function joinSame(found: readonly { reason: string; items: number }[]): Reason[] {
  const sums = new Map<string, number>()
  for (const { reason, items } of found) {
    const text = quoteReason(reason)
    sums.set(text, (sums.get(text) ?? 0) + items)
  }
  return Array.from(sums, ([text, items]) => ({ text, items })).sort(
    (one, other) => other.items - one.items,
  )
}

function describe(reasons: readonly Reason[], complete: boolean): string {
  const sumOf = (some: readonly Reason[]) => some.reduce((sum, { items }) => sum + items, 0)
  const [named, others] = [reasons.slice(0, NAMED_REASONS), reasons.slice(NAMED_REASONS)]
  const parts = named.map(({ text, items }) => `${items} for "${text}"`)
  if (others.length > 0) {
    parts.push(`${sumOf(others)} for ${writeCount(others.length, 'other reason')}`)
  }
  const items = sumOf(reasons)
  const count = writeCount(items, 'quarantined item', MAX_NEWEST)
  const of = complete ? ':' : `; of the newest ${MAX_NEWEST}:`
  return `${count}${of} ${parts.join(', ')}. Everything else in the same requests was stored. See “Quarantine” on the dashboard, fix the cause, then replay or delete ${pronoun(items)}.`
}

/**
 * Quarantined items will be deleted soon: `expire.ts` deletes only announced items. The notification is repeated often
 * enough to announce each deletion a day ahead, but at most every second day: in the day that follows it, nothing is
 * deleted. Its memory is QUARANTINE_DAYS: if that changes, deletions have to be announced again.
 */
const expiring: AlertRule<number> = {
  name: EXPIRING,
  check({ now, settings: { quarantineDays }, quarantined, alert, memory }) {
    const { expiring, oldestAt } = quarantined
    const remindMs = Math.max(2, Math.min(REMIND_DAYS, quarantineDays - 1)) * DAY_MS
    const notifiedAt = alert?.notifiedAt ?? now
    return {
      message:
        expiring > 0 && oldestAt !== null
          ? `${writeCount(expiring, 'quarantined item', MAX_QUARANTINED)} will be deleted from ${writeTime(oldestAt + quarantineDays * DAY_MS)} on, as QUARANTINE_DAYS is ${quarantineDays}, but no sooner than a day after this was sent. Replay or delete ${pronoun(expiring)} (“Quarantine” on the dashboard), or set QUARANTINE_DAYS higher; 0 keeps everything.`
          : null,
      memory: quarantineDays,
      renotify: memory !== undefined && memory !== quarantineDays,
      remind: now - notifiedAt >= remindMs,
    }
  },
}

function pronoun(items: number): string {
  return items === 1 ? 'it' : 'them'
}

export const quarantineAlerts: readonly AlertRule[] = [quarantine, expiring]
