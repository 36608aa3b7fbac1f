import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { isKnownChannel } from '../../event/unexpected.ts'
import { BASES, RATES, toRates } from '../../db/reports/rates.ts'
import { countByTime } from '../../db/reports/time-series.ts'
import type { Checked } from './findings.ts'
import type { Snapshot } from '../snapshot.ts'

const MIN_CONTACTS = 100
const MIN_NUMERATOR = 3
const MAX_COUNTS = 2_000

const ALERTS = {
  spam_rate: {
    rate: 'spam',
    threshold: 0.002,
    advice:
      'Mailbox providers hold that against all you send: stop the campaign behind it, and write only to those who asked for it.',
  },
  hard_bounce_rate: {
    rate: 'hardBounced',
    threshold: 0.03,
    advice:
      'Mailbox providers hold that against all you send: see “Bounces” in the pages of the receiver, and stop writing to old or bought addresses.',
  },
} as const

const NEEDS_DELIVERED =
  'If the webhook does not send the status DELIVERED, add it in Yespo, as rates are wrong without it.'

/** Whether too many of a channel's contacts complain or bounce; looked at once an hour. */
export async function checkRates(db: D1Database, { now, facts }: Snapshot): Promise<Checked> {
  if (now - Number(facts.values.get('rates.at') ?? -Infinity) < HOUR_MS)
    return { findings: new Map() }
  const until = Math.ceil(now / QUARTER_MS) * QUARTER_MS
  const period = { since: until - DAY_MS, until, offset: 0 }
  const { counts } = await countByTime(db, 'mediaType', {}, [period], DAY_MS, MAX_COUNTS)
  const findings = new Map<string, string | null>()
  const known = facts.alerts.filter(({ name }) => /^(spam|hard_bounce)_rate:/.test(name))
  for (const { name } of known) findings.set(name, null)
  for (const [channel, rows] of Map.groupBy(counts, ({ key }) => nameChannel(key))) {
    const rates = toRates(rows)
    for (const [name, { rate: rateName, threshold, advice }] of Object.entries(ALERTS)) {
      const { over, did } = RATES[rateName]
      const { numerator, denominator, incomplete } = rates[rateName]
      const share = numerator / denominator // `rate` is rounded
      // Who complains may have been reached before the period: a few of them say nothing without a rate.
      const isTooMuch = incomplete
        ? numerator >= MIN_CONTACTS
        : denominator >= MIN_CONTACTS && numerator >= MIN_NUMERATOR && share > threshold
      if (!isTooMuch) continue
      const those = `contacts ${BASES[over].verb} by ${channel} ${did}`
      const what = incomplete
        ? `${numerator} ${those}, and only ${denominator} are known to have been ${BASES[over].verb}, so that there is no rate`
        : `${numerator} of ${denominator} ${those}: ${(share * 100).toFixed(2)} %, and more than ${threshold * 100} % is too many`
      const isUnknown = incomplete || rates.read.denominator === 0
      const advised = isUnknown ? `${advice} ${NEEDS_DELIVERED}` : advice
      findings.set(`${name}:${channel}`, `In the last 24 hours ${what}. ${advised}`)
    }
  }
  return { findings, notes: new Map([['rates.at', String(now)]]) }
}

/** Channels are what the sender says: one that is no plain word is not repeated. */
function nameChannel(key: string | null): string {
  // A sender may put anything there, and all its letters are a word.
  return key !== null && isKnownChannel(key) ? key : 'other'
}
