/** Runs every flow of the receiver under the limits of both plans, each in a new isolate; prints a table. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { experimental_readRawConfig as readRawConfig } from 'wrangler'
import { buildWorker, ROOT } from '../../bench/build.ts'
import type { Plan } from '../index.ts'
import type { Flow, Job, Measured } from './job.ts'
import type { Config } from './world.ts'

/** Node options: a heap of an isolate's size. */
const NODE_OPTIONS = ['--no-warnings']

/** The states and the bundle, in a folder of their own. */
export class Flows {
  readonly #folder: string
  readonly #bundle: string
  readonly #config: Config

  private constructor(folder: string, bundle: string, config: Config) {
    this.#folder = folder
    this.#bundle = bundle
    this.#config = config
  }

  /** @param events in the database of most states */
  static prepare(seed: number, events: number): Flows {
    const folder = mkdtempSync(join(tmpdir(), 'flows-'))
    const { rawConfig } = readRawConfig({ config: join(ROOT, 'wrangler.toml') })
    const config = { vars: rawConfig.vars, queues: rawConfig.queues } as unknown as Config
    const bundle = join(buildWorker(), 'index.js')
    const flows = new Flows(folder, bundle, config)
    flows.#start({ ...flows.#common('paid'), task: 'fill', seed, events })
    return flows
  }

  /** Runs a flow in a process of its own. @param repeats after the first invocation */
  run(flow: Flow, plan: Plan, repeats: number): Measured {
    return this.#start({ ...this.#common(plan), task: 'run', flow, repeats }) as Measured
  }

  close(): void {
    rmSync(this.#folder, { recursive: true })
    rmSync(join(this.#bundle, '..'), { recursive: true })
  }

  #common(plan: Plan) {
    return { bundle: this.#bundle, config: this.#config, folder: this.#folder, plan }
  }

  #start(job: Job): unknown {
    const [jobFile, resultFile] = ['job.json', 'result.json'].map((name) =>
      join(this.#folder, name),
    ) as [string, string]
    writeFileSync(jobFile, JSON.stringify(job))
    const child = join(import.meta.dirname, 'child.ts')
    execFileSync(process.execPath, [...NODE_OPTIONS, child, jobFile, resultFile], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return job.task === 'fill' ? undefined : JSON.parse(readFileSync(resultFile, 'utf8'))
  }
}
