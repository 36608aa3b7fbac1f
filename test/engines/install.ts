import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'

/** ClickHouse as a library. It has 550 MB, so it is not among the project's own packages. */
const [NAME, VERSION] = ['chdb', '3.4.0']

/** Where it stays for the next time, unless CHDB is the folder of an installation. */
const CACHE = join(tmpdir(), 'yespo-engines')

/** The folder of ClickHouse's package; undefined, with a note, if it cannot be installed. */
function installClickHouse(): string | undefined {
  const folder = process.env['CHDB'] ?? join(CACHE, `${NAME}-${VERSION}`)
  const installed = join(folder, 'node_modules', NAME)
  if (existsSync(installed)) return installed
  process.stderr.write(`\nInstalling ClickHouse (${NAME} ${VERSION}, 550 MB) in ${folder} …\n`)
  mkdirSync(CACHE, { recursive: true })
  const started = mkdtempSync(join(CACHE, 'installing-'))
  try {
    const options = ['--prefix', started, '--no-audit', '--no-fund', '--no-save']
    execFileSync('npm', ['install', ...options, `${NAME}@${VERSION}`], { stdio: 'pipe' })
    renameSync(started, folder) // at once, as tests may be killed
    return installed
  } catch (error) {
    process.stderr.write(`\nClickHouse cannot be installed: ${String(error)}\n`)
    return undefined
  }
}

const found = installClickHouse()

/** Where ClickHouse's package is. */
export const CLICKHOUSE = found ?? ''

/** Tests with ClickHouse; skipped, with a note, if it cannot be installed. */
export function describeWithClickHouse(name: string, tests: () => void): void {
  if (found === undefined) process.stderr.write(`\nLEFT OUT, without ClickHouse: ${name}\n`)
  describe.skipIf(found === undefined)(name, tests)
}
