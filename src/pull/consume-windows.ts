import { setTimeout } from 'node:timers/promises'
import { log } from '../log.ts'
import { pullSettings, type PullSettings } from '../settings.ts'
import { retryDelay } from '../store/consume.ts'
import { endPull, isRunning } from '../store/pulls.ts'
import { withTimeLimit } from '../time-limit.ts'
import { readWindow, type Outcome } from './read-window.ts'
import { decodeWindow, encodeWindow, isReadable, splitWindow, type Window } from './window.ts'

/** Yespo refuses a call that follows at once; one in so long is safe. */
const PACE_MS = 1_200

/** After so many tries of one window, its pull is given up. */
const MAX_ATTEMPTS = 60
const UNREADABLE_S = 300
const SEND_LIMIT_MS = 10_000 // it has been seen to hang
const NO_KEY = 'YESPO_API_KEY is not set any more.'

/** What reading goes by, besides the environment. */
export type Surroundings = {
  get: typeof fetch
  wait: (ms: number) => Promise<unknown>
}

const REAL: Surroundings = { get: (...request) => fetch(...request), wait: (ms) => setTimeout(ms) }

let lastCallAt = 0

/**
 * Reads windows, one after the other and never faster than Yespo allows. A window that is too long, or
 * full, sends its parts and is done; one that was not read comes again. Whatever comes twice is read twice,
 * which changes nothing.
 */
export async function consumeWindows(
  batch: MessageBatch<unknown>,
  env: Env,
  { get, wait }: Surroundings = REAL,
): Promise<void> {
  let pause: number | undefined // once Yespo asks for one, for all that is left of the batch
  const counts = { read: 0, split: 0, waiting: 0, dropped: 0 }
  const reasons = new Set<string>()
  const api = pullSettings(env)
  for (const message of batch.messages) {
    const window = decodeWindow(String(message.body))
    // A message of a later version waits for that.
    if (!window || pause !== undefined) {
      message.retry({ delaySeconds: pause ?? UNREADABLE_S })
      counts.waiting++
      continue
    }
    // Neither the database nor the queue has to be there: what throws would come again at once, too often.
    const outcome = await takeOn(env, window, api, get, wait).catch((error: unknown) => ({
      wait: retryDelay(message.attempts),
      why: `the database or the queue failed (${String(error)})`,
    }))
    if (outcome === 'dropped') counts.dropped++
    else if (outcome === 'read') counts.read++
    else if ('parts' in outcome) counts.split++
    else if ('wait' in outcome) {
      reasons.add(outcome.why)
      counts.waiting++
      const giveUp = isGivenUp(env.DB, window, message.attempts, outcome.why)
      if (await giveUp.catch(() => false)) message.ack()
      else message.retry({ delaySeconds: (pause = outcome.wait) })
      continue
    }
    message.ack()
  }
  const level = reasons.size > 0 ? 'warn' : 'info'
  log(level, 'windows', { ...counts, reasons: [...reasons].map((why) => why.slice(0, 200)) })
}

/** @returns `dropped` for a window of a pull that does not go on */
async function takeOn(
  env: Env,
  window: Window,
  api: PullSettings | undefined,
  get: typeof fetch,
  wait: Surroundings['wait'],
): Promise<Outcome | 'dropped'> {
  if (!(await isRunning(env.DB, window.pull))) return 'dropped'
  if (!api) return stop(env.DB, window, NO_KEY)
  if (!isReadable(window)) return hand(env.WINDOWS, splitWindow(window))
  await wait(Math.max(0, lastCallAt + PACE_MS - Date.now()))
  const means = { db: env.DB, api, get, now: Date.now() }
  const outcome = await readWindow(means, window).finally(() => (lastCallAt = Date.now()))
  if (outcome === 'read') return outcome
  if ('parts' in outcome) return hand(env.WINDOWS, outcome.parts)
  return 'stop' in outcome ? stop(env.DB, window, outcome.stop) : outcome
}

async function hand(queue: Queue, parts: Window[]): Promise<Outcome> {
  const messages = parts.map((part) => ({ body: encodeWindow(part), contentType: 'text' as const }))
  await withTimeLimit('the queue', SEND_LIMIT_MS, queue.sendBatch(messages))
  return { parts }
}

async function stop(db: D1Database, { pull }: Window, why: string): Promise<'dropped'> {
  if (await endPull(db, pull, 'stopped', why, Date.now()))
    log('error', 'pull_stopped', { pull, why })
  return 'dropped'
}

async function isGivenUp(
  db: D1Database,
  window: Window,
  attempts: number,
  why: string,
): Promise<boolean> {
  if (attempts < MAX_ATTEMPTS) return false
  await stop(db, window, `It was tried ${attempts} times, and still: ${why}.`)
  return true
}
