import * as z from 'zod'
import {
  defineRate,
  toRates,
  WHY_INCOMPLETE,
  type Rate,
  type RateName,
} from '../db/reports/rates.ts'
import type { Count } from '../db/reports/totals.ts'
import { lazily } from '../http/endpoint.ts'
import { operateSettings } from '../settings/settings.ts'

/** How a rate compares with its thresholds. */
const LEVELS = ['ok', 'warning', 'exceeded'] as const

/** The thresholds of a rate, from 0 to 1, and how it compares with them; null without a rate. */
export type Threshold = {
  warning: number
  limit: number
  level: (typeof LEVELS)[number] | null
}

/** A share of contacts. */
export const rateSchema = lazily(() =>
  z
    .strictObject({
      numerator: z.int(),
      denominator: z.int(),
      rate: z
        .number()
        .nullable()
        .meta({ description: 'From 0 to 1. Null without a denominator, and if `incomplete`.' }),
      incomplete: z.boolean().meta({ description: WHY_INCOMPLETE }),
    })
    .meta({ id: 'Rate' }),
)

export const ratesSchema = lazily(() => {
  const rateOf = (name: RateName) => rateSchema().meta({ description: defineRate(name) })
  const threshold = z
    .strictObject({ warning: z.number(), limit: z.number(), level: z.enum(LEVELS).nullable() })
    .optional()
    .meta({
      description:
        'From this rate on, there is a `warning`, or the `limit` is exceeded: settings, in percent there. The `level` is null without a rate.',
    })
  const limitedOf = (name: RateName) =>
    rateSchema()
      .extend({ threshold })
      .meta({ description: defineRate(name) })
  return z
    .strictObject({
      read: rateOf('read'),
      clicked: rateOf('clicked'),
      readWithoutMachines: rateOf('readWithoutMachines'),
      clickedWithoutMachines: rateOf('clickedWithoutMachines'),
      undelivered: rateOf('undelivered'),
      hardBounced: limitedOf('hardBounced'),
      spam: limitedOf('spam'),
      unsubscribed: rateOf('unsubscribed'),
    })
    .meta({ id: 'Rates' })
})

/** The thresholds of rates, from 0 to 1, as they are set. */
export function thresholdsOf(env: object) {
  const { spamWarning, spamLimit, hardBounceWarning, hardBounceLimit } = operateSettings(env)
  return {
    spam: { warning: spamWarning / 100, limit: spamLimit / 100 },
    hardBounced: { warning: hardBounceWarning / 100, limit: hardBounceLimit / 100 },
  }
}

export type Thresholds = ReturnType<typeof thresholdsOf>

/** All rates, those that have thresholds with them. */
export function toLimitedRates(counts: readonly Count[], thresholds: Thresholds) {
  return limitRates(toRates(counts), thresholds)
}

/** The same rates with their thresholds. */
export function limitRates(rates: Record<RateName, Rate>, thresholds: Thresholds) {
  const limit = (name: keyof Thresholds) => ({
    ...rates[name],
    threshold: compare(rates[name], thresholds[name]),
  })
  return { ...rates, spam: limit('spam'), hardBounced: limit('hardBounced') }
}

/** @returns the thresholds with the level of a rate, which itself is rounded */
export function compare(
  { numerator, denominator, rate }: Rate,
  { warning, limit }: { warning: number; limit: number },
): Threshold {
  if (rate === null) return { warning, limit, level: null }
  const share = numerator / denominator
  const level = share >= limit ? 'exceeded' : share >= warning ? 'warning' : 'ok'
  return { warning, limit, level }
}
