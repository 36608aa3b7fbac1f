import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** ClickHouse as a library. It has 550 MB, so it is not among the project's own packages. */
export const PACKAGE = { name: 'chdb', version: '3.4.0' } as const

/** Where it is installed once for all: CHDB is another folder. */
export const FOLDER =
  process.env['CHDB'] ?? join(tmpdir(), 'yespo-engines', `${PACKAGE.name}-${PACKAGE.version}`)

/** The package; undefined if it is not installed. */
export function findClickHouse(): string | undefined {
  const folder = join(FOLDER, 'node_modules', PACKAGE.name)
  return existsSync(folder) ? folder : undefined
}
