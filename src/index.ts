import { app } from './app.ts'
import { lookAfter } from './operate/scheduled.ts'
import { consumeWindows } from './pull/consume-windows.ts'
import { consume } from './store/consume.ts'

const WINDOWS = 'yespo-windows'

/** What Cloudflare calls. All queues come to `queue`: of events, of their dead letters, and of windows. */
export default {
  fetch: app.fetch,
  queue: (batch, env) =>
    batch.queue === WINDOWS
      ? consumeWindows(batch, env)
      : consume(batch, { db: env.DB, queue: env.ACTIVITY_QUEUE }),
  scheduled: ({ scheduledTime }, env) => lookAfter(env, scheduledTime),
} satisfies ExportedHandler<Env>
