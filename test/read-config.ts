import { join } from 'node:path'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { ROOT } from './bench/build.ts'
import type { Config } from './receiver-config.ts'

/** What a receiver in Node.js needs of wrangler.toml. */
export function readConfig(): Config {
  const { vars, queues } = readRawConfig({ config: join(ROOT, 'wrangler.toml') }).rawConfig
  return { vars, queues } as unknown as Config
}
