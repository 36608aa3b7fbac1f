import { backfillQuery } from '../sync/api.ts'
import { coverageQuery } from '../sync/coverage.ts'
import { json, type Operation } from './operation.ts'

const ZONE = 'UTC' // the default of a zone is described, not a value

/** How gaps of the webhook are closed. */
export function listSyncOperations(): Operation[] {
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
        'Only of what was read from the API: `share` is 1 where the webhook confirmed all that it has. What only the API had is stored, too.',
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
