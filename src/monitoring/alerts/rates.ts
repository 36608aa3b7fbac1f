import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import { describeCause } from '../../language/causes.ts'
import { isKnownChannel } from '../../event/unexpected.ts'
import { countCauses } from '../../db/reports/bounce-causes.ts'
import { BASES, RATES, toRates } from '../../db/reports/rates.ts'
import { countByTime } from '../../db/reports/time-series.ts'
import type { Period } from '../../db/reports/totals.ts'
import { compare, thresholdsOf } from '../../reports/rates.ts'
import type { AlertRule } from './rule.ts'

const MIN_CONTACTS = 100
const MIN_NUMERATOR = 3
const MAX_COUNTS = 2_000

const LIMITS = {
  spam_rate: {
    rate: 'spam',
    advice:
      'Mailbox providers hold this against everything you send: stop the campaign that caused it, and write only to people who opted in.',
  },
  hard_bounce_rate: {
    rate: 'hardBounced',
    advice:
      'Mailbox providers hold this against everything you send: see “Bounces” on the dashboard.',
  },
} as const

const NEEDS_DELIVERED =
  'If the webhook does not send the status DELIVERED, add it in Yespo: rates are wrong without it.'

/**
 * Too many of a channel's contacts complain or bounce. Its memory is the time of the last check, once an hour: UTC
 * milliseconds.
 */
export const rateAlert: AlertRule<number> = {
  name: 'rates',
  async check({ env, now, alerts, memory = -Infinity }) {
    if (now - memory < HOUR_MS) return undefined
    const until = Math.ceil(now / QUARTER_MS) * QUARTER_MS
    const period = { since: until - DAY_MS, until, offset: 0 }
    const { counts } = await countByTime(env.DB, 'mediaType', {}, [period], DAY_MS, MAX_COUNTS)
    const thresholds = thresholdsOf(env)
    const message = new Map<string, string | null>()
    const known = alerts.filter(({ name }) => /^(spam|hard_bounce)_rate:/.test(name))
    for (const { name } of known) message.set(name, null)
    for (const [channel, rows] of Map.groupBy(counts, ({ key }) => nameChannel(key))) {
      const rates = toRates(rows)
      for (const [name, { rate: rateName, advice }] of Object.entries(LIMITS)) {
        const { over, did } = RATES[rateName]
        const { numerator, denominator, incomplete } = rates[rateName]
        const { level, limit } = compare(rates[rateName], thresholds[rateName])
        // People may complain about a message from before the period: without a rate, a few complaints mean nothing.
        const isTooMuch = incomplete
          ? numerator >= MIN_CONTACTS
          : denominator >= MIN_CONTACTS && numerator >= MIN_NUMERATOR && level === 'exceeded'
        if (!isTooMuch) continue
        const those = `contacts ${BASES[over].verb} by ${channel} ${did}`
        const finding = incomplete
          ? `${numerator} ${those}, and only ${denominator} are known to have been ${BASES[over].verb}, so the rate is unknown`
          : `${numerator} of ${denominator} ${those}: ${((numerator / denominator) * 100).toFixed(2)} %, and from ${Number((limit * 100).toFixed(4))} % on it is too many`
        const sentences = [`In the last 24 hours, ${finding}.`, advice]
        if (rateName === 'hardBounced') {
          const mediaType = rows.flatMap(({ key }) => key ?? [])
          sentences.push(await explainHardBounces(env.DB, mediaType, period))
        }
        if (incomplete || rates.read.denominator === 0) sentences.push(NEEDS_DELIVERED)
        message.set(`${name}:${channel}`, sentences.join(' '))
      }
    }
    return { message, memory: now }
  },
}

/** The most frequent cause of the hard bounces of a channel, and what to do. @param mediaType its spellings */
async function explainHardBounces(
  db: D1Database,
  mediaType: readonly string[],
  period: Period,
): Promise<string> {
  const { causes } = await countCauses(db, { mediaType }, period)
  const [first] = causes.toSorted((a, b) => b.hard - a.hard)
  if (!first || first.cause === 'unknown') return 'Stop writing to old or bought addresses.'
  const { title, advice } = describeCause(first.cause)
  const all = causes.reduce((sum, { hard }) => sum + hard, 0)
  return `Most frequent cause: ${title.toLowerCase()} (${Math.round((first.hard / all) * 100)} %). ${advice}`
}

/** The name of a channel; `other` for an undocumented one, which must not be repeated. */
function nameChannel(key: string | null): string {
  // A sender may have put anything there, even an address.
  return key !== null && isKnownChannel(key) ? key : 'other'
}
