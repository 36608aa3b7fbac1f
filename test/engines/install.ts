import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { findClickHouse, FOLDER, PACKAGE } from './chdb.ts'

/** Installs ClickHouse before the tests, unless it is there; says so if it cannot. */
export function setup(): void {
  if (findClickHouse() !== undefined) return
  const { name, version } = PACKAGE
  process.stderr.write(`\nInstalling ClickHouse (${name} ${version}, 550 MB) in ${FOLDER} …\n`)
  mkdirSync(dirname(FOLDER), { recursive: true })
  const started = mkdtempSync(`${FOLDER}-`)
  try {
    const options = ['--prefix', started, '--no-audit', '--no-fund', '--no-save']
    execFileSync('npm', ['install', ...options, `${name}@${version}`], { stdio: 'pipe' })
    renameSync(started, FOLDER) // whole, even if this is killed before
  } catch (error) {
    rmSync(started, { recursive: true, force: true })
    process.stderr.write(`\nClickHouse cannot be installed: ${String(error)}\n`)
  }
}
