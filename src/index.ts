import { app } from './app.ts'
import { lookAfter } from './operate/scheduled.ts'
import { consume } from './store/consume.ts'

/** What Cloudflare calls. Both queues, the events' and their dead letters', come to `queue`. */
export default {
  fetch: app.fetch,
  queue: (batch, env) => consume(batch, env.DB),
  scheduled: ({ scheduledTime }, env) => lookAfter(env, scheduledTime),
} satisfies ExportedHandler<Env>
