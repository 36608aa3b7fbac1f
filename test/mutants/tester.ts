import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyProject, removeCopy } from './copy.ts'
import { applyEdit, type Mutant } from './mutate.ts'

/** A test file of the project, and in which runtime it runs. */
export type TestFile = { path: string; where: 'worker' | 'node' }

/** What the process says about a test file; `reached` has the functions with probes that it called. */
export type TestRun = { isPassed: boolean; reached: readonly string[] }

/** How a test file ended, and which functions with probes it called. */
type Ending = { how: 'passed' | 'failed' | 'timed out'; reached: readonly string[] }

/** What happened to a mutant, and which test file noticed it. */
export type Verdict = { fate: 'killed' | 'timed out' | 'survived'; by?: string }

/** Runs tests in a copy of the project. */
export class Tester {
  readonly folder = copyProject()
  #child: ChildProcess | undefined
  /** The files of which the process may know a mutant. */
  readonly #changed = new Set<string>()
  /** What changed files were before. */
  readonly #sources = new Map<string, string>()

  /** Runs the test files against a mutant, one by one, until one fails. */
  async judge(
    mutant: Mutant,
    tests: readonly TestFile[],
    timeoutOf: (test: TestFile) => number,
  ): Promise<Verdict> {
    this.change(mutant.file, (source) => applyEdit(source, mutant))
    try {
      for (const test of tests) {
        const { how } = await this.run(test, timeoutOf(test))
        if (how === 'failed') return { fate: 'killed', by: test.path }
        if (how === 'timed out') return { fate: 'timed out', by: test.path }
      }
      return { fate: 'survived' }
    } finally {
      this.restore()
    }
  }

  /** Changes a file of the copy until `restore`. */
  change(file: string, edit: (source: string) => string): void {
    const path = join(this.folder, file)
    const source = readFileSync(path, 'utf8')
    this.#sources.set(path, source)
    this.#changed.add(path)
    writeFileSync(path, edit(source))
  }

  restore(): void {
    for (const [path, source] of this.#sources) writeFileSync(path, source)
    this.#sources.clear()
  }

  /** Runs a test file. One that takes longer may hang in a loop: its process is killed. */
  async run(test: TestFile, timeoutMs: number): Promise<Ending> {
    const child = (this.#child ??= this.#start())
    const { promise, resolve } = Promise.withResolvers<Ending>()
    const timer = setTimeout(() => resolve({ how: 'timed out', reached: [] }), timeoutMs)
    const onExit = () => resolve({ how: 'failed', reached: [] })
    const onMessage = ({ isPassed, reached }: TestRun) =>
      resolve({ how: isPassed ? 'passed' : 'failed', reached })
    child.once('message', onMessage)
    child.once('exit', onExit)
    child.send({ test, changed: [...this.#changed] })
    const ending = await promise
    clearTimeout(timer)
    child.off('message', onMessage)
    child.off('exit', onExit)
    if (ending.how === 'timed out' || child.exitCode !== null) this.#stop()
    return ending
  }

  close(): void {
    this.#stop()
    removeCopy(this.folder)
  }

  #start(): ChildProcess {
    const script = join(this.folder, 'test/mutants/test-process.ts')
    // With a process group of its own, which can be killed together with its workerd.
    return fork(script, {
      cwd: this.folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
  }

  #stop(): void {
    const { pid } = this.#child ?? {}
    this.#child?.removeAllListeners()
    this.#child = undefined
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
