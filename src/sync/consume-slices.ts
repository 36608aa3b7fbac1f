import { setTimeout } from 'node:timers/promises'
import { errorText, log } from '../platform/log.ts'
import { HttpError } from '../platform/http-error.ts'
import { syncSettings, type SyncSettings } from '../settings/settings.ts'
import { retryDelay } from '../platform/retry-delay.ts'
import { recordDelay } from '../db/sync/runs.ts'
import { recordPause, type TimeSlice } from '../db/sync/slices.ts'
import type { RetryLater } from './call-api.ts'
import { processSlice, type SyncDeps } from './process-slice.ts'
import { decodeSlice } from './slice.ts'
import { databaseFailed } from './sync-slice.ts'

const UNREADABLE_S = 300
const INVALID_SETTING_S = 1_800

const REAL: SyncDeps = {
  get: (...request) => fetch(...request),
  wait: (ms) => setTimeout(ms),
  nextCallAt: 0,
}

/**
 * Reads time slices one after the other, no faster than Yespo allows. A slice that is too long or full is replaced by
 * its parts; one that could not be read is retried.
 */
export async function consumeSlices(
  batch: Pick<MessageBatch<unknown>, 'messages'>,
  env: Env,
  deps: SyncDeps = REAL,
): Promise<void> {
  let pause: number | undefined // once Yespo asks for one, it applies to the rest of the batch
  const counts = { read: 0, split: 0, retried: 0, dropped: 0 }
  const reasons = new Set<string>()
  const api = settingsOf(env)
  for (const message of batch.messages) {
    const slice = decodeSlice(String(message.body))
    // A message of a later version waits for that version.
    if (!slice || pause !== undefined) {
      message.retry({ delaySeconds: pause ?? UNREADABLE_S })
      counts.retried++
      continue
    }
    // A batch that throws is retried at once, which is too often if the database or the queue is down for long.
    const outcome = await processSlice(env, slice, api, deps, message.attempts).catch(
      (error: unknown) => databaseFailed(`the database or the queue failed (${String(error)})`, 0),
    )
    if (typeof outcome === 'string') {
      counts[outcome]++
      message.ack()
      continue
    }
    reasons.add(outcome.reason)
    counts.retried++
    const { retryAfter, isPause, isOwn } = outcome
    const delaySeconds = isPause ? retryAfter : Math.max(retryAfter, retryDelay(message.attempts))
    message.retry({ delaySeconds })
    if (!isOwn) pause = delaySeconds
    await saveDelay(env.DB, slice, outcome)
  }
  log(reasons.size > 0 ? 'warn' : 'info', 'slices_consumed', {
    ...counts,
    reasons: [...reasons].map(errorText),
  })
}

/** The settings, or a delay if they are invalid: a batch that throws would be retried at once. */
function settingsOf(env: Env): SyncSettings | RetryLater | undefined {
  try {
    return syncSettings(env)
  } catch (error) {
    if (error instanceof HttpError) return { retryAfter: INVALID_SETTING_S, reason: error.message }
    throw error
  }
}

/** Saves the reason for a delay, and the end of a pause that Yespo asked for, if the database can be reached. */
async function saveDelay(
  db: D1Database,
  { run }: TimeSlice,
  { retryAfter, reason, isPause, isDefault }: RetryLater,
): Promise<void> {
  try {
    if (isPause) await recordPause(db, Date.now() + retryAfter * 1_000)
    await recordDelay(db, run, reason, isDefault)
  } catch (error) {
    log('warn', 'delay_not_recorded', { run, errors: [errorText(error)] })
  }
}
