import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutate.ts'
import { findFunction } from './probe.ts'
import type { ChosenTests, RunTest, TestFile } from './tester.ts'

const IMPORT = /\b(?:from|import)[\s(]*'(\.[^']+)'/g

/** A change may make a test slower; one that takes much longer hangs. */
const HANGING = { ms: 30_000, times: 6 }

/** Says which tests may notice a change, the most likely and fastest first. */
export class Order {
  readonly #root: string
  readonly #imports = new Map<string, readonly string[]>()
  readonly #durations = new Map<TestFile, number>()
  readonly #tests = new Map<TestFile, readonly RunTest[]>()
  /** By the changed file. */
  readonly #killers = new Map<string, string[]>()

  constructor(root: string) {
    this.#root = root
  }

  /** Records a run without a mutant, with those of its tests that may notice one. */
  record(test: TestFile, ms: number, tests: readonly RunTest[]): void {
    this.#durations.set(test, ms)
    this.#tests.set(test, tests)
  }

  recordKiller(file: string, path: string): void {
    const others = (this.#killers.get(file) ?? []).filter((each) => each !== path)
    this.#killers.set(file, [path, ...others])
  }

  /**
   * The tests that call the changed function, or all if the code runs when its file is imported. First the test files
   * that noticed other changes of the file, the last one first; then those that import it by the fewest steps; of these
   * the fastest. Last come those in workerd, as it takes seconds to start.
   */
  choose({ file, start }: Mutant): ChosenTests[] {
    const source = readFileSync(join(this.#root, file), 'utf8')
    const called = findFunction(file, source, start)
    const killers = this.#killers.get(file) ?? []
    const rank = (test: TestFile) => {
      const place = killers.indexOf(test.path)
      if (test.where === 'worker') return Infinity
      if (place >= 0) return place - killers.length
      return this.#countSteps(test.path, file) * 1_000_000 + this.#durationOf(test)
    }
    return [...this.#tests.keys()]
      .map((test) => ({ test, rank: rank(test) }))
      .toSorted((one, other) => (one.rank < other.rank ? -1 : 1))
      .map(({ test }) => ({
        test,
        ids: this.#listCalling(test, called),
        timeoutMs: HANGING.ms + HANGING.times * this.#durationOf(test),
      }))
      .filter(({ ids }) => ids.length > 0)
  }

  /** The IDs of a file's tests that call a function. */
  #listCalling(test: TestFile, called: string | undefined): string[] {
    const tests = this.#tests.get(test) ?? []
    return tests
      .filter(({ reached }) => called === undefined || reached.includes(called))
      .map(({ id }) => id)
  }

  #durationOf(test: TestFile): number {
    return this.#durations.get(test) ?? 0
  }

  /** How many imports lead from a file to another one; 99 if none do. */
  #countSteps(from: string, to: string): number {
    const seen = new Set([from])
    let level = [from]
    for (let steps = 0; level.length > 0; steps++) {
      if (level.includes(to)) return steps
      level = level.flatMap((file) => this.#importsOf(file)).filter((file) => !seen.has(file))
      for (const file of level) seen.add(file)
    }
    return 99
  }

  #importsOf(file: string): readonly string[] {
    const known = this.#imports.get(file)
    if (known) return known
    const path = join(this.#root, file)
    const text = /\.tsx?$/.test(file) && existsSync(path) ? readFileSync(path, 'utf8') : ''
    const found = Array.from(text.matchAll(IMPORT), ([, to = '']) => join(file, '..', to))
    this.#imports.set(file, found)
    return found
  }
}
