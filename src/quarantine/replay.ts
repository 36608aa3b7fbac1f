import * as z from 'zod'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { findListed } from '../db/quarantine/list.ts'
import { formatItemCursor } from '../http/item-id.ts'
import { findById, nextCursor, quarantineFields } from './api.ts'
import { replay, startReplay } from './replay-step.ts'

function reportFields() {
  return {
    replayed: z.int().meta({ description: 'The number of items that left the quarantine.' }),
    events: z.int().meta({ description: 'The number of events that they became.' }),
    still: z.int().meta({ description: 'The number of items that stay: they are not valid yet.' }),
  }
}

const replayByReason = defineEndpoint({
  method: 'post',
  path: '/quarantine/replay',
  access: 'operateToken',
  hasPage: true,
  operationId: 'replayQuarantine',
  tag: 'Quarantine',
  summary: 'Retry all items, or all with a reason',
  description:
    'After a fix or an upgrade: items that are valid now are stored as if they had been when received; the others stay. It is safe to repeat. Takes a bounded step; the rest is done in the background, or sooner if you repeat with `next` as `cursor` until it is null.',
  query: z.strictObject(quarantineFields),
  response: lazily(() =>
    z.strictObject({ ...reportFields(), next: nextCursor() }).meta({ id: 'ReplayStep' }),
  ),
  async handle({ env, query: { reason, cursor } }) {
    const { next, ...report } = await startReplay(env, reason, cursor)
    return { ...report, next: next && formatItemCursor(next) }
  },
})

const replayOne = defineEndpoint({
  method: 'post',
  path: '/quarantine/{id}/replay',
  access: 'operateToken',
  hasPage: true,
  operationId: 'replayQuarantined',
  tag: 'Quarantine',
  summary: 'Retry a quarantined item',
  description:
    'Includes items of the same request with the same text, or with the same delivery, status, time and link, as only their order distinguishes the events: `replayed` counts them too.',
  parameter: { description: 'The `id` of a quarantined item.', type: 'string' },
  response: lazily(() =>
    z
      .strictObject({
        ...reportFields(),
        reason: z
          .string()
          .nullable()
          .meta({ description: 'Why it is still not valid; null if it was stored.' }),
      })
      .meta({ id: 'Replay' }),
  ),
  async handle({ env, parameter }) {
    const item = await findById(env.DB, parameter)
    const report = await replay(env, [item])
    const left = await findListed(env.DB, item.request, item.elementIndex)
    return { ...report, reason: left?.reason ?? null }
  },
})

export const replayEndpoints = [replayByReason, replayOne]
