import { app } from './routes.ts'
import { consumeBatch } from './consume-batch.ts'
import { metered } from './http/metered.ts'
import { runMaintenance } from './schedule.ts'
import { meter } from './db/monitor/usage.ts'

/** What Cloudflare calls. All queues come to `queue`. */
export default {
  fetch: app.fetch,
  async queue(batch, env) {
    meter.countBatch(batch)
    await consumeBatch(batch, metered(env))
    await meter.flush(env.DB, Date.now())
  },
  async scheduled({ scheduledTime }, env) {
    // Never ahead of our own clock: what is a day old by that must not have moved to the archive before.
    await runMaintenance(metered(env), Math.min(scheduledTime, Date.now()))
    await meter.flush(env.DB, Date.now())
  },
} satisfies ExportedHandler<Env>
