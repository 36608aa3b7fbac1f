import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

const EXAMPLE = join(import.meta.dirname, '../.dev.vars.example')

/** Every secret of the receiver, empty, because .dev.vars belongs to the local receiver. */
export const NO_SECRETS = Object.fromEntries(
  Object.keys(parseEnv(readFileSync(EXAMPLE, 'utf8'))).map((name) => [name, '']),
)
