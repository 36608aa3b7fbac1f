import { join } from 'node:path'
import { createVitest, type Vitest } from 'vitest/node'
import type { TestFile, TestRequest, TestRun } from './tester.ts'

// Runs test files for its parent, in the folder it was started in: it stays alive, as starting takes seconds.

const QUIET = { watch: false, maxWorkers: 1, silent: true, reporters: [{}] }

const vitests = new Map<TestFile['where'], Promise<Vitest>>()

function start(where: TestFile['where']): Promise<Vitest> {
  if (where === 'worker') {
    return createVitest('test', {
      ...QUIET,
      config: 'test/vitest.config.ts',
      project: ['worker', 'alone'],
    })
  }
  const root = process.cwd()
  const workers = join(root, 'test/node-workers.ts')
  return createVitest(
    'test',
    {
      ...QUIET,
      root,
      config: false,
      include: ['test/**/*.test.ts'],
      setupFiles: ['test/apply-migrations.ts'],
      testTimeout: 600_000,
    },
    { resolve: { alias: { 'cloudflare:workers': workers, 'cloudflare:test': workers } } },
  )
}

/** Runs a test file, or only some of its tests. */
async function run({ test, ids, changed }: TestRequest): Promise<TestRun> {
  const starting = vitests.get(test.where) ?? start(test.where)
  vitests.set(test.where, starting)
  const vitest = await starting
  for (const file of changed) vitest.invalidateFile(file)
  const [whole] = await vitest.globTestSpecifications([join(process.cwd(), test.path)])
  if (!whole) throw new Error(`there is no test file ${test.path}`)
  whole.project.config.bail = ids ? 1 : 0
  const chosen = whole.project.createSpecification(whole.moduleId, ids && { testIds: [...ids] })
  const { testModules, unhandledErrors } = await vitest.rerunTestSpecifications([chosen])
  // Those of earlier runs are still listed.
  const own = testModules.find(({ moduleId }) => moduleId === whole.moduleId)
  const tests = Array.from(own?.children.allTests() ?? [], (each) => ({
    id: each.id,
    name: each.fullName,
    isPassed: each.ok(),
    reached: each.meta().reached ?? [],
  }))
  return { isPassed: own?.ok() === true && unhandledErrors.length === 0, tests }
}

process.on('message', (request: TestRequest) => {
  void run(request).then((result) => process.send?.(result))
})
