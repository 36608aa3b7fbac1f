import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const COPIED = ['src', 'test', 'migrations', 'wrangler.toml', 'tsconfig.json', 'package.json']

/** Copies the project to a folder of its own, so that nobody sees a mutant in the checkout. @returns the folder */
export function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yespo-receiver-mutants-'))
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')]
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' })
  } catch {
    // Another file system, or another cp.
    rmSync(to, { recursive: true, force: true })
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  }
  return folder
}

export function removeCopy(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
