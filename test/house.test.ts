import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** The folders and files of `src`, from top to bottom. Each may import its own files and the floors below it. */
const FLOORS = [
  ['cli'],
  ['index.ts'],
  ['preload.ts'],
  ['simulator'],
  ['routes.ts', 'consume-batch.ts'],
  ['schedule.ts'],
  ['other-routes.ts'],
  ['api-routes.ts', 'page-routes.tsx'],
  // Capabilities, and the API's documentation of them.
  ['openapi', 'error-page'],
  ['overview'],
  ['monitoring'],
  ['bounces', 'erasure', 'quarantine', 'sync'],
  ['archive', 'contacts', 'ingest', 'reports'],
  ['deliveries', 'events', 'suppressions'],
  // Shared by the capabilities.
  ['web'],
  ['http'],
  ['history'],
  ['settings'],
  ['parquet'],
  ['db'],
  ['language'],
  ['event'],
  ['platform'],
]

/** The only folder with SQL. */
const SQL_LAYER = 'db'

const IMPORT = /\b(?:from|import)[\s(]*'(\.[^']+)'/g // includes imports of types

const SRC = join(import.meta.dirname, '../src')
const FILES = globSync('**/*.{ts,tsx,js}', { cwd: SRC }).filter((file) => !file.endsWith('.d.ts'))
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]))
const IMPORTS = new Map(
  [...TEXTS].map(([file, text]) => [
    file,
    Array.from(text.matchAll(IMPORT), ([, path = '']) => join(file, '..', path)),
  ]),
)

const folderOf = (file: string) => file.split('/')[0] ?? ''
const floorOf = (file: string) => FLOORS.findIndex((folders) => folders.includes(folderOf(file)))

/** Finds a cycle of imports that starts at a file: the files in it. Skips files that were checked before. */
function findCycle(file: string, path: string[], done: Set<string>): string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
  if (done.has(file)) return undefined
  let cycle: string[] | undefined
  for (const imported of IMPORTS.get(file) ?? []) {
    cycle ??= findCycle(imported, [...path, file], done)
  }
  done.add(file)
  return cycle
}

it('has a floor for every folder', () => {
  expect(
    FLOORS.flat().toSorted(),
    'Name every folder and file of src in FLOORS, as low as its imports allow, and nothing else.',
  ).toEqual([...new Set(FILES.map(folderOf))].toSorted())
})

it('imports only downward', () => {
  const upward = [...IMPORTS].flatMap(([file, imported]) =>
    imported
      .filter((other) => folderOf(other) !== folderOf(file) && floorOf(other) <= floorOf(file))
      .map((other) => `${file} -> ${other}`),
  )
  expect(
    upward,
    'Move the shared code to a floor below the two, or pass it as an argument. Change FLOORS only if a whole folder is on the wrong floor.',
  ).toEqual([])
})

it('has no import cycles', () => {
  const done = new Set<string>()
  const cycles = FILES.flatMap((file) => findCycle(file, [], done)?.join(' -> ') ?? [])
  expect(
    cycles,
    'Move what the files of the cycle share, often a type, to the lowest of them or to a file of its own.',
  ).toEqual([])
})

it('deploys nothing that only npm start needs', () => {
  const deployed = new Set<string>()
  findCycle('index.ts', [], deployed)
  expect(deployed).toContain('db/write/save-messages.ts')
  const local = [...deployed].filter((file) => /^cli\b|\blocal\b/.test(file))
  expect(local, 'Import it from src/cli only.').toEqual([])
})

it('has SQL in one layer', () => {
  const others = [...TEXTS].filter(
    ([file, text]) => folderOf(file) !== SQL_LAYER && text.includes('.prepare('),
  )
  expect(
    others.map(([file]) => file),
    `Move the statement to a function in src/${SQL_LAYER} and call that.`,
  ).toEqual([])
})
