import * as z from 'zod'
import { backfillQuery } from '../pull/backfill.ts'
import { coverageQuery } from '../pull/coverage.ts'
import { moment } from './moment.ts'
import { json, type Operation } from './operation.ts'

const ZONE = 'UTC' // the default of a zone is described, not a value

/** How gaps of the webhook are closed. */
export function listPullOperations(): Operation[] {
  const common = { tag: 'Service', path: '/backfill' } as const
  return [
    {
      method: 'get',
      path: '/coverage',
      operationId: 'showCoverage',
      tag: 'Reports',
      needs: 'readToken',
      summary: 'What the webhook missed, by what the API of Yespo has',
      description:
        'Only of what was read from the API: `share` is 1 where the webhook brought all that it has. What only the API had is stored, too.',
      query: coverageQuery(ZONE),
      answers: json('Coverage'),
    },
    {
      ...common,
      method: 'get',
      operationId: 'showBackfills',
      needs: 'readToken',
      summary: 'How far reading the API of Yespo is',
      description:
        'All that are being read, and the last 20 readings; those of the schedule too, the newest first.',
      answers: json('Backfills'),
    },
    {
      ...common,
      method: 'post',
      operationId: 'startBackfill',
      needs: 'operateToken',
      summary: 'Reads a stretch of time from the API of Yespo',
      description:
        'Up to 90 days back, in the background: `GET /backfill` tells how far it is. `since` has to be given; each parameter is given once, here or as a string or number of a JSON object in the body, where null is as good as absent. Whole hours are read, up to the last that has been over for 15 minutes: what happened later, the webhook may still bring. A stretch that is being read already is not begun again: the answer names the reading that goes on.',
      query: backfillQuery(ZONE),
      answers: json('Backfill'),
    },
    {
      ...common,
      method: 'delete',
      operationId: 'cancelBackfills',
      needs: 'operateToken',
      summary: 'Cancels all that is being read',
      description: 'What was read by then stays.',
      answers: json('Cancelled'),
    },
  ]
}

/** What they answer. */
export function makePullAnswers() {
  const seen = {
    seenByBoth: z.int(),
    webhookAlone: z.int(),
    apiAlone: z.int().meta({ description: 'What the webhook missed.' }),
  }
  const share = z.number().nullable().meta({
    description: 'Of what the API has, what the webhook brought; null where that has nothing.',
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
      isWhole: z.boolean().meta({ description: 'False where there is more than is answered.' }),
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
