import { digest128 } from '../../event/identity.ts'
import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import type { Phrase } from '../../language/messages.ts'
import { countNewestReasons } from '../../db/quarantine/counts.ts'
import { MAX_QUARANTINED } from '../../db/monitor/health.ts'
import { EXPIRING } from '../../db/quarantine/expiry.ts'
import type { AlertRule } from './rule.ts'
import { quoteReason, writeTime } from './words.ts'

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

function describe(reasons: readonly Reason[], complete: boolean): Phrase[] {
  const sumOf = (some: readonly Reason[]) => some.reduce((sum, { items }) => sum + items, 0)
  const [named, others] = [reasons.slice(0, NAMED_REASONS), reasons.slice(NAMED_REASONS)]
  const parts = named.map(({ text, items }): Phrase => ({
    key: 'alerts.reason',
    values: { count: items, reason: text },
  }))
  if (others.length > 0) {
    const values = { count: sumOf(others), reasons: others.length }
    parts.push({ key: 'alerts.otherReasons', values })
  }
  const key = complete ? 'alerts.quarantine' : 'alerts.quarantineMany'
  return [{ key, values: { count: sumOf(reasons), reasons: parts } }]
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
          ? [
              {
                key: 'alerts.expiring',
                values: {
                  count: expiring,
                  more: expiring >= MAX_QUARANTINED ? 'yes' : 'no',
                  time: writeTime(oldestAt + quarantineDays * DAY_MS),
                  days: quarantineDays,
                },
              },
            ]
          : null,
      memory: quarantineDays,
      renotify: memory !== undefined && memory !== quarantineDays,
      remind: now - notifiedAt >= remindMs,
    }
  },
}

export const quarantineAlerts: readonly AlertRule[] = [quarantine, expiring]
