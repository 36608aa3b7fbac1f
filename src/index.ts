import { app } from './app.ts'
import { consume } from './store/consume.ts'

/** What Cloudflare calls. Both queues, the events' and their dead letters', come to `queue`. */
export default {
  fetch: app.fetch,
  queue: (batch, env) => consume(batch, env.DB),
} satisfies ExportedHandler<Env>
