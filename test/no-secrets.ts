import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

const EXAMPLE = join(import.meta.dirname, '../.dev.vars.example')

/** Every secret that the receiver reads, empty: what .dev.vars holds is the local receiver's. */
export const NO_SECRETS = Object.fromEntries(
  Object.keys(parseEnv(readFileSync(EXAMPLE, 'utf8'))).map((name) => [name, '']),
)
