import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutate.ts'
import { findFunction } from './probe.ts'
import type { TestFile } from './tester.ts'

const IMPORT = /\b(?:from|import)[\s(]*'(\.[^']+)'/g

/** Says which test files may notice a change, the most likely and fastest first. */
export class Order {
  readonly #root: string
  readonly #imports = new Map<string, readonly string[]>()
  readonly #durations = new Map<TestFile, number>()
  readonly #reached = new Map<TestFile, ReadonlySet<string>>()
  /** By the changed file. */
  readonly #killers = new Map<string, string[]>()

  constructor(root: string) {
    this.#root = root
  }

  /** Milliseconds that a test file took without a change. */
  durationOf(test: TestFile): number {
    return this.#durations.get(test) ?? 0
  }

  /** @param reached functions that the test file calls */
  record(test: TestFile, ms: number, reached: readonly string[]): void {
    this.#durations.set(test, ms)
    this.#reached.set(test, new Set(reached))
  }

  recordKiller(file: string, path: string): void {
    const others = (this.#killers.get(file) ?? []).filter((each) => each !== path)
    this.#killers.set(file, [path, ...others])
  }

  /**
   * The test files that call the changed function, or all if a file itself runs the code when it is imported.
   * First those that noticed other changes of the file, the last one first; then those that import it by the fewest
   * steps; of these the fastest.
   */
  choose(tests: readonly TestFile[], { file, start }: Mutant): TestFile[] {
    const source = readFileSync(join(this.#root, file), 'utf8')
    const called = findFunction(file, source, start)
    const calling = tests.filter(
      (test) => called === undefined || this.#reached.get(test)?.has(called),
    )
    const killers = this.#killers.get(file) ?? []
    const rank = (test: TestFile) => {
      const place = killers.indexOf(test.path)
      if (place >= 0) return place - killers.length
      return this.#countSteps(test.path, file) * 1_000_000 + this.durationOf(test)
    }
    const ranks = new Map(calling.map((test) => [test, rank(test)]))
    return calling.toSorted((one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0))
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
