import { app } from './routes.ts'
import { metered } from './http/metered.ts'
import { warmUp } from './ingest/warm-up.ts'
import { meter } from './db/monitor/usage.ts'

// The webhook's code first, and then all the rest: a start has processor time that an invocation lacks.
await warmUp()
await import('./preload.ts')

/**
 * The handlers that Cloudflare calls. `queue` gets the batches of all queues.
 */
export default {
  fetch: app.fetch,
  async queue(batch, env) {
    const { consumeBatch } = await import('./consume-batch.ts')
    meter.countBatch(batch)
    await consumeBatch(batch, metered(env))
    await meter.flush(env.DB, Date.now())
  },
  async scheduled({ scheduledTime }, env) {
    const { runMaintenance } = await import('./schedule.ts')
    // Never ahead of the clock: an event must be a day old before it moves to the archive.
    await runMaintenance(metered(env), Math.min(scheduledTime, Date.now()))
    await meter.flush(env.DB, Date.now())
  },
} satisfies ExportedHandler<Env>
