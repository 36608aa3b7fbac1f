import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { splitTokens } from '../settings/parsers.ts'
import { fail } from './wrangler.ts'

const EXAMPLE = '.dev.vars.example'

/** The secrets of a file in the format of `.dev.vars.example`, without empty ones. */
export type Credentials = Readonly<Record<string, string>>

/** Reads such a file; undefined if there is none. Ends the program if it cannot be read. */
export function readCredentials(file: string): Credentials | undefined {
  if (!existsSync(file)) return undefined
  const text = orFail(`${file} cannot be read`, () => readFileSync(file, 'utf8'))
  const entries = Object.entries(parseEnv(text))
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
    .replace(/^WEBHOOK_PASSWORD=.*$/m, `WEBHOOK_PASSWORD="${randomText()}"`)
    .replace(/^READ_TOKEN=.*$/m, `READ_TOKEN="${randomText()}"`)
    // Without it, the read token would also allow erasing people.
    .replace(/^# OPERATE_TOKEN=.*$/m, `OPERATE_TOKEN="${randomText()}"`)
  orFail(`${file} cannot be created`, () => createFile(file, text))
  return { credentials: readCredentials(file) ?? {}, created: true }
}

/** The tokens, each with its permissions in words; of several read tokens, the first. */
export function describeTokens(credentials: Credentials): { read: string; operate: string } {
  const { OPERATE_TOKEN: operate } = credentials
  const read = firstReadToken(credentials)
  if (!read) return { read: 'not set', operate: operate ?? 'not set' }
  if (!operate) return { read: `${read} (reads, changes and erases)`, operate: 'not set' }
  return { read: `${read} (reads)`, operate: `${operate} (reads, changes and erases)` }
}

/** The first token of READ_TOKEN, which may have several. */
export function firstReadToken(
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return splitTokens(variables['READ_TOKEN'] ?? '')[0]?.token
}

/** Does something with a file; ends the program with the error's code if that fails. */
function orFail<Result>(message: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    return fail(`${message} (${(error as NodeJS.ErrnoException).code}).`)
  }
}

function createFile(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 })
  } catch (error) {
    rmSync(file, { force: true }) // on a full disk it exists, but is empty
    throw error
  }
}

/** 192 random bits in characters that never need quoting. */
export function randomText(): string {
  return randomBytes(24).toString('base64url')
}
