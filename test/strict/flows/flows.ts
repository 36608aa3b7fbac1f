import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWorker } from '../../bench/build.ts'
import type { Plan } from '../index.ts'
import { OPERATIONS, type Flow, type Job, type Measured } from './job.ts'
import type { Config } from '../../receiver-config.ts'
import { readConfig } from '../../read-config.ts'

/** Runs flows of the receiver as it is deployed, each in a process that is a new isolate. */
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
    this.#start({ ...this.#common('free'), task: 'fill' })
  }

  /** @param repeats after the first invocation, of a flow that does not go on */
  run(flow: Flow, plan: Plan, repeats: number): Measured {
    this.#start({ ...this.#common(plan), task: 'run', flow, repeats })
    return JSON.parse(readFileSync(this.#fileOf('result'), 'utf8')) as Measured
  }

  /** The `operationId` of every endpoint. */
  listOperations(): string[] {
    return JSON.parse(readFileSync(join(this.#folder, OPERATIONS), 'utf8')) as string[]
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
    rmSync(join(this.#bundle, '..'), { recursive: true })
  }

  #common(plan: Plan) {
    return {
      bundle: this.#bundle,
      config: this.#config,
      folder: this.#folder,
      plan,
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
