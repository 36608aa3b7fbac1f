import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Elements } from '../../src/receive/elements.ts'
import { prepare } from '../../src/receive/prepare.ts'
import { groupBySize } from '../../src/store/group-by-size.ts'
import { saveMessages } from '../../src/store/save.ts'

const MIGRATIONS = join(import.meta.dirname, '../../migrations')
const CHUNK = { bytes: 1_000_000 }

/** The store's limit: SQLite itself with the receiver's tables and statement, and nothing around it. */
export class Sqlite {
  readonly #directory = mkdtempSync(join(tmpdir(), 'bench-'))
  readonly #db = new DatabaseSync(join(this.#directory, 'store.db'))

  constructor() {
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    for (const name of readdirSync(MIGRATIONS).sort()) {
      this.#db.exec(readFileSync(join(MIGRATIONS, name), 'utf8'))
    }
  }

  /** @returns seconds that writing took; what the door does is done before */
  async save(bodies: readonly Buffer[]): Promise<number> {
    const arrival = { receivedAt: Date.now(), origin: 'webhook', labels: null } as const
    const messages = bodies.flatMap((body) => prepare(new Elements(body), arrival, 'UTC').messages)
    const chunks = groupBySize(messages, Buffer.byteLength, CHUNK)
    const begun = performance.now()
    for (const chunk of chunks) await saveMessages(this.#asD1(), chunk)
    return (performance.now() - begun) / 1_000
  }

  close(): void {
    this.#db.close()
    rmSync(this.#directory, { recursive: true })
  }

  /** What `saveMessages` asks of a database. */
  #asD1(): D1Database {
    const statement = (sql: string) => {
      const bind =
        (...values: string[]) =>
        () =>
          this.#db.prepare(sql).run(...values)
      const first = async () => this.#db.prepare(sql).get()
      return Object.assign(bind(), { bind, first })
    }
    const batch = async (statements: readonly (() => unknown)[]) => {
      this.#db.exec('BEGIN')
      for (const run of statements) run()
      this.#db.exec('COMMIT')
      return []
    }
    return { prepare: statement, batch } as unknown as D1Database
  }
}
