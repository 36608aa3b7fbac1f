import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConsumerSettings } from './strict/index.ts'

const MIGRATIONS = join(import.meta.dirname, '../migrations')

/** The receiver as wrangler.toml describes it; see `readConfig`. */
export type Config = {
  vars: Readonly<Record<string, string>>
  queues: {
    producers: readonly { binding: string; queue: string }[]
    consumers: readonly ConsumerSettings[]
  }
}

/** The SQL of every migration, in order. */
export function readMigrations(): string[] {
  const files = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))
  return files.sort().map((name) => readFileSync(join(MIGRATIONS, name), 'utf8'))
}
