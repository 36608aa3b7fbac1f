import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEquivalent } from './equivalent.ts'
import { ONLY_IN_WORKERD, type Folder } from './folders.ts'
import { listMutants, type Mutant } from './mutate.ts'
import { Order } from './order.ts'
import { addProbes } from './probe.ts'
import { Tester, type Ending, type TestFile, type Verdict } from './tester.ts'

const ROOT = join(import.meta.dirname, '../..')

/** As many as the machine has cores for: each runs one test file at a time. */
const MAX_TESTERS = 2

/** What every test imports first. */
const SETUP = 'test/apply-migrations.ts'

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
): Promise<void> {
  const testers = Array.from({ length: MAX_TESTERS }, () => new Tester())
  const closeAll = () => testers.forEach((tester) => tester.close())
  const onSignal = () => {
    closeAll()
    process.exit(130)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  try {
    for (const [folder, mutants] of chosen) {
      const order = await measureAll(testers, folder)
      await inTurns(testers, mutants, async (tester, mutant) => {
        report({ folder, mutant, verdict: await judge(tester, mutant, order) })
      })
    }
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    closeAll()
  }
}

function listTestFiles({ tests }: Folder): string[] {
  return tests
    .flatMap((place) =>
      place.endsWith('.ts') ? [place] : globSync(`${place}/**/*.test.ts`, { cwd: ROOT }),
    )
    .toSorted()
}

/** Runs the tests without a mutant: how long each file takes, and which functions each test calls. */
async function measureAll(testers: readonly Tester[], folder: Folder): Promise<Order> {
  const order = new Order(ROOT)
  for (const tester of testers) {
    for (const file of listSources(folder)) tester.change(file, (text) => addProbes(file, text))
    tester.change(SETUP, (text) => `import './mutants/record-reached.ts'\n${text}`)
  }
  await inTurns(testers, listTestFiles(folder), (tester, path) => measure(tester, path, order))
  for (const tester of testers) tester.restore()
  return order
}

/** Measures a test file in Node.js, and the tests that fail there in workerd. Only one that passes can notice a mutant. */
async function measure(tester: Tester, path: string, order: Order): Promise<void> {
  const passed = new Set<string>()
  if (!ONLY_IN_WORKERD.includes(path)) {
    const { how, tests, ms } = await time(tester, { path, where: 'node' })
    const usable = tests.filter(({ isPassed }) => isPassed)
    order.record({ path, where: 'node' }, ms, usable)
    if (how === 'passed') return
    for (const { name } of usable) passed.add(name)
  }
  const { how, tests, ms } = await time(tester, { path, where: 'worker' })
  if (how !== 'passed') throw new Error(`${path} ${how} without a mutant`)
  const others = tests.filter(({ name }) => !passed.has(name))
  order.record({ path, where: 'worker' }, ms, others)
}

async function time(tester: Tester, test: TestFile): Promise<Ending & { ms: number }> {
  const begin = performance.now()
  const { how, tests } = await tester.run(test, 600_000)
  return { how, tests, ms: performance.now() - begin }
}

async function judge(tester: Tester, mutant: Mutant, order: Order): Promise<Verdict | undefined> {
  if (isEquivalent(mutant)) return undefined
  const verdict = await tester.judge(mutant, order.choose(mutant))
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
