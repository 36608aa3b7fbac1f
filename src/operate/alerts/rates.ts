import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../activity/clock.ts'
import { isKnownChannel } from '../../activity/unexpected.ts'
import { toCounts, type Counts } from '../../read/counts.ts'
import { countByTime } from '../../store/series.ts'
import type { Count } from '../../store/totals.ts'
import type { Checked } from './findings.ts'
import type { Look } from '../status/look.ts'

const MIN_DELIVERED = 100
const MIN_NUMERATOR = 3
const MAX_COUNTS = 2_000

const RATES = {
  spam_rate: {
    threshold: 0.002,
    what: 'complained of spam',
    advice:
      'Mailbox providers hold that against all you send: stop the campaign behind it, and write only to those who asked for it.',
    of: ({ spam }: Counts) => spam.contacts,
  },
  hard_bounce_rate: {
    threshold: 0.03,
    what: 'bounced for good',
    advice:
      'Mailbox providers hold that against all you send: see “Bounces” in the pages of the receiver, and stop writing to old or bought addresses.',
    of: ({ undelivered }: Counts) => undelivered.hard.contacts,
  },
} as const

/** Whether too many of a channel's contacts complain or bounce; looked at once an hour. */
export async function checkRates(db: D1Database, { now, facts }: Look): Promise<Checked> {
  if (now - Number(facts.notes.get('rates.at') ?? -Infinity) < HOUR_MS)
    return { findings: new Map() }
  const until = Math.ceil(now / QUARTER_MS) * QUARTER_MS
  const period = { since: until - DAY_MS, until, offset: 0 }
  const { counts } = await countByTime(db, 'mediaType', {}, [period], DAY_MS, MAX_COUNTS)
  const channels = Map.groupBy(counts, ({ key }) => nameChannel(key))
  const findings = new Map<string, string | null>()
  const known = facts.alerts.filter(({ name }) => /^(spam|hard_bounce)_rate:/.test(name))
  for (const { name } of known) findings.set(name, null)
  for (const [channel, rows] of channels) {
    const named = toCounts(addUp(rows))
    const delivered = named.delivered.contacts
    for (const [name, { threshold, what, advice, of }] of Object.entries(RATES)) {
      const count = of(named)
      const isOver = delivered >= MIN_DELIVERED && count >= MIN_NUMERATOR
      if (!isOver || count / delivered <= threshold) continue
      const percent = ((count / delivered) * 100).toFixed(2)
      findings.set(
        `${name}:${channel}`,
        `In the last 24 hours ${count} of ${delivered} contacts reached by ${channel} ${what}: ${percent} %, and more than ${threshold * 100} % is too many. ${advice}`,
      )
    }
  }
  return { findings, notes: new Map([['rates.at', String(now)]]) }
}

/** Channels are what the sender says: one that is no plain word is not repeated. */
function nameChannel(key: string | null): string {
  // A sender may put anything there, and all its letters are a word.
  return key !== null && isKnownChannel(key) ? key : 'other'
}

/** The counts of each kind together: a day by the clock has two days in it. */
function addUp(counts: readonly Count[]): Count[] {
  const kinds = Map.groupBy(
    counts,
    ({ activityStatus, hardBounce }) => `${hardBounce} ${activityStatus}`,
  )
  return [...kinds.values()].flatMap((rows) => {
    const [first] = rows
    const sum = (what: 'events' | 'contacts') => rows.reduce((total, row) => total + row[what], 0)
    return first ? [{ ...first, events: sum('events'), contacts: sum('contacts') }] : []
  })
}
