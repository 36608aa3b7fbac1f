import { app } from './app.ts'
import { consumeBatch } from './consume-batch.ts'
import { lookAfter } from './operate/scheduled.ts'

/** What Cloudflare calls. All queues come to `queue`: of events, of their dead letters, and of windows. */
export default {
  fetch: app.fetch,
  queue: (batch, env) => consumeBatch(batch, env),
  scheduled: ({ scheduledTime }, env) => lookAfter(env, scheduledTime),
} satisfies ExportedHandler<Env>
