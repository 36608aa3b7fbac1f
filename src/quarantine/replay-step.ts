import { log } from '../platform/log.ts'
import { REPLAY_DELAY_S, sendTasks } from '../platform/tasks.ts'
import { operateSettings, webhookSettings } from '../settings/settings.ts'
import { isUnavailable } from '../db/errors.ts'
import { readWhole } from '../db/quarantine/changes.ts'
import { listItems, type ListedItem, type QuarantineCursor } from '../db/quarantine/list.ts'
import { saveReplay, takeReplay } from '../db/quarantine/replays.ts'
import { replayBody } from './replay-body.ts'
import { replayElements } from './replay-elements.ts'
import type { ReplayContext, ReplayReport } from './store-replayed.ts'
import { takeUpTo } from './take-up-to.ts'

/** Items of a step, at most. The free plan grants a request 10 ms and 50 queries. */
const STEP_ELEMENTS = { free: 50, paid: 200 } as const
const STEP_BYTES = { free: 200_000, paid: 2_000_000 } as const
const MIN_PART_LENGTH = 29_999 // of each part of an item except the last
const MAX_PART_BYTES = 120_000 // of a body that came in parts
// Finding invalid rows takes by far the most queries: some twenty for one in a large message, two for a message of one
// row.
const MESSAGE_WEIGHT = STEP_BYTES.paid / 8
const MESSAGE_FACTOR = 8

/** The result of a step of a replay, and the cursor of the next one. */
type ReplayStep = ReplayReport & { next: QuarantineCursor | null }

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
  // Saved first, as the step may be killed: then a task tries again with fewer items.
  const beginning = { receivedAt: Date.now(), request: '', elementIndex: 0 }
  if (!after) await saveReplay(env.DB, reason, beginning)
  const step = await takeReplayStep(env, reason, after)
  await saveReplay(env.DB, reason, step.next)
  if (!after && step.next) await sendTasks(env.TASKS, ['replay'], { delaySeconds: REPLAY_DELAY_S })
  return step
}

/**
 * Takes the next step of a replay that a request started. One that is killed is tried with half as many items, and an
 * item that kills it alone is left in quarantine.
 *
 * @returns whether there was any
 * @throws HttpError 503 if the database cannot store events
 */
export async function continueReplay(env: Env): Promise<boolean> {
  const replay = await takeReplay(env.DB)
  if (!replay) return false
  const { reason, cursor, tries } = replay
  const most = STEP_ELEMENTS[operateSettings(env).plan] >> (tries - 1)
  if (most === 0) log('warn', 'replay_skipped', { tries })
  try {
    const { next } =
      most > 0
        ? await takeReplayStep(env, reason, cursor, most)
        : await listItems(env.DB, reason, 1, cursor, 0)
    await saveReplay(env.DB, reason, next)
  } catch (error) {
    // A try does not count if the database was unavailable.
    if (isUnavailable(error)) await saveReplay(env.DB, reason, cursor, tries - 1)
    throw error
  }
  return true
}

/**
 * Retries a bounded number of items, newest first. It ends: items that stay are not retried twice, and items that are
 * quarantined meanwhile are not retried at all.
 *
 * @param reason undefined for all
 * @param most items
 * @throws HttpError 503 if the database cannot store events: then no item is deleted
 */
async function takeReplayStep(
  env: Env,
  reason: string | undefined,
  after: QuarantineCursor | undefined,
  most: number = STEP_ELEMENTS[operateSettings(env).plan],
): Promise<ReplayStep> {
  const page = await listItems(env.DB, reason, most, after, 0)
  const { items: elements, next } = takeUpTo(page, weigh, STEP_BYTES[operateSettings(env).plan])
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
  if (messages.length > 0) {
    const { replayMessages } = await import('./replay-messages.ts')
    reports.push(await replayMessages(context, messages))
  }
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
