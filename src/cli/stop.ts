import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import type { Front } from './front.ts'
import { killGroup } from './wrangler.ts'

const QUEUE_DRAIN_MS = 1_500 // max_batch_timeout in wrangler.toml, and time to write
const RESPONSE_TIMEOUT_MS = 15_000 // of requests that are under way
const STOP_TIMEOUT_MS = 10_000 // of wrangler, which takes half a second
const FLUSH_LIMIT_MS = 1_000
const ECHO_MS = 300 // npm passes a Ctrl-C on that this program got from the terminal, too
const INTERRUPTED = 130

/** Ends `wrangler dev` when this program is told to stop, and this program when that has ended. */
export class Stopping {
  /** Whether wrangler was told to end: what it prints from then on is of no use to anyone. */
  isEnding = false
  readonly #dev: ChildProcess
  readonly #front: Front
  #begunAt: number | undefined

  constructor(dev: ChildProcess, front: Front) {
    this.#dev = dev
    this.#front = front
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#hurry())
    process.on('SIGHUP', () => void this.stop())
    // Nobody reads any more what is printed, as after the terminal was closed.
    for (const stream of [process.stdout, process.stderr])
      stream.on('error', () => void this.stop())
    process.on('exit', () => {
      if (dev.exitCode === null && dev.signalCode === null) killGroup(dev)
    })
    dev.on('exit', (...how) => void this.#exit(...how))
  }

  /**
   * Blocks gently: accepts nothing more first, then waits until what is in the local queue, which lives in
   * memory, is stored, and only then ends wrangler.
   */
  async stop(): Promise<void> {
    if (this.#begunAt !== undefined) return
    this.#begunAt = performance.now()
    console.log('Stopping: storing what has arrived …')
    await Promise.race([this.#front.close(), wait(RESPONSE_TIMEOUT_MS)])
    await wait(QUEUE_DRAIN_MS)
    this.isEnding = true
    this.#dev.kill('SIGTERM')
    await wait(STOP_TIMEOUT_MS)
    process.exit()
  }

  /** Whoever asks twice does not want to wait. */
  #hurry(): void {
    const isAgain = this.#begunAt !== undefined && performance.now() - this.#begunAt > ECHO_MS
    if (isAgain) process.exit(INTERRUPTED)
    void this.stop()
  }

  /** Orphans hold wrangler's output open: without them, what it printed last is read to its end. */
  async #exit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    killGroup(this.#dev)
    const closed = new Promise((resolve) => this.#dev.once('close', resolve))
    await Promise.race([closed, wait(FLUSH_LIMIT_MS)])
    if (this.#begunAt !== undefined) process.exit(0)
    console.error(`The receiver ended by itself (${signal ?? `exit code ${code}`}).`)
    process.exit(code || 1)
  }
}
