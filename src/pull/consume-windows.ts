import { setTimeout } from 'node:timers/promises'
import { log } from '../log.ts'
import { pullSettings, type PullSettings } from '../settings.ts'
import { retryDelay } from '../store/consume.ts'
import { noteDelay } from '../store/pulls.ts'
import { lookAt, notePause } from '../store/windows.ts'
import { PAUSE, type Waiting } from './ask.ts'
import { readWindow, type Outcome } from './read-window.ts'
import { sendWindows } from './send.ts'
import { stopPull } from './stop.ts'
import { decodeWindow, isReadable, splitWindow, type Window } from './window.ts'

/** Yespo refuses a call that follows at once; one in so long is safe. */
const PACE_MS = 1_200

const UNREADABLE_S = 300
const NO_KEY = 'YESPO_API_KEY is not set any more.'

/** What reading goes by, besides the environment. */
export type Surroundings = {
  get: typeof fetch
  wait: (ms: number) => Promise<unknown>
  /** When Yespo may be asked next, as far as this isolate knows. */
  nextCallAt: number
}

const REAL: Surroundings = {
  get: (...request) => fetch(...request),
  wait: (ms) => setTimeout(ms),
  nextCallAt: 0,
}

/**
 * Reads windows, one after the other and never faster than Yespo allows. A window that is too long, or
 * full, sends its parts and is done; one that was not read comes again.
 */
export async function consumeWindows(
  batch: MessageBatch<unknown>,
  env: Env,
  around: Surroundings = REAL,
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
    const outcome = await takeOn(env, window, api, around).catch((error: unknown): Waiting => ({
      wait: retryDelay(message.attempts),
      why: `the database or the queue failed (${String(error)})`,
    }))
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
      await noteWait(env.DB, window, outcome)
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
  around: Surroundings,
): Promise<Outcome | 'dropped'> {
  const { isOpen, pausedUntil, knownZones } = await lookAt(env.DB, window)
  if (!isOpen) return 'dropped'
  if (!api) return stop(env.DB, window, NO_KEY)
  if (!isReadable(window)) return hand(env.WINDOWS, splitWindow(window))
  const left = Math.max(pausedUntil, around.nextCallAt) - Date.now()
  if (left > PACE_MS) return { wait: Math.ceil(left / 1_000), why: PAUSE }
  await around.wait(Math.max(0, left))
  const means = { db: env.DB, api, get: around.get, now: Date.now(), knownZones }
  const reading = readWindow(means, window)
  const outcome = await reading.finally(() => (around.nextCallAt = Date.now() + PACE_MS))
  if (outcome === 'read') return outcome
  if ('wait' in outcome && outcome.isPause) around.nextCallAt = Date.now() + outcome.wait * 1_000
  if ('parts' in outcome) return hand(env.WINDOWS, outcome.parts)
  return 'stop' in outcome ? stop(env.DB, window, outcome.stop) : outcome
}

async function hand(queue: Queue, parts: Window[]): Promise<Outcome> {
  await sendWindows(queue, parts)
  return { parts }
}

async function stop(db: D1Database, { pull }: Window, why: string): Promise<'dropped'> {
  await stopPull(db, pull, why, Date.now())
  return 'dropped'
}

/** Notes why nothing is read now. It is told and kept to as far as the database is there. */
async function noteWait(
  db: D1Database,
  { pull }: Window,
  { wait, why, isPause }: Waiting,
): Promise<void> {
  try {
    if (isPause) await notePause(db, Date.now() + wait * 1_000)
    await noteDelay(db, pull, why)
  } catch (error) {
    log('warn', 'wait_not_noted', { pull, faults: [String(error).slice(0, 200)] })
  }
}
