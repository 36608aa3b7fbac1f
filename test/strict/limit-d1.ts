import { byteLength } from './bytes.ts'
import { findBy, type Invocation } from './invocation.ts'
import type { Limits } from './limits.ts'

type Statement = { sql: string; values: readonly unknown[]; original: D1PreparedStatement }

const WRITES =
  /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|WITH\b[^]*?\b(?:INSERT|UPDATE|DELETE|REPLACE)\b)/i

/** The statement's last parameter, and where one stands as the pattern of LIKE or GLOB. */
const PARAMETER = /\?(\d*)/g
const PATTERN = /\b(?:LIKE|GLOB)\s+(?:'((?:[^']|'')*)'|\?(\d*))/gi

/** D1's text for an account that has used up a daily quota. */
function dailyLimitError(kind: 'read' | 'write'): Error {
  return new Error(
    `D1_ERROR: Your account has exceeded D1's free tier daily row ${kind} limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.`,
  )
}

/**
 * A database that fails as D1 does if an invocation, a statement or the account goes beyond its limits.
 *
 * @param of the one that calls it; the running one by default
 */
export function limitD1(db: D1Database, of?: Invocation): D1Database {
  const find = findBy(of)
  const known = new WeakMap<object, Statement>()
  let databaseBytes = 0
  const count = <T>(result: D1Result<T>): D1Result<T> => {
    const { rows_read, rows_written, size_after } = result.meta
    find().account.add({ rowsRead: rows_read, rowsWritten: rows_written })
    databaseBytes = size_after || databaseBytes
    return result
  }
  const check = (statements: readonly Statement[]) => {
    const { account, limits } = find()
    const isWrite = statements.some(({ sql }) => WRITES.test(sql))
    if (isWrite && account.isSpent('rowsWritten')) throw dailyLimitError('write')
    if (account.isSpent('rowsRead')) throw dailyLimitError('read')
    if (isWrite && databaseBytes > limits.d1.databaseBytes) {
      throw new Error('D1_ERROR: Exceeded maximum DB size.')
    }
    for (const statement of statements) checkStatement(statement, limits.d1)
  }
  const execute = <T>(name: string, statement: Statement, work: () => Promise<T>) =>
    find().call({ name: `D1.${name}`, statements: 1 }, work, () => check([statement]))
  const wrap = (statement: Statement): D1PreparedStatement => {
    const { sql, original } = statement
    const all = <T>(name: string) =>
      execute(name, statement, async () => count(await original.all<T>()))
    const wrapped = {
      bind: (...values: unknown[]) => wrap({ sql, values, original: original.bind(...values) }),
      all: () => all('all'),
      run: () => all('run'),
      first: async (column?: string) =>
        pickFirst(await all<Record<string, unknown>>('first'), column),
      raw: (options?: { columnNames: true }) =>
        execute('raw', statement, async () => {
          const rows = await (options ? original.raw(options) : original.raw())
          find().account.add({ rowsRead: rows.length })
          return rows
        }),
    } as unknown as D1PreparedStatement
    known.set(wrapped, statement)
    return wrapped
  }
  const prepareWith = (target: Pick<D1Database, 'prepare' | 'batch'>) => ({
    prepare: (sql: string) => wrap({ sql, values: [], original: target.prepare(sql) }),
    batch: (wrapped: D1PreparedStatement[]) => {
      const statements = wrapped.map((each) => {
        const statement = known.get(each)
        if (!statement) throw new TypeError('the statement was prepared by another database')
        return statement
      })
      return find().call(
        { name: 'D1.batch', statements: statements.length },
        async () => (await target.batch(statements.map(({ original }) => original))).map(count),
        () => check(statements),
      )
    },
  })
  const limited = {
    ...prepareWith(db),
    exec: (sql: string) =>
      find().call(
        { name: 'D1.exec', statements: sql.split('\n').filter((line) => line.trim()).length },
        () => db.exec(sql),
        () => check([{ sql, values: [], original: db.prepare('SELECT 1') }]),
      ),
    withSession: (bookmark?: string) => {
      const session = db.withSession(bookmark)
      return { ...prepareWith(session), getBookmark: () => session.getBookmark() }
    },
  }
  return limited as unknown as D1Database
}

function pickFirst({ results }: D1Result<Record<string, unknown>>, column?: string): unknown {
  const [row] = results
  if (row === undefined) return null
  if (column === undefined) return row
  if (!(column in row)) throw new Error('D1_COLUMN_NOTFOUND: Column not found')
  return row[column]
}

function checkStatement({ sql, values }: Statement, limits: Limits['d1']): void {
  if (byteLength(sql) > limits.statementBytes) {
    throw new Error('D1_ERROR: statement too long: SQLITE_TOOBIG')
  }
  if (values.length > limits.parameters) {
    throw new Error('D1_ERROR: too many SQL variables: SQLITE_ERROR')
  }
  if (values.some((value) => byteLength(value) > limits.valueBytes)) {
    throw new Error('D1_ERROR: string or blob too big: SQLITE_TOOBIG')
  }
  if (findPatterns(sql, values).some((each) => byteLength(each) > limits.likePatternBytes)) {
    throw new Error('D1_ERROR: LIKE or GLOB pattern too complex: SQLITE_ERROR')
  }
}

/** The patterns that are a literal or a parameter; those that SQL puts together are the database's to check. */
function findPatterns(sql: string, values: readonly unknown[]): unknown[] {
  return [...sql.matchAll(PATTERN)].map(({ 1: literal, 2: number, index, 0: text }) => {
    if (literal !== undefined) return literal.replaceAll("''", "'")
    if (number) return values[Number(number) - 1]
    const before = sql.slice(0, index + text.length - 1).match(PARAMETER) ?? []
    return values[before.length]
  })
}
