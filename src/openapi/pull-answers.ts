import * as z from 'zod'
import { moment } from './moment.ts'

/** Response schemas for coverage and backfills. */
export function makeSyncResponses() {
  const seen = {
    seenByBoth: z.int(),
    webhookAlone: z.int(),
    apiAlone: z.int().meta({ description: 'What the webhook missed.' }),
  }
  const share = z.number().nullable().meta({
    description: 'Of what the API has, what the webhook confirmed; null where that has nothing.',
  })
  const kind = z.object({ activityStatus: z.string(), mediaType: z.string().nullable(), ...seen })
  const span = z.object({
    time: z.string(),
    start: moment('Its beginning'),
    ...seen,
    share,
    kinds: z.array(kind),
  })
  return {
    Coverage: z.object({
      coverage: z.array(span).meta({ description: 'The newest first.' }),
      total: z.object({ ...seen, share }),
      complete: z.boolean().meta({ description: 'False where there is more than is answered.' }),
    }),
    Backfill: z.object({
      backfill: z.int().meta({ description: 'Its number.' }),
      since: moment('From when on it reads, at a whole hour'),
      until: moment('Until when, not included, at a whole hour'),
    }),
    Cancelled: z.object({ cancelled: z.int() }),
    Backfills: z.object({
      backfills: z.array(
        z.object({
          number: z.int(),
          kind: z.enum(['schedule', 'backfill']),
          since: moment('From when on it reads'),
          until: moment('Until when'),
          state: z.enum(['running', 'finished', 'cancelled', 'stopped']),
          progress: z.number().meta({ description: 'From 0 to 1.' }),
          fault: z.string().nullable().meta({ description: 'Why it was stopped, in words.' }),
          delay: z.string().nullable().meta({ description: 'What it waits for, in words.' }),
          beganAt: moment('When it began'),
          finishedAt: moment('When it ended').nullable(),
        }),
      ),
    }),
  }
}
