import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Limits } from '../limits.ts'
import { PLANS } from '../limits.ts'

type Values = readonly SQLInputValue[]
type Counted = { rows: unknown[]; meta: object }

const MAX_CACHED = 2_000
const WRITTEN_TABLE =
  /^\s*(?:WITH\b[^]*?\b)?(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+"?(\w+)"?/i

/**
 * A D1 database on SQLite of Node.js (24 or later). Rows read are a lower bound, those that are returned or changed:
 * SQLite does not tell Node which it looks at. Rows written are those that changed, once more for each index of the
 * table that is not partial.
 *
 * @param database an open one; its limits become D1's
 */
export function memoryD1(
  database = new DatabaseSync(':memory:'),
  limits: Limits['d1'] = PLANS.free.d1,
): D1Database {
  return new MemoryD1(database, limits) as unknown as D1Database
}

class MemoryD1 {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #indexes = new Map<string, number>()
  #bytes = 0

  constructor(database: DatabaseSync, limits: Limits['d1']) {
    this.#database = database
    Object.assign(database.limits, {
      likePatternLength: limits.likePatternBytes,
      variableNumber: limits.parameters,
      sqlLength: limits.statementBytes,
      compoundSelect: 5,
      exprDepth: 100,
      functionArg: 32,
      column: 100,
    })
  }

  prepare(sql: string): Statement {
    return new Statement(this, sql, [])
  }

  async batch(statements: readonly Statement[]): Promise<object[]> {
    this.#database.exec('BEGIN')
    try {
      const results = statements.map((statement) => statement.execute())
      this.#database.exec('COMMIT')
      return results
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  async exec(sql: string): Promise<{ count: number; duration: number }> {
    const begun = performance.now()
    wrapErrors(() => this.#database.exec(sql))
    const count = sql.split('\n').filter((line) => line.trim() !== '').length
    return { count, duration: performance.now() - begun }
  }

  withSession(): object {
    return {
      prepare: (sql: string) => this.prepare(sql),
      batch: (statements: readonly Statement[]) => this.batch(statements),
      getBookmark: () => null,
    }
  }

  /** Executes a statement. @param asArrays rows as arrays, not objects */
  execute(sql: string, values: Values, asArrays = false): Counted & { statement: StatementSync } {
    const begun = performance.now()
    return wrapErrors(() => {
      const statement = this.#cached(sql)
      statement.setReturnArrays(asArrays)
      const before = this.#counts()
      const rows = statement.all(...values).map(asArrays ? convertArray : convertRow)
      const after = this.#counts()
      const changes = after.total - before.total
      const written = changes * (1 + (changes > 0 ? this.#countIndexes(sql) : 0))
      const meta = {
        served_by: 'memory',
        duration: performance.now() - begun,
        changes,
        last_row_id: after.lastRowId,
        changed_db: changes > 0,
        size_after: this.#measure(changes > 0),
        rows_read: rows.length + changes,
        rows_written: written,
      }
      return { rows, meta, statement }
    })
  }

  #cached(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#database.prepare(sql)
    if (this.#statements.size >= MAX_CACHED) this.#statements.clear()
    this.#statements.set(sql, statement)
    return statement
  }

  #counts(): { total: number; lastRowId: number } {
    const sql = 'SELECT total_changes() AS total, last_insert_rowid() AS lastRowId'
    return this.#cached(sql).get() as { total: number; lastRowId: number }
  }

  /** The size of the database, which only changes with its rows: bytes. */
  #measure(hasChanged: boolean): number {
    if (hasChanged || this.#bytes === 0) this.#bytes = this.#size()
    return this.#bytes
  }

  #size(): number {
    const sql = 'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size'
    return Number(this.#cached(sql).get()?.['bytes'])
  }

  #countIndexes(sql: string): number {
    const table = WRITTEN_TABLE.exec(sql)?.[1] ?? ''
    const known = this.#indexes.get(table)
    if (known !== undefined) return known
    const list = `SELECT count(*) AS indexes FROM pragma_index_list(?) AS list
      WHERE partial = 0 AND NOT (origin = 'pk' AND (SELECT wr FROM pragma_table_list(?)))`
    const indexes = Number(this.#cached(list).get(table, table)?.['indexes'])
    this.#indexes.set(table, indexes)
    return indexes
  }
}

class Statement {
  readonly #database: MemoryD1
  readonly #sql: string
  readonly #values: Values

  constructor(database: MemoryD1, sql: string, values: Values) {
    this.#database = database
    this.#sql = sql
    this.#values = values
  }

  bind(...values: unknown[]): Statement {
    return new Statement(this.#database, this.#sql, values.map(toSqlite))
  }

  execute(): { success: true; results: unknown[]; meta: object } {
    const { rows: results, meta } = this.#database.execute(this.#sql, this.#values)
    return { success: true, results, meta }
  }

  async all(): Promise<object> {
    return this.execute()
  }

  async run(): Promise<object> {
    return this.execute()
  }

  async first(column?: string): Promise<unknown> {
    const [row] = this.execute().results as Record<string, unknown>[]
    if (row === undefined) return null
    if (column === undefined) return row
    if (!(column in row)) throw new Error('D1_COLUMN_NOTFOUND: Column not found')
    return row[column]
  }

  async raw({ columnNames = false } = {}): Promise<unknown[]> {
    const { rows, statement } = this.#database.execute(this.#sql, this.#values, true)
    return columnNames ? [statement.columns().map(({ name }) => name), ...rows] : rows
  }
}

/** What D1 binds a value as; it has no integers beyond those of a number. */
function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return Number(value)
  if (value === null || typeof value === 'number' || typeof value === 'string') return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  }
  if (Array.isArray(value)) return new Uint8Array(value as number[])
  throw new Error(
    `D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${String(value)}'`,
  )
}

function convert(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value
}

function convertRow(row: object): unknown {
  if (!Object.values(row).some((value) => value instanceof Uint8Array)) return row
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, convert(value)]))
}

function convertArray(row: object): unknown {
  return (row as unknown as unknown[]).map(convert)
}

/** The names that D1 appends to its errors. https://sqlite.org/rescode.html */
const CODES: Readonly<Record<number, string>> = {
  1: 'SQLITE_ERROR',
  5: 'SQLITE_BUSY',
  7: 'SQLITE_NOMEM',
  13: 'SQLITE_FULL',
  18: 'SQLITE_TOOBIG',
  19: 'SQLITE_CONSTRAINT',
  20: 'SQLITE_MISMATCH',
  25: 'SQLITE_RANGE',
}

function wrapErrors<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof Error && 'errcode' in error)) throw error
    const code = CODES[Number(error.errcode) & 0xff] ?? `SQLITE_${error.errcode}`
    const cause = new Error(`${error.message}: ${code}`)
    throw new Error(`D1_ERROR: ${cause.message}`, { cause })
  }
}
