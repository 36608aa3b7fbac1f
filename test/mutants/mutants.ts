import { parseCount, readOptions } from '../../src/cli/options.ts'
import { fail } from '../../src/cli/wrangler.ts'
import { choose } from './choose.ts'
import { FOLDERS, type Folder } from './folders.ts'
import type { Mutant } from './mutate.ts'
import { formatReport, isGood, toLine } from './report.ts'
import { listMutantsOf, runMutants, type Result } from './run.ts'

const USAGE = `Changes single places of the receiver's code, and counts the changes that the tests of their folder notice.
Takes about half an hour; test/mutants/README.md explains it. Ends with exit code 1 if a folder has under 90 %.

  npm run mutants -- [options]

  --folder ${FOLDERS.map(({ name }) => name).join(',')}
                     only these folders
  --seed S           the same seed chooses the same mutants (1)
  --count N          how many, the same number in each folder (300)
  --only FILE:LINE   every mutant of a line or file, also equivalent ones`

const OPTIONS = {
  folder: { type: 'string', default: FOLDERS.map(({ name }) => name).join(',') },
  seed: { type: 'string', default: '1' },
  count: { type: 'string', default: '300' },
  only: { type: 'string' },
} as const

const values = readOptions(OPTIONS, USAGE)
const seed = parseCount('--seed', values.seed)
const count = parseCount('--count', values.count)
const folders = values.folder.split(',').map(findFolder)

const chosen = new Map(
  folders.map((folder) => {
    const mutants = listMutantsOf(folder)
    const own = values.only === undefined ? undefined : mutants.filter(isOnly(values.only))
    return [folder, own ?? choose(mutants, Math.ceil(count / folders.length), seed)]
  }),
)
const results: Result[] = []
// Also if somebody stops it with Ctrl-C.
process.once('exit', () => console.log(`\n${formatReport(results)}`))
await runMutants(chosen, (result) => {
  results.push(result)
  console.log(toLine(result))
})
process.exitCode = isGood(results) ? 0 : 1

function findFolder(name: string): Folder {
  return FOLDERS.find((folder) => folder.name === name) ?? fail(`There is no folder “${name}”.`)
}

function isOnly(place: string): (mutant: Mutant) => boolean {
  return ({ file, line }) => place === file || place === `${file}:${line}`
}
