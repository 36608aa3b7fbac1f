import { setTimeout } from 'node:timers/promises'
import { log } from '../log.ts'
import { pullSettings, type PullSettings } from '../settings.ts'
import { endPull, isRunning } from '../store/pulls.ts'
import { readWindow, type Outcome } from './read-window.ts'
import { decodeWindow, encodeWindow, isReadable, splitWindow, type Window } from './window.ts'

/** Yespo refuses a call that follows at once; one in so long is safe. */
const PACE_MS = 1_200

/** After so many tries of one window, its pull is given up. */
const MAX_ATTEMPTS = 60
const UNREADABLE_S = 300
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
    const outcome = await takeOn(env, window, api, get, wait)
    if (outcome === 'dropped') counts.dropped++
    else if (outcome === 'read') counts.read++
    else if ('parts' in outcome) counts.split++
    else if ('wait' in outcome) {
      reasons.add(outcome.why)
      counts.waiting++
      if (await isGivenUp(env.DB, window, message.attempts, outcome.why)) message.ack()
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
  const outcome = await readWindow({ db: env.DB, api, get, now: Date.now() }, window)
  lastCallAt = Date.now()
  if (outcome === 'read') return outcome
  if ('parts' in outcome) return hand(env.WINDOWS, outcome.parts)
  return 'stop' in outcome ? stop(env.DB, window, outcome.stop) : outcome
}

async function hand(queue: Queue, parts: Window[]): Promise<Outcome> {
  await queue.sendBatch(parts.map((part) => ({ body: encodeWindow(part), contentType: 'text' })))
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
