import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWorker } from '../../bench/build.ts'
import { OPERATIONS, type Job, type Measured, type Run } from './job.ts'
import type { Config } from '../../receiver-config.ts'
import { readConfig } from '../../read-config.ts'

/** A process keeps the code of every isolate that it ever had. */
const MAX_OF_PROCESS = 20

/** Runs flows of the receiver as it is deployed, each in a new isolate. */
export class Flows {
  readonly #folder: string
  readonly #bundle: string
  readonly #config: Config
  readonly #seed: number
  readonly #events: number

  /** Fills the states. @param events in the database of most of them */
  constructor(seed: number, events: number) {
    this.#config = readConfig()
    this.#folder = mkdtempSync(join(tmpdir(), 'flows-'))
    this.#bundle = join(buildWorker(), 'index.js')
    this.#seed = seed
    this.#events = events
    this.#start({ ...this.#common(), task: 'fill' })
  }

  /** Runs a flow in a process of its own: only the first isolate of a process shows how long a cold start takes. */
  runAlone(run: Run): Measured {
    const [measured] = this.runAll([run])
    if (!measured) throw new Error('nothing was measured')
    return measured
  }

  /** Runs flows, many in a process. */
  runAll(runs: readonly Run[]): Measured[] {
    const measured: Measured[] = []
    for (let first = 0; first < runs.length; first += MAX_OF_PROCESS) {
      const some = runs.slice(first, first + MAX_OF_PROCESS)
      this.#start({ ...this.#common(), task: 'run', runs: some })
      measured.push(...(JSON.parse(readFileSync(this.#fileOf('result'), 'utf8')) as Measured[]))
    }
    return measured
  }

  /** The `operationId` of every endpoint. */
  listOperations(): string[] {
    return JSON.parse(readFileSync(join(this.#folder, OPERATIONS), 'utf8')) as string[]
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
    rmSync(join(this.#bundle, '..'), { recursive: true })
  }

  #common() {
    return {
      bundle: this.#bundle,
      config: this.#config,
      folder: this.#folder,
      seed: this.#seed,
      events: this.#events,
    }
  }

  #fileOf(name: 'job' | 'result'): string {
    return join(this.#folder, `${name}.json`)
  }

  #start(job: Job): void {
    writeFileSync(this.#fileOf('job'), JSON.stringify(job))
    const child = join(import.meta.dirname, 'child.ts')
    const files = [this.#fileOf('job'), this.#fileOf('result')]
    execFileSync(process.execPath, ['--no-warnings', child, ...files], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  }
}
