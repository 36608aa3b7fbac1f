import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe } from 'vitest'
import { findClickHouse } from './chdb.ts'

type Row = (string | number | null)[]

/** The files that ClickHouse left out of a query, by what it knows of them, and those that it read. */
export type Pruning = { left: number; read: number }

const LEFT_OUT = ['IcebergPartitionPrunedFiles', 'IcebergMinMaxIndexPrunedFiles']
const READ = 'IcebergMetadataReturnedObjectInfos'

const found = findClickHouse()

/** Tests with ClickHouse; skipped, with a note, if it is not installed. */
export function describeWithClickHouse(name: string, tests: () => void): void {
  if (found === undefined) process.stderr.write(`\nLEFT OUT, without ClickHouse: ${name}\n`)
  describe.skipIf(found === undefined)(name, tests)
}

/** ClickHouse in a process of its own, in a folder. */
export class ClickHouse {
  readonly #process: ChildProcess

  constructor(folder: string) {
    const script = join(import.meta.dirname, 'clickhouse-process.ts')
    this.#process = fork(script, [found ?? ''], { cwd: folder })
  }

  /** @throws Error with ClickHouse's own message */
  async query(sql: string): Promise<Row[]> {
    const stop = new AbortController()
    this.#process.send(sql)
    const [message] = (await Promise.race([
      once(this.#process, 'message', stop),
      once(this.#process, 'exit', stop).then(() => [{ error: 'ClickHouse ended.' }]),
    ])) as [{ text?: string; error?: string }]
    stop.abort()
    if (message.text === undefined) throw new Error(message.error)
    const lines = message.text.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as Row)
  }

  /** Runs a query, and returns which files it left out. */
  async explain(sql: string): Promise<Pruning> {
    const before = await this.#count()
    await this.query(sql)
    const after = await this.#count()
    return { left: after.left - before.left, read: after.read - before.read }
  }

  async #count(): Promise<Pruning> {
    const rows = await this.query('SELECT event, toUInt32(value) FROM system.events')
    const counts = new Map(rows.map(([event, value]) => [event, Number(value)]))
    const left = LEFT_OUT.reduce((sum, event) => sum + (counts.get(event) ?? 0), 0)
    return { left, read: counts.get(READ) ?? 0 }
  }

  close(): void {
    this.#process.kill()
  }
}
