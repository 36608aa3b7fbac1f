import { env } from 'cloudflare:workers'
import { HOUR_MS, MINUTE_MS } from '../src/event/clock.ts'
import { encodeTask, isTask, type Task } from '../src/platform/tasks.ts'
import { consumeTasks, runMaintenance as runClock } from '../src/schedule.ts'
import { buildBatch, type Settled } from './deliver.ts'
import { faultyQueue } from './faulty.ts'

const MAX_RUNS = 40

/** Ends the lease of a step that broke off, as two minutes would. */
export async function endLease(): Promise<void> {
  await env.DB.prepare("DELETE FROM key_values WHERE name = 'maintenance.until'").run()
}

/**
 * Runs the clock once, and the tasks that it sends until they send no more.
 *
 * @param now UTC milliseconds
 * @param invoke is given each invocation
 */
export async function runMaintenance(
  env: Env,
  now: number,
  invoke: (work: () => Promise<unknown>) => Promise<unknown> = (work) => work(),
): Promise<void> {
  const sent: string[] = []
  const queued = { ...env, TASKS: faultyQueue(undefined, sent) }
  await invoke(() => runClock(queued, now))
  for (let body = sent.shift(); body !== undefined; body = sent.shift()) {
    const text = body
    if (isTask(text)) await invoke(() => consumeTask(text, queued, now))
  }
}

/** Has a task done. @returns what became of its message */
export async function consumeTask(body: string, env: Env, now = Date.now()): Promise<Settled> {
  const { batch, settled } = buildBatch([body])
  await consumeTasks(batch.messages, env, now)
  return settled[0]
}

/** Has the steps of a task done, until no more are sent. @returns what became of their messages */
export async function runTask(task: Task, env: Env, now: number): Promise<Settled[]> {
  const sent = [encodeTask({ task, left: 20 })]
  const queued = { ...env, TASKS: faultyQueue(undefined, sent) }
  const settled: Settled[] = []
  for (let body = sent.shift(); body !== undefined; body = sent.shift()) {
    settled.push(await consumeTask(body, queued, now))
  }
  return settled
}

/**
 * Runs maintenance, as it would come every 15 minutes, until nothing is under way.
 *
 * @param from UTC milliseconds
 */
export async function runMaintenanceAll(
  from = Date.now() + HOUR_MS,
  changed: Partial<Env> & { ARCHIVE?: R2Bucket } = {},
): Promise<void> {
  for (let run = 0; run < MAX_RUNS; run++) {
    await runMaintenance({ ...env, ...changed }, from + run * 15 * MINUTE_MS)
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM erasures WHERE finishedAt IS NULL)
         + (SELECT count(*) FROM archive WHERE state <> 'done')
         + (SELECT count(*) FROM late_arrivals)
         + (SELECT count(*) FROM key_values WHERE name GLOB 'erasure.review.*' OR name GLOB 'raw.*')
         + (SELECT count(*) FROM archive) * NOT EXISTS (
             SELECT 1 FROM key_values WHERE name = 'retention.done'
           ) AS things`,
    ).first<number>('things')
    if (left === 0) return
  }
  throw new Error('it never ends')
}
