import { spawn, type ChildProcess } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
const COPIED = [
  'src',
  'test',
  'migrations',
  'wrangler.toml',
  'tsconfig.json',
  'package.json',
  '.dev.vars.example',
]

/** A running program, and its output. */
export class Program {
  output = ''
  /** The output with its escape codes for colors and the like. */
  raw = ''
  readonly done: Promise<number>
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.raw += chunk
        this.output = stripVTControlCharacters(this.raw)
      })
    }
    this.done = new Promise((resolve) => child.on('close', (code) => resolve(code ?? -1)))
  }

  /** Waits until the program has printed something. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output)
      if (match) return match
      const more = new Promise<void>((resolve) => {
        for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.once('data', resolve)
      })
      const ended = this.done.then((code) => {
        throw new Error(`ended with ${code} before it printed ${pattern}:\n${this.output}`)
      })
      await Promise.race([more, ended])
    }
  }

  /** Interrupts it like Ctrl-C. */
  interrupt(): Promise<number> {
    this.#child.kill('SIGINT')
    return this.done
  }

  get id(): number | undefined {
    return this.#child.pid
  }

  /** Closes its output, as closing the terminal would. */
  hangUp(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  /** Types into its terminal. */
  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }
}

/** A copy of the project in its own folder, like a fresh clone. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'yespo-receiver-'))

  constructor() {
    for (const name of COPIED)
      cpSync(join(ROOT, name), join(this.folder, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'))
  }

  /** Uncomments the bucket in wrangler.toml. */
  nameBucket(): void {
    const file = join(this.folder, 'wrangler.toml')
    const lines = /^# (?=\[\[r2_buckets|binding = "ARCHIVE|bucket_name)/gm
    writeFileSync(file, readFileSync(file, 'utf8').replace(lines, ''))
  }

  /** Runs one of the project's programs in this copy. */
  run(script: string, args: readonly string[] = [], env: Record<string, string> = {}): Program {
    return new Program(
      spawn(process.execPath, [script, ...args], {
        cwd: this.folder,
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  }

  /** The IDs of the processes that run in this copy; none except on Linux. */
  listProcesses(): number[] {
    const ids = existsSync('/proc') ? readdirSync('/proc').map(Number).filter(Boolean) : []
    return ids.filter((id) => {
      try {
        return readlinkSync(`/proc/${id}/cwd`) === this.folder
      } catch {
        return false // it has just ended
      }
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Finds a free port. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
