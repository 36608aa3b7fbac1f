import * as z from 'zod'
import { log } from '../platform/log.ts'
import { defineEndpoint, lazily } from '../http/endpoint.ts'
import { sendTasks } from '../platform/tasks.ts'
import { operateSettings, webhookSettings } from '../settings/settings.ts'
import { readWhole } from '../db/quarantine/changes.ts'
import {
  findListed,
  listItems,
  type ListedItem,
  type QuarantineCursor,
} from '../db/quarantine/list.ts'
import { saveReplay } from '../db/quarantine/replays.ts'
import { formatItemCursor } from './item-id.ts'
import { findById, nextCursor, quarantineFields, takeUpTo } from './api.ts'
import { replayBody } from './replay-body.ts'
import { replayElements } from './replay-elements.ts'
import { replayMessages } from './replay-messages.ts'
import type { ReplayContext, ReplayReport } from './store-replayed.ts'

/** Items of a step, at most. The free plan grants a request 10 ms and 50 queries. */
export const STEP_ELEMENTS = { free: 50, paid: 200 } as const
const STEP_BYTES = 2_000_000
const MIN_PART_LENGTH = 29_999 // of each part of an item except the last
const MAX_PART_BYTES = 90_000
// Finding invalid rows takes by far the most queries: some twenty for one in a large message, two for a message of one
// row.
const MESSAGE_WEIGHT = STEP_BYTES / 8
const MESSAGE_FACTOR = 8

/** The result of a step of a replay, and the cursor of the next one. */
export type ReplayStep = ReplayReport & { next: QuarantineCursor | null }

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

/**
 * Takes the first step of a replay, or a further one, and has the rest continued by tasks.
 *
 * @throws HttpError 503 if the database cannot store events: then no item is deleted
 */
export async function startReplay(
  env: Env,
  reason: string | undefined,
  after: QuarantineCursor | undefined,
): Promise<ReplayStep> {
  const step = await takeReplayStep(env, reason, after)
  if (after || step.next) await saveReplay(env.DB, reason, step.next)
  if (!after && step.next) await sendTasks(env.TASKS, ['replay'])
  return step
}

/**
 * Retries a bounded number of items, newest first. It ends: items that stay are not retried twice, and items that are
 * quarantined meanwhile are not retried at all.
 *
 * @param reason undefined for all
 * @param most items
 * @throws HttpError 503 if the database cannot store events: then no item is deleted
 */
export async function takeReplayStep(
  env: Env,
  reason: string | undefined,
  after: QuarantineCursor | undefined,
  most: number = STEP_ELEMENTS[operateSettings(env).plan],
): Promise<ReplayStep> {
  const page = await listItems(env.DB, reason, most, after, 0)
  const { items: elements, next } = takeUpTo(page, weigh, STEP_BYTES)
  return { ...(await replay(env, elements)), next }
}

/** Retries items. @throws HttpError 503 if the database cannot store events */
export async function replay(env: Env, chosen: readonly ListedItem[]): Promise<ReplayReport> {
  const { timeZone, maxBodyBytes } = webhookSettings(env)
  const context: ReplayContext = { db: env.DB, timeZone }
  // If the setting was lowered meanwhile, items that are now too large for a request are not retried.
  const small = chosen.filter(({ lastPart }) => lastPart * MIN_PART_LENGTH <= maxBodyBytes)
  const texts = await readWhole(env.DB, small)
  const whole = small.map((element, index) => ({ ...element, sent: texts[index] ?? '' }))
  const reports = [{ replayed: 0, events: 0, still: chosen.length - small.length }]
  const elements = whole.filter(({ kind }) => kind === 'element' || kind === 'bytes')
  reports.push(await replayElements(context, elements))
  for (const body of whole.filter(({ kind }) => kind === 'body' || kind === 'bodyBytes')) {
    reports.push(await replayBody({ ...context, maxBodyBytes }, body))
  }
  const messages = whole.filter(({ kind }) => kind === 'message')
  if (messages.length > 0) reports.push(await replayMessages(context, messages))
  const report = reports.reduce(add)
  log('info', 'replayed', report)
  return report
}

function add(one: ReplayReport, other: ReplayReport): ReplayReport {
  return {
    replayed: one.replayed + other.replayed,
    events: one.events + other.events,
    still: one.still + other.still,
  }
}

function weigh({ kind, bytes, lastPart }: ListedItem): number {
  const size = bytes + lastPart * MAX_PART_BYTES
  return kind === 'message' ? MESSAGE_WEIGHT + size * MESSAGE_FACTOR : size
}
