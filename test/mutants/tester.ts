import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyProject, removeCopy } from './copy.ts'
import { applyEdit, type Mutant } from './mutate.ts'

/** A test file of the project, and in which runtime it runs. */
export type TestFile = { path: string; where: 'worker' | 'node' }

/** How a test file ended. */
export type Ending = 'passed' | 'failed' | 'timed out'

/** What happened to a mutant, and which test file noticed it. */
export type Verdict = { fate: 'killed' | 'timed out' | 'survived'; by?: string }

/** Runs tests in a copy of the project. */
export class Tester {
  readonly folder = copyProject()
  #child: ChildProcess | undefined
  /** The files that the process may know as a mutant. */
  readonly #changed = new Set<string>()

  /** Runs the test files against a mutant, one by one, until one fails. */
  async judge(
    mutant: Mutant,
    tests: readonly TestFile[],
    timeoutOf: (test: TestFile) => number,
  ): Promise<Verdict> {
    const file = join(this.folder, mutant.file)
    const source = readFileSync(file, 'utf8')
    writeFileSync(file, applyEdit(source, mutant))
    this.#changed.add(file)
    try {
      for (const test of tests) {
        const ending = await this.run(test, timeoutOf(test))
        if (ending === 'failed') return { fate: 'killed', by: test.path }
        if (ending === 'timed out') return { fate: 'timed out', by: test.path }
      }
      return { fate: 'survived' }
    } finally {
      writeFileSync(file, source)
    }
  }

  /** Runs a test file. One that takes longer may hang in a loop: its process is killed. */
  async run(test: TestFile, timeoutMs: number): Promise<Ending> {
    const child = (this.#child ??= this.#start())
    const { promise, resolve } = Promise.withResolvers<Ending>()
    const timer = setTimeout(() => resolve('timed out'), timeoutMs)
    const onExit = () => resolve('failed')
    child.once('message', (passed) => resolve(passed === true ? 'passed' : 'failed'))
    child.once('exit', onExit)
    child.send({ test, changed: [...this.#changed] })
    const ending = await promise
    clearTimeout(timer)
    child.off('exit', onExit)
    if (ending === 'timed out' || child.exitCode !== null) this.#stop()
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
