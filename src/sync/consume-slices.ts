import { setTimeout } from 'node:timers/promises'
import { errorText, log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { syncSettings, type SyncSettings } from '../settings/settings.ts'
import { retryDelay } from '../platform/retry-delay.ts'
import { recordDelay } from '../db/sync/runs.ts'
import { recordPause, type TimeSlice } from '../db/sync/slices.ts'
import type { Waiting } from './call-api.ts'
import { processSlice, type SyncDeps } from './process-slice.ts'
import { decodeSlice } from './slice.ts'

const UNREADABLE_S = 300
const INVALID_SETTING_S = 1_800

const REAL: SyncDeps = {
  get: (...request) => fetch(...request),
  wait: (ms) => setTimeout(ms),
  nextCallAt: 0,
}

/**
 * Reads windows, one after the other and never faster than Yespo allows. A window that is too long, or
 * full, sends its parts and is done; one that was not read comes again.
 */
export async function consumeSlices(
  batch: Pick<MessageBatch<unknown>, 'messages'>,
  env: Env,
  around: SyncDeps = REAL,
): Promise<void> {
  let pause: number | undefined // once Yespo asks for one, for all that is left of the batch
  const counts = { read: 0, split: 0, waiting: 0, dropped: 0 }
  const reasons = new Set<string>()
  const api = settingsOf(env)
  for (const message of batch.messages) {
    const window = decodeSlice(String(message.body))
    // A message of a later version waits for that.
    if (!window || pause !== undefined) {
      message.retry({ delaySeconds: pause ?? UNREADABLE_S })
      counts.waiting++
      continue
    }
    // Neither the database nor the queue has to be there: what throws would come again at once, too often.
    const outcome = await processSlice(env, window, api, around, message.attempts).catch(
      (error: unknown): Waiting => ({
        wait: retryDelay(message.attempts),
        why: `the database or the queue failed (${String(error)})`,
      }),
    )
    if (outcome === 'dropped') counts.dropped++
    else if (outcome === 'read') counts.read++
    else if ('parts' in outcome) counts.split++
    else if ('wait' in outcome) {
      reasons.add(outcome.why)
      counts.waiting++
      const { wait, isPause, isOwn } = outcome
      const delaySeconds = isPause ? wait : Math.max(wait, retryDelay(message.attempts))
      message.retry({ delaySeconds })
      if (!isOwn) pause = delaySeconds
      await recordWait(env.DB, window, outcome)
      continue
    }
    message.ack()
  }
  const level = reasons.size > 0 ? 'warn' : 'info'
  log(level, 'windows', { ...counts, reasons: [...reasons].map((why) => why.slice(0, 200)) })
}

/** What is wrong with them is waited for: a batch that throws comes again at once. */
function settingsOf(env: Env): SyncSettings | Waiting | undefined {
  try {
    return syncSettings(env)
  } catch (error) {
    if (error instanceof HttpError) return { wait: INVALID_SETTING_S, why: error.message }
    throw error
  }
}

/** Notes why nothing is read now. It is told and kept to as far as the database is there. */
async function recordWait(
  db: D1Database,
  { run: pull }: TimeSlice,
  { wait, why, isPause, isDefault }: Waiting,
): Promise<void> {
  try {
    if (isPause) await recordPause(db, Date.now() + wait * 1_000)
    await recordDelay(db, pull, why, isDefault)
  } catch (error) {
    log('warn', 'wait_not_noted', { pull, errors: [errorText(error)] })
  }
}
