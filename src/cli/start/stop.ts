import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import type { Front } from './front.ts'
import { killGroup } from '../wrangler.ts'

const RESPONSE_TIMEOUT_MS = 15_000 // of open requests
const STOP_TIMEOUT_MS = 10_000 // of wrangler, which takes half a second
const FLUSH_TIMEOUT_MS = 1_000
const ECHO_MS = 300 // npm passes on a Ctrl-C that this program also gets from the terminal
const INTERRUPTED = 130

/** Ends `wrangler dev` when this program has to stop, and this program when that has ended. */
export class Stopping {
  /** Whether wrangler is ending: its output from then on is useless. */
  isEnding = false
  readonly #front: Front
  #dev: ChildProcess | undefined
  #stoppedAt: number | undefined

  constructor(front: Front) {
    this.#front = front
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#hurry())
    process.on('SIGHUP', () => void this.stop())
    // The output is not read any more, as after the terminal was closed.
    for (const stream of [process.stdout, process.stderr])
      stream.on('error', () => void this.stop())
    process.on('exit', () => {
      if (this.#dev?.exitCode === null && this.#dev.signalCode === null) killGroup(this.#dev)
    })
  }

  /** Whether this program is about to end. */
  get isStopping(): boolean {
    return this.#stoppedAt !== undefined
  }

  /** @param dev from `spawnDev`; before there is one, this program just ends */
  watch(dev: ChildProcess): void {
    this.#dev = dev
    dev.on('exit', (code, signal) => void this.#exit(dev, code, signal))
  }

  /** Stops gracefully: accepts nothing more, finishes open requests, and ends wrangler. What is queued is on disk. */
  async stop(): Promise<void> {
    if (this.#stoppedAt !== undefined) return
    this.#stoppedAt = performance.now()
    console.log('Stopping …')
    if (!this.#dev) process.exit(0)
    await Promise.race([this.#front.close(), wait(RESPONSE_TIMEOUT_MS)])
    this.isEnding = true
    this.#dev?.kill('SIGTERM')
    await wait(STOP_TIMEOUT_MS)
    process.exit()
  }

  /** A second Ctrl-C does not wait. */
  #hurry(): void {
    const isAgain = this.#stoppedAt !== undefined && performance.now() - this.#stoppedAt > ECHO_MS
    if (isAgain) process.exit(INTERRUPTED)
    void this.stop()
  }

  /** Child processes keep wrangler's output open: only without them it is read to its end. */
  async #exit(
    dev: ChildProcess,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): Promise<void> {
    killGroup(dev)
    const closed = new Promise((resolve) => dev.once('close', resolve))
    await Promise.race([closed, wait(FLUSH_TIMEOUT_MS)])
    if (this.#stoppedAt !== undefined) process.exit(0)
    console.error(`The receiver exited unexpectedly (${signal ?? `exit code ${code}`}).`)
    process.exit(code || 1)
  }
}
