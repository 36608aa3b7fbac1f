import type { Context } from 'hono'
import * as z from 'zod'
import { log } from '../platform/log.ts'
import { parseQuery } from '../http/parse-query.ts'
import { webhookSettings } from '../settings/settings.ts'
import { readWhole } from '../db/quarantine/changes.ts'
import {
  findListed,
  listItems,
  type ListedItem,
  type QuarantineCursor,
} from '../db/quarantine/list.ts'
import { formatItemCursor } from './item-id.ts'
import { findById, quarantineFields, takeUpTo } from './api.ts'
import { replayBody } from './replay-body.ts'
import { replayElements } from './replay-elements.ts'
import { replayMessages } from './replay-messages.ts'
import type { Means, ReplayReport } from './store-replayed.ts'

// The free plan grants a request 10 ms and 50 queries.
const STEP_ELEMENTS = 200
const STEP_BYTES = 2_000_000
const MIN_PART_LENGTH = 29_999 // of all parts of what was sent but the last
const MAX_PART_BYTES = 90_000
// SearchContext for rows at fault takes far more queries than anything else: some twenty for one in a large
// message, two for a message of one row.
const MESSAGE_WEIGHT = STEP_BYTES / 8
const MESSAGE_FACTOR = 8

/** What `POST /quarantine/replay` is asked for. */
export const replayQuery = z.strictObject(quarantineFields)

/** One step of a replay, and where the next one begins. */
export type ReplayStep = ReplayReport & { next: QuarantineCursor | null }

/** `POST /quarantine/replay`: one step of trying again all that was set aside, or all of a reason. */
export async function replayByReason(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const { reason, cursor } = parseQuery(replayQuery, new URL(req.url).searchParams)
  const { next, ...report } = await takeReplayStep(env, reason, cursor)
  return answer({ ...report, next: next && formatItemCursor(next) })
}

/** `POST /quarantine/{id}/replay`: tries one again, and with it those that are the same text, or event. */
export async function replayOne(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context
  const found = await findById(env.DB, req.param('id') ?? '')
  const report = await replay(env, [found])
  const left = await findListed(env.DB, found.request, found.elementIndex)
  return answer({ ...report, reason: left?.reason ?? null })
}

/**
 * Tries again a bounded part of what was set aside, the newest first: what stays is not tried twice, and
 * what comes in meanwhile not at all, so that it ends.
 *
 * @param reason undefined for all
 * @throws HttpError 503 where the database does not take events: nothing of them is deleted
 */
export async function takeReplayStep(
  env: Env,
  reason: string | undefined,
  after: QuarantineCursor | undefined,
): Promise<ReplayStep> {
  const page = await listItems(env.DB, reason, STEP_ELEMENTS, after, 0)
  const { elements, next } = takeUpTo(page, weigh, STEP_BYTES)
  return { ...(await replay(env, elements)), next }
}

/** Tries again what is chosen. @throws HttpError 503 where the database does not take events */
export async function replay(env: Env, chosen: readonly ListedItem[]): Promise<ReplayReport> {
  const { timeZone, maxBodyBytes } = webhookSettings(env)
  const means: Means = { db: env.DB, timeZone }
  // A setting that was lowered since: what no request may have any more is not taken up either.
  const small = chosen.filter(({ lastPart }) => lastPart * MIN_PART_LENGTH <= maxBodyBytes)
  const texts = await readWhole(env.DB, small)
  const whole = small.map((element, index) => ({ ...element, sent: texts[index] ?? '' }))
  const reports = [{ replayed: 0, events: 0, still: chosen.length - small.length }]
  const elements = whole.filter(({ kind }) => kind === 'element' || kind === 'bytes')
  reports.push(await replayElements(means, elements))
  for (const body of whole.filter(({ kind }) => kind === 'body' || kind === 'bodyBytes')) {
    reports.push(await replayBody({ ...means, maxBodyBytes }, body))
  }
  const messages = whole.filter(({ kind }) => kind === 'message')
  if (messages.length > 0) reports.push(await replayMessages(means, messages))
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

function answer(body: object): Response {
  return Response.json(body, { headers: { 'Cache-Control': 'no-store' } })
}
