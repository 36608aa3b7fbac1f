import { digest128 } from '../../event/identity.ts'
import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { MAX_QUARANTINED } from '../../db/monitor/health.ts'
import { countNewestReasons, MAX_NEWEST } from '../../db/quarantine/counts.ts'
import { finding, type Checked } from './findings.ts'
import { readSnapshotValue, type Snapshot } from '../snapshot.ts'
import { quoteReason, writeCount, writeTime } from './words.ts'

const NAME = 'quarantine'
const NAMED_REASONS = 5
const KNOWN_REASONS = 20 // of more, a new one is no news: the sender may make them up
const AGAIN_MS = HOUR_MS

type Reason = { text: string; elements: number }

/**
 * Whether anything is quarantined: one alert for all of it. It is told again for a reason that was not
 * there before, at most once an hour.
 */
export async function checkQuarantine(db: D1Database, { now, facts }: Snapshot): Promise<Checked> {
  const alert = facts.alerts.find(({ name }) => name === NAME)
  if (facts.quarantined.elements === 0) {
    if (!alert) return { findings: new Map() }
    return { findings: finding(NAME, null), notes: new Map([['quarantine.reasons', null]]) }
  }
  const { reasons: found, complete } = await countNewestReasons(db)
  const reasons = joinSame(found)
  const findings = finding(NAME, describe(reasons, complete))
  const known = readSnapshotValue<string[]>(facts, 'quarantine.reasons') ?? []
  const present = reasons.map(({ text }) => digest128(text))
  // If there are more than were looked at, a reason that was not seen may still be there.
  const kept = complete ? known.filter((reason) => present.includes(reason)) : known
  const fresh = present
    .filter((reason) => !known.includes(reason))
    .slice(0, Math.max(0, KNOWN_REASONS - kept.length))
  const isDue = !alert || alert.notifiedAt === null || now - alert.notifiedAt >= AGAIN_MS
  const noted = JSON.stringify(isDue ? [...kept, ...fresh] : kept)
  return {
    findings,
    ...(noted !== JSON.stringify(known) && { notes: new Map([['quarantine.reasons', noted]]) }),
    again: isDue && fresh.length > 0 ? [NAME] : [],
  }
}

/** Reasons that read alike once what the sender chose is left out of them, the most frequent first. */
function joinSame(found: readonly { reason: string; elements: number }[]): Reason[] {
  const alike = Map.groupBy(found, ({ reason }) => quoteReason(reason))
  return [...alike]
    .map(([text, each]) => ({ text, elements: sumOf(each) }))
    .sort((one, other) => other.elements - one.elements)
}

function sumOf(counts: readonly { elements: number }[]): number {
  return counts.reduce((sum, { elements }) => sum + elements, 0)
}

function describe(reasons: readonly Reason[], complete: boolean): string {
  const elements = sumOf(reasons)
  const [named, others] = [reasons.slice(0, NAMED_REASONS), reasons.slice(NAMED_REASONS)]
  const parts = named.map((reason) => `${reason.elements} for "${reason.text}"`)
  if (others.length > 0) {
    parts.push(`${sumOf(others)} for ${writeCount(others.length, 'other reason')}`)
  }
  const count = writeCount(elements, 'quarantined item', MAX_NEWEST)
  const of = complete ? ':' : `; of the newest ${MAX_NEWEST}:`
  const them = elements === 1 ? 'it' : 'them'
  return `${count}${of} ${parts.join(', ')}. Everything else in the same requests was stored. See “Set aside” in the pages of the receiver, fix the cause, then replay or delete ${them}.`
}

/** Whether what is quarantined is deleted soon: nothing goes before the owner was told of it. */
export function checkExpiring({ settings, facts }: Snapshot): Checked {
  const { quarantineDays } = settings
  const { expiring, oldestAt } = facts.quarantined
  const noted = facts.values.get('expiring.days')
  const isMarked = noted === String(quarantineDays)
  const notes = new Map([['expiring.days' as const, String(quarantineDays)]])
  const them = expiring === 1 ? 'it' : 'them'
  const message =
    expiring > 0 && oldestAt !== null
      ? `${writeCount(expiring, 'quarantined item', MAX_QUARANTINED)} will be deleted from ${writeTime(oldestAt + quarantineDays * DAY_MS)} on, as QUARANTINE_DAYS is ${quarantineDays}, and no sooner than a day after this was sent. Replay or delete ${them} (“Set aside” in the pages of the receiver), or set QUARANTINE_DAYS higher; 0 keeps everything.`
      : null
  return {
    findings: finding('expiring', message),
    notes: isMarked ? new Map() : notes,
    // What was told of a deletion at other times was not told.
    again: noted === undefined || isMarked ? [] : ['expiring'],
  }
}
