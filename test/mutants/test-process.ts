import { join } from 'node:path'
import { createVitest, type Vitest } from 'vitest/node'
import type { TestFile, TestRun } from './tester.ts'

// Runs test files for its parent, in the folder it was started in: it stays alive, as starting takes seconds.

const QUIET = { watch: false, bail: 1, maxWorkers: 1, silent: true, reporters: [{}] }

const vitests = new Map<TestFile['where'], Promise<Vitest>>()

function start(where: TestFile['where']): Promise<Vitest> {
  const root = process.cwd()
  if (where === 'worker') {
    return createVitest('test', { ...QUIET, config: 'test/vitest.config.ts', project: 'worker' })
  }
  return createVitest('test', {
    ...QUIET,
    root,
    config: false,
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/mutants/record-reached.ts'],
    testTimeout: 600_000,
  })
}

/** Runs a test file. */
async function run({ path, where }: TestFile, changed: readonly string[]): Promise<TestRun> {
  const starting = vitests.get(where) ?? start(where)
  vitests.set(where, starting)
  const vitest = await starting
  for (const file of changed) vitest.invalidateFile(file)
  const [specification] = await vitest.globTestSpecifications([join(process.cwd(), path)])
  if (!specification) throw new Error(`there is no test file ${path}`)
  const { testModules, unhandledErrors } = await vitest.rerunTestSpecifications([specification])
  // Those of earlier runs are still listed.
  const own = testModules.find(({ moduleId }) => moduleId === specification.moduleId)
  const isPassed = own?.ok() === true && unhandledErrors.length === 0
  return { isPassed, reached: own?.meta().reached ?? [] }
}

process.on('message', ({ test, changed }: { test: TestFile; changed: string[] }) => {
  void run(test, changed).then((result) => process.send?.(result))
})
