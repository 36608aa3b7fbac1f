import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyProject, removeCopy } from './copy.ts'
import { applyEdit, type Mutant } from './mutate.ts'

/** A test file of the project, and in which runtime it runs. */
export type TestFile = { path: string; where: 'worker' | 'node' }

/** What a process is asked for: a test file, or the tests of it with these IDs, after some files changed. */
export type TestRequest = {
  test: TestFile
  ids: readonly string[] | undefined
  changed: readonly string[]
}

/** A test, and the functions with probes that it called. */
export type RunTest = { id: string; name: string; isPassed: boolean; reached: readonly string[] }

/** What the process says about a test file. */
export type TestRun = { isPassed: boolean; tests: readonly RunTest[] }

/** How a test file ended. */
export type Ending = { how: 'passed' | 'failed' | 'timed out'; tests: readonly RunTest[] }

/** The tests of a file that a mutant is run against. */
export type ChosenTests = { test: TestFile; ids: readonly string[]; timeoutMs: number }

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

  /** Runs tests against a mutant, file by file, until one fails. */
  async judge(mutant: Mutant, tests: readonly ChosenTests[]): Promise<Verdict> {
    this.change(mutant.file, (source) => applyEdit(source, mutant))
    try {
      for (const { test, ids, timeoutMs } of tests) {
        const { how } = await this.run(test, timeoutMs, ids)
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

  /** Runs a test file, or only some tests. If it takes longer, it may hang in a loop: its process is killed. */
  async run(test: TestFile, timeoutMs: number, ids?: readonly string[]): Promise<Ending> {
    const child = (this.#child ??= this.#start())
    const { promise, resolve } = Promise.withResolvers<Ending>()
    const timer = setTimeout(() => resolve({ how: 'timed out', tests: [] }), timeoutMs)
    const onExit = () => resolve({ how: 'failed', tests: [] })
    const onMessage = ({ isPassed, tests }: TestRun) =>
      resolve({ how: isPassed ? 'passed' : 'failed', tests })
    child.once('message', onMessage)
    child.once('exit', onExit)
    child.send({ test, ids, changed: [...this.#changed] } satisfies TestRequest)
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
