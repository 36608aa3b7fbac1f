import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEquivalent } from './equivalent.ts'
import type { Folder } from './folders.ts'
import { listMutants, type Mutant } from './mutate.ts'
import { Order } from './order.ts'
import { addProbes } from './probe.ts'
import { Tester, type TestFile, type Verdict } from './tester.ts'

const ROOT = join(import.meta.dirname, '../..')

/** As many as the machine has cores for: each runs one test file at a time. */
const MAX_TESTERS = 2

/** What every test in workerd imports first. */
const WORKER_SETUP = 'test/apply-migrations.ts'

/** A mutant of a folder, and what happened to it; nothing, if it is listed as equivalent. */
export type Result = { folder: Folder; mutant: Mutant; verdict: Verdict | undefined }

export function listMutantsOf(folder: Folder): Mutant[] {
  return listSources(folder).flatMap((file) =>
    listMutants(file, readFileSync(join(ROOT, file), 'utf8')),
  )
}

function listSources({ source }: Folder): string[] {
  return globSync(`${source}/**/*.ts`, { cwd: ROOT }).toSorted()
}

/** Runs each folder's tests against its mutants. @param report is called with each result */
export async function runMutants(
  chosen: ReadonlyMap<Folder, readonly Mutant[]>,
  report: (result: Result) => void,
): Promise<Result[]> {
  const testers = Array.from({ length: MAX_TESTERS }, () => new Tester())
  const closeAll = () => testers.forEach((tester) => tester.close())
  const onSignal = () => {
    closeAll()
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  try {
    const results: Result[] = []
    const order = new Order(ROOT)
    for (const [folder, mutants] of chosen) {
      const tests = listTests(folder)
      await measureAll(testers, folder, tests, order)
      await inTurns(testers, mutants, async (tester, mutant) => {
        const result = { folder, mutant, verdict: await judge(tester, mutant, tests, order) }
        results.push(result)
        report(result)
      })
    }
    return results
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    closeAll()
  }
}

/** The test files of a folder, those in Node.js first, as they are faster. */
function listTests({ worker, node }: Folder): TestFile[] {
  const list = (places: readonly string[], where: TestFile['where']): TestFile[] =>
    places
      .flatMap((place) =>
        place.endsWith('.ts') ? [place] : globSync(`${place}/**/*.test.ts`, { cwd: ROOT }),
      )
      .toSorted()
      .map((path) => ({ path, where }))
  const inWorker = list(worker, 'worker')
  const isInWorker = (path: string) => inWorker.some((test) => test.path === path)
  return [...list(node, 'node').filter(({ path }) => !isInWorker(path)), ...inWorker]
}

/** Runs the tests without a mutant: how long each takes, and which functions it calls. */
async function measureAll(
  testers: readonly Tester[],
  folder: Folder,
  tests: readonly TestFile[],
  order: Order,
): Promise<void> {
  for (const tester of testers) {
    for (const file of listSources(folder)) tester.change(file, (text) => addProbes(file, text))
    tester.change(WORKER_SETUP, (text) => `import './mutants/record-reached.ts'\n${text}`)
  }
  await inTurns(testers, tests, async (tester, test) => {
    const begin = performance.now()
    const { how, reached } = await tester.run(test, 600_000)
    // Only one that passes can notice a mutant.
    if (how !== 'passed') throw new Error(`${test.path} ${how} without a mutant`)
    order.record(test, performance.now() - begin, reached)
  })
  for (const tester of testers) tester.restore()
}

async function judge(
  tester: Tester,
  mutant: Mutant,
  tests: readonly TestFile[],
  order: Order,
): Promise<Verdict | undefined> {
  if (isEquivalent(mutant)) return undefined
  const verdict = await tester.judge(mutant, order.choose(tests, mutant))
  if (verdict.by !== undefined) order.recordKiller(mutant.file, verdict.by)
  return verdict
}

/** Has several workers take items from one list until it is empty. */
async function inTurns<Worker, Item>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values()
  await Promise.all(
    workers.map(async (worker) => {
      for (const item of waiting) await work(worker, item)
    }),
  )
}
