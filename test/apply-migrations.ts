import { beforeAll, beforeEach, vi } from 'vitest'
import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { clearBucket, clearTables } from './receiver.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      TEST_MIGRATIONS: D1Migration[]
    }
  }
}

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)

// What another file has left.
vi.useRealTimers()
beforeAll(clearBucket)
beforeEach(clearTables)
