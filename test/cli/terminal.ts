import { spawn, spawnSync } from 'node:child_process'
import { describe } from 'vitest'
import { Program, type Checkout } from './checkout.ts'

const hasScript = String(spawnSync('script', ['--version']).stdout).includes('util-linux')

/** Tests in a pseudo-terminal of util-linux; skipped, with a note, if there is none. */
export const describeInTerminal = (name: string, tests: () => void): void => {
  if (!hasScript) {
    process.stderr.write(`\nLEFT OUT, as this machine has no "script" of util-linux: ${name}\n`)
  }
  describe.skipIf(!hasScript)(name, tests)
}

/** Terminals with and without colors. */
export const TERMINALS = [
  ['with colour', {}],
  ['with NO_COLOR', { NO_COLOR: '1' }],
] as const

/** Runs one of the project's programs in a terminal, for which `type` presses keys. */
export function runInTerminal(
  { folder }: Checkout,
  script: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Program {
  const words = [process.execPath, script, ...args].map((word) => `'${word}'`)
  const unset = { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined }
  return new Program(
    spawn('script', ['--quiet', '--return', '--command', `exec ${words.join(' ')}`, '/dev/null'], {
      cwd: folder,
      env: { ...process.env, ...unset, TERM: 'xterm-256color', ...env },
    }),
  )
}
