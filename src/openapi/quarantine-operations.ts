import { deleteQuery } from '../quarantine/delete.ts'
import { quarantineQuery } from '../quarantine/api.ts'
import { replayQuery } from '../quarantine/replay.ts'
import { json, type Operation } from './operation.ts'

const STEP = 'A bounded step of it: ask again with `next` as `cursor` until that is null.'

/** What could be no event, and what can be done about it. */
export function listQuarantine(): Operation[] {
  const place = { name: 'id', description: 'The `id` of `GET /quarantine`.' } as const
  const common = { tag: 'Set aside', path: '/quarantine' } as const
  const one = {
    tag: 'Set aside',
    path: '/quarantine/{id}',
    place: { ...place, schema: { type: 'string' } },
  } as const
  return [
    {
      ...common,
      method: 'get',
      operationId: 'listQuarantine',
      needs: 'readToken',
      summary: 'What could be no event, the newest first',
      description:
        'Each with the beginning of what was sent; and, without a `cursor`, how many were set aside for which reason. With a reason that few have a page may be short, or empty, and still have a `next`.',
      query: quarantineQuery,
      answers: json('QuarantinePage'),
    },
    {
      ...one,
      method: 'get',
      operationId: 'showQuarantined',
      needs: 'readToken',
      summary: 'One of them, with all that was sent',
      description: 'What is longer than three million characters is cut: see `complete`.',
      answers: json('Quarantined'),
    },
    {
      ...common,
      method: 'post',
      operationId: 'replayQuarantine',
      needs: 'operateToken',
      path: '/quarantine/replay',
      summary: 'Tries again all that is set aside, or all of a reason',
      description: `After a fix or an upgrade: what is an event now is stored, as it would have been when it came in, and the others stay. Doing it twice does no harm. ${STEP}`,
      query: replayQuery,
      answers: json('ReplayStep'),
    },
    {
      ...one,
      method: 'post',
      operationId: 'replayQuarantined',
      needs: 'operateToken',
      path: '/quarantine/{id}/replay',
      summary: 'Tries one again',
      description:
        'Elements of the same request that are the same text, or the same event by delivery, status, time and link, go with it, as only their order tells the events apart: `replayed` counts them too.',
      answers: json('Replay'),
    },
    {
      ...common,
      method: 'delete',
      operationId: 'discardQuarantine',
      needs: 'operateToken',
      summary: 'Discards all that was set aside for a reason',
      description: `It is gone for good. ${STEP}`,
      query: deleteQuery,
      answers: json('DiscardStep'),
    },
    {
      ...one,
      method: 'delete',
      operationId: 'discardQuarantined',
      needs: 'operateToken',
      summary: 'Discards one',
      description: 'It is gone for good.',
      answers: json('DiscardStep'),
    },
  ]
}
