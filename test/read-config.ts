import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import type { Unstable_RawConfig as WranglerConfig } from 'wrangler'
import { ROOT } from './bench/build.ts'
import type { Config } from './receiver-config.ts'

/** wrangler.toml of a checkout. */
export function readWranglerConfig(root = ROOT): WranglerConfig {
  return parse(readFileSync(join(root, 'wrangler.toml'), 'utf8')) as WranglerConfig
}

/** What a receiver in Node.js needs of wrangler.toml. */
export function readConfig(): Config {
  const { vars, queues } = readWranglerConfig()
  return { vars, queues } as unknown as Config
}
