import { beforeAll, beforeEach } from 'vitest'
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

// Another file may have left some.
beforeAll(clearBucket)
beforeEach(clearTables)
