import { errorText, log } from './log.ts'
import { withTimeout } from './timeout.ts'

/** Kinds of work that are done in bounded steps, one message of the queue for each. */
export const TASKS = [
  'erasures',
  'replay',
  'sync',
  'raw',
  'bodies',
  'rollups',
  'engagement',
  'anomalies',
  'archive',
  'expiry',
  'hours',
  'pruning',
  'digest',
] as const

export type Task = (typeof TASKS)[number]

/** The message of a step; `left` more may follow it, so that no chain of messages goes on forever. */
export type TaskMessage = { task: Task; left: number }

/** Steps that follow one after the other; from there the clock continues, so that the queue's daily quota lasts. */
const MAX_STEPS = 20
/** So long the request that started an erasure works on it before a task does: seconds. */
export const ERASURE_DELAY_S = 10
/** So long a page or a client may continue a replay itself before a task does: seconds. */
export const REPLAY_DELAY_S = 60
const SEND_TIMEOUT_MS = 5_000

const KIND = /^\{"v":\d+,"task":/
const MESSAGE = /^\{"v":1,"task":"(\w+)","left":(\d+)\}$/

/**
 * Sends the next step of some tasks to the queue. If that fails, the clock continues them.
 *
 * @param options `left`: steps that may follow each; `delaySeconds` until the queue delivers them
 * @returns whether the queue accepted it
 */
export async function sendTasks(
  queue: Queue,
  tasks: readonly Task[],
  { left = MAX_STEPS, delaySeconds = 0 }: { left?: number; delaySeconds?: number } = {},
): Promise<boolean> {
  const messages = tasks.map((task) => ({
    body: encodeTask({ task, left }),
    contentType: 'text' as const,
    delaySeconds,
  }))
  try {
    await withTimeout('the queue', SEND_TIMEOUT_MS, queue.sendBatch(messages))
    return true
  } catch (error) {
    log('warn', 'tasks_not_sent', { tasks, errors: [errorText(error)] })
    return false
  }
}

/** The text of the message. */
export function encodeTask({ task, left }: TaskMessage): string {
  return `{"v":1,"task":"${task}","left":${left}}`
}

/** Whether the body of a queue's message is a task, of whatever version. No other message begins like one. */
export function isTask(body: unknown): boolean {
  return typeof body === 'string' && KIND.test(body)
}

/** Undefined if a text is not a task that this version knows. */
export function decodeTask(text: string): TaskMessage | undefined {
  const [, name, left] = MESSAGE.exec(text) ?? []
  const task = TASKS.find((each) => each === name)
  return task && { task, left: Number(left) }
}
