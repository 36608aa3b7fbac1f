import { beforeEach } from 'vitest'
import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

declare global {
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS: D1Migration[]
    }
  }
}

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)

beforeEach(async () => {
  await env.DB.batch([
    env.DB.prepare('DELETE FROM activity'),
    env.DB.prepare('DELETE FROM quarantine'),
  ])
})
