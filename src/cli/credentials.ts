import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

const EXAMPLE = '.dev.vars.example'

/** The secrets of a file in the format of `.dev.vars.example`, without empty ones. */
export type Credentials = Readonly<Record<string, string>>

/** Reads such a file; undefined if there is none. */
export function readCredentials(file: string): Credentials | undefined {
  if (!existsSync(file)) return undefined
  const entries = Object.entries(parseEnv(readFileSync(file, 'utf8')))
  return Object.fromEntries(entries.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** Reads such a file, or creates it with random credentials. */
export function readOrCreateCredentials(file: string): {
  credentials: Credentials
  created: boolean
} {
  const existing = readCredentials(file)
  if (existing) return { credentials: existing, created: false }
  const text = readFileSync(EXAMPLE, 'utf8')
    .replace(/^WEBHOOK_LOGIN=.*$/m, 'WEBHOOK_LOGIN="yespo"')
    .replace(/^WEBHOOK_PASSWORD=.*$/m, `WEBHOOK_PASSWORD="${randomText()}"`)
    .replace(/^READ_TOKEN=.*$/m, `READ_TOKEN="${randomText()}"`)
    // Without it, whoever may read could also erase people.
    .replace(/^OPERATE_TOKEN=.*$/m, `OPERATE_TOKEN="${randomText()}"`)
  writeFileSync(file, text, { mode: 0o600 })
  return { credentials: readCredentials(file) ?? {}, created: true }
}

/** The tokens, each with its permissions in words. */
export function describeTokens(credentials: Credentials): { read: string; operate: string } {
  const { READ_TOKEN: read, OPERATE_TOKEN: operate } = credentials
  if (!operate) return { read: `${read} (reads, changes and erases)`, operate: 'not set' }
  return { read: `${read} (reads)`, operate: `${operate} (reads, changes and erases)` }
}

/** 192 random bits in characters that never need quoting. */
function randomText(): string {
  return randomBytes(24).toString('base64url')
}
