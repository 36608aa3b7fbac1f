import * as z from 'zod'
import { recordSchema } from '../erasure/record.ts'
import { moment } from './moment.ts'

/** Response schemas for erasures. */
export function makeErasureResponses() {
  const erasure = z.object({
    number: z.int(),
    state: z.enum(['under way', 'finished']),
    erasedAt: moment('When it was asked for'),
    finishedAt: moment('When all was gone').nullable(),
    removed: z.record(z.string(), z.int()).meta({
      description:
        'How many are gone: of `activity`, `names`, `suppressions` the rows, of `quarantineParts` the pieces of text, of `archived` the events.',
    }),
  })
  return {
    Erased: z.object({
      contacts: z.int().meta({ description: 'How many contacts it is about.' }),
      message: z.string().optional().meta({ description: 'If no contact was found: says so.' }),
      erasure,
    }),
    ErasureFound: z.object({ erasure }),
    ErasureRecord: recordSchema,
    ErasureRecordPage: z.object({
      record: recordSchema,
      next: z.string().nullable().meta({ description: 'The `cursor` of the next page, if any.' }),
    }),
    RecordTaken: z.object({ taken: z.int().meta({ description: 'How many digests.' }) }),
    EraseAgainStep: z.object({
      phase: z.string().meta({ description: 'What was gone through.' }),
      looked: z.int().meta({ description: 'How much of it.' }),
      found: z.int().meta({ description: 'Of how many erasures someone was found.' }),
      underWay: z.int().meta({ description: 'How many erasures are not finished.' }),
      isBusy: z.boolean().meta({
        description: 'Whether the schedule was at work, so that nothing was done: ask again.',
      }),
      next: z
        .string()
        .nullable()
        .meta({ description: 'Of the next step; null where all is done.' }),
    }),
    Erasures: z.object({
      erasures: z.array(erasure),
      next: z.string().nullable().meta({ description: 'The `cursor` of the next page, if any.' }),
    }),
  }
}
