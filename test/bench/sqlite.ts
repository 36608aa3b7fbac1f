import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Elements } from '../../src/ingest/parse-elements.ts'
import { prepare } from '../../src/ingest/to-messages.ts'
import { chunkBySize } from '../../src/platform/chunk-by-size.ts'
import { saveMessages } from '../../src/db/write/save-messages.ts'
import { ROOT } from './build.ts'

const MIGRATIONS = join(ROOT, 'migrations')
const CHUNK = { bytes: 1_000_000 }

// FULL: a committed transaction is on disk.
const DURABLE = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;'

/** The simplest table that stores no event twice. */
export const PLAIN_TABLE = {
  schema: `${DURABLE}
    CREATE TABLE events (
      id BLOB PRIMARY KEY, contact_id INTEGER, status TEXT, occurred_at TEXT, payload TEXT
    );
    CREATE INDEX events_by_contact ON events (contact_id);
    CREATE INDEX events_by_time ON events (occurred_at);`,
  insert: 'INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)',
} as const

/** A database in its own file. */
class Store {
  readonly #directory = mkdtempSync(join(tmpdir(), 'bench-'))
  readonly db = new DatabaseSync(join(this.#directory, 'store.db'))

  close(): void {
    this.db.close()
    rmSync(this.#directory, { recursive: true })
  }
}

/** SQLite itself: a transaction for each body, each event an INSERT OR IGNORE. */
export class PlainSqlite extends Store {
  readonly #insert

  constructor() {
    super()
    this.db.exec(PLAIN_TABLE.schema)
    this.#insert = this.db.prepare(PLAIN_TABLE.insert)
  }

  post(bodies: Iterable<Buffer>): void {
    for (const body of bodies) {
      this.db.exec('BEGIN')
      for (const event of JSON.parse(body.toString()) as Record<string, SQLInputValue>[]) {
        const text = JSON.stringify(event)
        const id = createHash('sha256').update(text).digest()
        const { contactId = null, activityStatus = null, activityDateTime = null } = event
        this.#insert.run(id, contactId, activityStatus, activityDateTime, text)
      }
      this.db.exec('COMMIT')
    }
  }
}

/** The upper limit: SQLite with the receiver's tables and statements, and nothing else. */
export class ReceiverSqlite extends Store {
  constructor() {
    super()
    this.db.exec(DURABLE)
    for (const name of readdirSync(MIGRATIONS).sort()) {
      this.db.exec(readFileSync(join(MIGRATIONS, name), 'utf8'))
    }
  }

  /** The work of the edge is done before, so its time does not count. */
  prepare(bodies: readonly Buffer[]): string[][] {
    const arrival = { receivedAt: Date.now(), origin: 'webhook', labels: null } as const
    const messages = bodies.flatMap((body) => prepare(new Elements(body), arrival, 'UTC').messages)
    return chunkBySize(messages, Buffer.byteLength, CHUNK)
  }

  async save(chunks: readonly (readonly string[])[]): Promise<void> {
    for (const chunk of chunks) await saveMessages(asD1(this.db), chunk)
  }
}

/** The parts of a database that `saveMessages` uses. */
function asD1(db: DatabaseSync): D1Database {
  const statement = (sql: string, values: SQLInputValue[] = []) => {
    const run = () => {
      const prepared = db.prepare(sql)
      const isQuery = prepared.columns().length > 0
      const results = isQuery ? prepared.all(...values) : []
      const changes = isQuery ? 0 : Number(prepared.run(...values).changes)
      return { results, success: true, meta: { rows_read: 0, rows_written: 0, changes } }
    }
    return {
      bind: (...bound: SQLInputValue[]) => statement(sql, bound),
      run,
      all: async () => run(),
      first: async (column?: string) => {
        const [row = null] = run().results
        return column === undefined ? row : (row?.[column] ?? null)
      },
    }
  }
  const batch = async (statements: readonly ReturnType<typeof statement>[]) => {
    db.exec('BEGIN')
    const results = statements.map(({ run }) => run())
    db.exec('COMMIT')
    return results
  }
  return { prepare: (sql: string) => statement(sql), batch } as unknown as D1Database
}
