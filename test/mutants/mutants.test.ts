import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { choose, keyOf } from './choose.ts'
import { EQUIVALENT } from './equivalent.ts'
import { listMutants } from './mutate.ts'
import { addProbes, findFunction } from './probe.ts'
import { Tester } from './tester.ts'

const ROOT = join(import.meta.dirname, '../..')

const SOURCE = `
export function isAdult(age: number): boolean {
  return age >= 18 && age < 200
}

export function countUp(until: number): number {
  let count = 0
  while (count < until) {
    count += 1
  }
  return count
}
`

const TEST = `
import { expect, it } from 'vitest'
import { countUp, isAdult } from '../src/age.ts'

it('knows adults', () => {
  expect(isAdult(18)).toBe(true)
  expect(isAdult(17)).toBe(false)
})

it('counts', () => {
  expect(countUp(3)).toBe(3)
})
`

const FILE = 'src/age.ts'
const NOTICED = { path: 'test/age.test.ts', where: 'node' } as const
const MUTANTS = listMutants(FILE, SOURCE)

function find(after: string) {
  const mutant = MUTANTS.find((each) => each.after === after)
  if (!mutant) throw new Error(`no mutant “${after}”`)
  return mutant
}

let tester: Tester

beforeAll(() => {
  tester = new Tester()
  writeFileSync(join(tester.folder, FILE), SOURCE)
  writeFileSync(join(tester.folder, NOTICED.path), TEST)
})

afterAll(() => tester.close())

it('tells mutants that tests notice from those that survive', async () => {
  const { tests } = await tester.run(NOTICED, 60_000)
  const ids = tests.map(({ id }) => id)
  const judge = (after: string, timeoutMs: number) =>
    tester.judge(find(after), [{ test: NOTICED, ids, timeoutMs }])
  expect(await judge('return age > 18 && age < 200', 60_000)).toEqual({
    fate: 'killed',
    by: NOTICED.path,
  })
  expect(await judge('return age >= 18 && age <= 200', 60_000)).toEqual({ fate: 'survived' })
  expect(await judge('return age >= 18 || age < 200', 60_000)).toMatchObject({ fate: 'killed' })
  expect(await judge('count -= 1', 3_000)).toEqual({ fate: 'timed out', by: NOTICED.path })
  expect(await tester.run(NOTICED, 60_000)).toMatchObject({ how: 'passed' })
  expect(readFileSync(join(tester.folder, FILE), 'utf8')).toBe(SOURCE)
})

it('knows which functions each test calls', async () => {
  tester.change(FILE, (text) => addProbes(FILE, text))
  tester.change('test/apply-migrations.ts', () => "import './mutants/record-reached.ts'")
  const { tests } = await tester.run(NOTICED, 60_000)
  tester.restore()
  const called = ['age >= 18', 'count += 1'].map((text) =>
    findFunction(FILE, SOURCE, SOURCE.indexOf(text)),
  )
  expect(tests.map(({ name, reached }) => [name, reached])).toEqual([
    ['knows adults', [called[0]]],
    ['counts', [called[1]]],
  ])
  expect(findFunction(FILE, SOURCE, 0)).toBeUndefined()
})

it('changes conditions, statements and SQL, but no types, texts for people or names', () => {
  const source = `
    type Size = 'small' | 3
    export const MAX_TRIES = 5
    export function check(size: Size, row?: { ok: boolean }) {
      log('info', 'checked', { size })
      if (!row) throw new HttpError(400, 'no row')
      if (size !== 3) record(row)
      return db.prepare(\`
        SELECT 1 FROM items WHERE size < 3
          AND ok\`)
    }`
  expect(listMutants('src/db/check.ts', source).map(({ after }) => after)).toEqual([
    'export const MAX_TRIES = 10',
    "if (true) throw new HttpError(400, 'no row')",
    "if (false) throw new HttpError(400, 'no row')",
    "if (row) throw new HttpError(400, 'no row')",
    'if (!row) ;',
    "if (!row) throw new HttpError(401, 'no row')",
    "if (!row) throw new HttpError(399, 'no row')",
    'if (true) record(row)',
    'if (false) record(row)',
    'if (size === 3) record(row)',
    'if (size !== 4) record(row)',
    'if (size !== 2) record(row)',
    'if (size !== 3) ;',
    'SELECT 1 FROM items WHERE size <= 3',
    '`)',
    'OR ok`)',
  ])
})

it('chooses the same mutants by the same seed, of every file, also after lines have moved', () => {
  const other = listMutants('src/other.ts', SOURCE)
  const chosen = choose([...MUTANTS, ...other], 6, 1).map(keyOf)
  expect(chosen.filter((key) => key.startsWith(FILE))).toHaveLength(3)
  expect(choose([...other, ...MUTANTS], 6, 1).map(keyOf)).toEqual(chosen)
  expect(choose([...listMutants(FILE, `// moved\n${SOURCE}`), ...other], 6, 1).map(keyOf)).toEqual(
    chosen,
  )
  expect(choose([...MUTANTS, ...other], 6, 2).map(keyOf)).not.toEqual(chosen)
})

it('lists as equivalent only mutants that exist', () => {
  const files = [...new Set(EQUIVALENT.map(({ file }) => file))]
  const existing = files.flatMap((file) =>
    listMutants(file, readFileSync(join(ROOT, file), 'utf8')),
  )
  const keys = new Set(existing.map(keyOf))
  expect(EQUIVALENT.map(keyOf).filter((key) => !keys.has(key))).toEqual([])
})
