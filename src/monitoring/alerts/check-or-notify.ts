import { setTimeout } from 'node:timers/promises'
import { HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import { errorText, log } from '../../platform/log.ts'
import { operateSettings } from '../../settings/settings.ts'
import { withTimeout } from '../../platform/timeout.ts'
import { checkAndNotify } from './check.ts'
import { describeOutage, encodeOutage } from './outage.ts'
import { fetchIt, notify, type Post } from './notify.ts'

const CHECK_LIMIT_MS = 40_000
const SEND_TIMEOUT_MS = 10_000
const PAUSE_MS = 15_000

/**
 * Runs that may notify of an outage: only the database knows which notifications were sent, so without it, the first
 * run of each hour sends one.
 */
const SLOT_MS = 15 * MINUTE_MS

/** The dependencies of notifying: how to post, and how to wait (milliseconds). */
export type NotifyDeps = { post: Post; wait: (ms: number) => Promise<unknown> }

const REAL: NotifyDeps = { post: fetchIt, wait: (ms) => setTimeout(ms) }

/**
 * Checks every alert. If the database prevents that, sends a notification at most once an hour, and another when it is
 * over.
 *
 * @param now UTC milliseconds: the time that the run was planned for
 * @throws what prevented the check
 */
export async function checkOrNotify(
  env: Env,
  now: number,
  { post, wait }: NotifyDeps = REAL,
): Promise<void> {
  const check = () => withTimeout('the check', CHECK_LIMIT_MS, checkAndNotify(env, now, post))
  let first: unknown
  try {
    await check()
    return
  } catch (error) {
    if (now % HOUR_MS >= SLOT_MS) throw error
    first = error
  }
  await wait(PAUSE_MS) // a failure that is over by then needs no notification
  try {
    // If a hanging check still holds the lease, nothing was checked.
    if (!(await check())) throw first
  } catch (error) {
    const outcome = await notify(operateSettings(env), [describeOutage(error, now)], post)
    if (outcome === 'sent') await enqueueOutage(env.ACTIVITY_QUEUE, now)
    throw error
  }
}

async function enqueueOutage(queue: Queue, since: number): Promise<void> {
  try {
    const sending = queue.send(encodeOutage(since), { contentType: 'text' })
    await withTimeout('the queue', SEND_TIMEOUT_MS, sending)
  } catch (error) {
    log('warn', 'outage_not_recorded', { errors: [errorText(error)] })
  }
}
