import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../event/clock.ts'
import type { Phrase } from '../../language/messages.ts'
import { countCauses } from '../../db/reports/bounce-causes.ts'
import { toRates } from '../../db/reports/rates.ts'
import { countByTime } from '../../db/reports/time-series.ts'
import type { Period } from '../../db/reports/totals.ts'
import { compare, thresholdsOf } from '../../reports/rates.ts'
import type { AlertRule } from './rule.ts'
import { nameChannel } from './words.ts'

const MIN_CONTACTS = 100
const MIN_NUMERATOR = 3
const MAX_COUNTS = 2_000

const LIMITS = { spam_rate: 'spam', hard_bounce_rate: 'hardBounced' } as const

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
    const message = new Map<string, Phrase[] | null>()
    const known = alerts.filter(({ name }) => /^(spam|hard_bounce)_rate:/.test(name))
    for (const { name } of known) message.set(name, null)
    for (const [channel, rows] of Map.groupBy(counts, ({ key }) => nameChannel(key))) {
      const rates = toRates(rows)
      for (const [name, rateName] of Object.entries(LIMITS)) {
        const { numerator, denominator, incomplete } = rates[rateName]
        const { level, limit } = compare(rates[rateName], thresholds[rateName])
        // People may complain about a message from before the period: without a rate, a few complaints mean nothing.
        const isTooMuch = incomplete
          ? numerator >= MIN_CONTACTS
          : denominator >= MIN_CONTACTS && numerator >= MIN_NUMERATOR && level === 'exceeded'
        if (!isTooMuch) continue
        const values = { numerator, denominator, channel, rate: numerator / denominator, limit }
        const sentences: Phrase[] = [
          { key: `alerts.${incomplete ? 'rateUnknown' : 'rate'}.${rateName}`, values },
          { key: `alerts.rateAdvice.${rateName}` },
        ]
        if (rateName === 'hardBounced') {
          const mediaType = rows.flatMap(({ key }) => key ?? [])
          sentences.push(await explainHardBounces(env.DB, mediaType, period))
        }
        if (incomplete || rates.read.denominator === 0) {
          sentences.push({ key: 'alerts.needsDelivered' })
        }
        message.set(`${name}:${channel}`, sentences)
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
): Promise<Phrase> {
  const { causes } = await countCauses(db, { mediaType }, period)
  const [first] = causes.toSorted((a, b) => b.hard - a.hard)
  if (!first || first.cause === 'unknown') return { key: 'alerts.bounceCauseUnknown' }
  const all = causes.reduce((sum, { hard }) => sum + hard, 0)
  const { cause, hard } = first
  return {
    key: 'alerts.bounceCause',
    values: {
      title: { key: `cause.${cause}.title` },
      advice: { key: `cause.${cause}.advice` },
      share: hard / all,
    },
  }
}
