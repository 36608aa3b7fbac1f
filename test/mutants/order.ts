import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestFile } from './tester.ts'

const IMPORT = /\b(?:from|import)[\s(]*'(\.[^']+)'/g

/** Says in which order test files most likely notice a change soon. */
export class Order {
  readonly #root: string
  readonly #imports = new Map<string, readonly string[]>()
  readonly #durations = new Map<TestFile, number>()
  /** By the changed file. */
  readonly #killers = new Map<string, string[]>()

  constructor(root: string) {
    this.#root = root
  }

  /** Milliseconds that a test file took without a change. */
  durationOf(test: TestFile): number {
    return this.#durations.get(test) ?? 0
  }

  recordDuration(test: TestFile, ms: number): void {
    this.#durations.set(test, ms)
  }

  recordKiller(file: string, path: string): void {
    const others = (this.#killers.get(file) ?? []).filter((each) => each !== path)
    this.#killers.set(file, [path, ...others])
  }

  /**
   * First those that noticed other changes of the file, the last one first; then those that import it by the fewest
   * steps; of these the fastest.
   */
  sort(tests: readonly TestFile[], file: string): TestFile[] {
    const killers = this.#killers.get(file) ?? []
    const rank = (test: TestFile) => {
      const place = killers.indexOf(test.path)
      if (place >= 0) return place - killers.length
      return this.#countSteps(test.path, file) * 1_000_000 + this.durationOf(test)
    }
    const ranks = new Map(tests.map((test) => [test, rank(test)]))
    return tests.toSorted((one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0))
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
