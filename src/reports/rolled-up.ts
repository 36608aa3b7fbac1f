import * as z from 'zod'
import { lazily } from '../http/endpoint.ts'
import { moment } from '../http/response-fields.ts'
import type { RollupState } from '../db/rollups/hours.ts'

/** How far the numbers of a report are, which are computed once an hour is over. */
export const rolledUpSchema = lazily(() =>
  z
    .strictObject({
      until: moment('Everything before it is counted, but for open hours').nullable(),
      open: z.int().meta({
        description: 'Hours that are being counted, or counted again: minutes, as a rule.',
      }),
    })
    .meta({ id: 'RolledUp' }),
)

/** The same in a response. */
export function describeRolledUp({ until, open }: RollupState) {
  return { until, open }
}

/** A sentence for the description of such a report. */
export const ROLLED_UP =
  'The period is widened to full hours. An hour is counted some ten minutes after its end: see `rolledUp`.'
