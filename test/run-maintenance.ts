import { env } from 'cloudflare:workers'
import { HOUR_MS, MINUTE_MS } from '../src/event/clock.ts'
import { runMaintenance } from '../src/schedule.ts'

const MAX_RUNS = 40

/** Moves a time out of the first minutes of an hour, when a failed check is retried after a pause of 15 s. */
export function pastTheHour(time: number): number {
  return time % HOUR_MS < 5 * MINUTE_MS ? time + 5 * MINUTE_MS : time
}

/** Ends the lease of an interrupted run, as if ten minutes had passed. */
export async function endLease(): Promise<void> {
  await env.DB.prepare("DELETE FROM key_values WHERE name = 'maintenance.until'").run()
}

/**
 * Runs the schedule, as if every five minutes, until no work is pending.
 *
 * @param from UTC milliseconds
 */
export async function runMaintenanceAll(
  from = Date.now() + HOUR_MS,
  changed: Partial<Env> & { ARCHIVE?: R2Bucket } = {},
): Promise<void> {
  for (let run = 0; run < MAX_RUNS; run++) {
    await runMaintenance({ ...env, ...changed }, from + run * 5 * MINUTE_MS)
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
