import * as z from 'zod'
import { DAY_MS, QUARTER_MS, toUtc } from '../event/clock.ts'
import { offsetAt } from '../event/time-zone.ts'
import { RATE_NAMES, toRates, type RateName } from '../db/reports/rates.ts'
import type { Count, Period } from '../db/reports/totals.ts'
import { lazily } from '../http/endpoint.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { countFields, toCounts } from './counts.ts'
import { ratesSchema } from './rates.ts'

/** What a period can be compared with. */
const COMPARISONS = ['previous', '4weeks'] as const

export type Comparison = (typeof COMPARISONS)[number]

/** The query parameter that compares. */
export function compareField() {
  return z
    .enum(COMPARISONS, { error: `must be one of ${COMPARISONS.join(', ')}` })
    .optional()
    .meta({
      description:
        'Adds what was `before` and the `changes`: `previous` is the period of the same length before; `4weeks` the same weekdays four weeks earlier. By the clocks of the time zone. Needs `since`.',
    })
}

/** How much earlier the other period is, by the clocks: milliseconds. */
export function shiftOf(comparison: Comparison, { since, until }: Period, zone: string): number {
  if (comparison === '4weeks') return 28 * DAY_MS
  return until + offsetAt(until, zone) - since - offsetAt(since, zone)
}

/**
 * The period to compare with.
 * @throws HttpError 400 for a period without a start
 */
export function periodBefore(
  comparison: Comparison,
  { since, until }: { since?: number | undefined; until?: number | undefined },
  zone: string,
): Period {
  if (since === undefined) throw invalidParameter('since', 'is needed to compare')
  const period = { since, until: until ?? Math.ceil(Date.now() / QUARTER_MS) * QUARTER_MS }
  const shift = shiftOf(comparison, period, zone)
  return {
    since: earlier(period.since, shift, zone),
    until: comparison === 'previous' ? period.since : earlier(period.until, shift, zone),
  }
}

/** A time so much earlier by the clocks, as on a day on which they change. */
function earlier(time: number, shift: number, zone: string): number {
  const local = time + offsetAt(time, zone) - shift
  return toUtc(new Date(local).toISOString().slice(0, 19), zone) ?? time - shift
}

const CHANGED = [
  'sent',
  'delivered',
  'read',
  'clicked',
  'undelivered',
  'spam',
  'unsubscribed',
] as const

/** What a line was before, and how it has changed. */
export const comparedFields = lazily(() => {
  const change = z.number().nullable()
  const contacts = Object.fromEntries(CHANGED.map((name) => [name, change])) as Record<
    (typeof CHANGED)[number],
    typeof change
  >
  const rates = Object.fromEntries(RATE_NAMES.map((name) => [name, change])) as Record<
    RateName,
    typeof change
  >
  return z.object({
    before: z
      .strictObject({ ...countFields(), rates: ratesSchema() })
      .optional()
      .meta({ description: 'The same in the period that it is compared with.' }),
    changes: z
      .strictObject({
        contacts: z.strictObject(contacts).meta({
          description: 'Of contacts, as a share of those before: 0.5 is half as many again.',
        }),
        rates: z.strictObject(rates).meta({
          description: 'Of rates: the difference, so 0.01 is a percentage point.',
        }),
      })
      .optional()
      .meta({ description: 'Null for what cannot be told.' }),
  })
})

/** What a line was before, and how it has changed. */
export function compareCounts(counts: readonly Count[], countsBefore: readonly Count[]) {
  const [now, then] = [toCounts(counts), toCounts(countsBefore)]
  const [rates, ratesBefore] = [toRates(counts), toRates(countsBefore)]
  const contacts = CHANGED.map((name) => [name, ratio(now[name].contacts, then[name].contacts)])
  const differences = RATE_NAMES.map((name) => [
    name,
    difference(rates[name].rate, ratesBefore[name].rate),
  ])
  return {
    before: { ...then, rates: ratesBefore },
    changes: {
      // Two reasoned casts: they have every name.
      contacts: Object.fromEntries(contacts) as Record<(typeof CHANGED)[number], number | null>,
      rates: Object.fromEntries(differences) as Record<RateName, number | null>,
    },
  }
}

function ratio(now: number, before: number): number | null {
  return before === 0 ? null : round((now - before) / before)
}

/** The difference of two rates; null if one is unknown. */
function difference(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : round(now - before)
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000
}
