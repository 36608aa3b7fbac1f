/** What a call does instead of its work: throw, or, with `hang`, never respond. */
export type ErrorKind = Error | 'hang' | undefined

/** A database that asks before each batch which error to produce, with the number of the call and its bindings. */
export function faultyDatabase(
  db: D1Database,
  decide: (call: number, text: string) => ErrorKind,
): D1Database {
  let calls = 0
  const texts = new WeakMap<D1PreparedStatement, string>()
  const prepare = (sql: string) => {
    const statement = db.prepare(sql)
    const bind = (...values: unknown[]) => {
      const bound = statement.bind(...values)
      texts.set(bound, String(values[0]))
      return bound
    }
    return Object.assign(Object.create(statement), { bind }) as D1PreparedStatement
  }
  const batch = (statements: D1PreparedStatement[]) => {
    const error = decide(++calls, statements.map((each) => texts.get(each)).join('\n'))
    if (error === 'hang') return new Promise<never>(() => {})
    return error ? Promise.reject(error) : db.batch(statements)
  }
  return { prepare, batch } as unknown as D1Database
}

/** A queue that fails with the given error, or else collects the sent messages. */
export function faultyQueue(error: ErrorKind, sent: string[] = []): Queue {
  const sendBatch = (messages: Iterable<MessageSendRequest<string>>) => {
    if (error === 'hang') return new Promise<never>(() => {})
    if (error) return Promise.reject(error)
    sent.push(...[...messages].map(({ body }) => body))
    return Promise.resolve()
  }
  const send = (body: string) => sendBatch([{ body }])
  return { send, sendBatch } as unknown as Queue
}

const spent = (kind: 'read' | 'write') =>
  new Error(
    `D1_ERROR: Your account has exceeded D1's free tier daily row ${kind} limit. Upgrade to a paid plan or wait until tomorrow (midnight UTC) to continue.`,
  )

/** Errors with D1's own messages. */
export const D1_ERRORS = {
  lost: () => new Error('D1_ERROR: Network connection lost.'),
  reset: () => new Error('D1_ERROR: Internal error in D1 DB storage caused object to be reset.'),
  overloaded: () => new Error('D1_ERROR: D1 DB is overloaded. Too many requests queued.'),
  writesSpent: () => spent('write'),
  readsSpent: () => spent('read'),
  export: () => new Error('D1_ERROR: Currently processing a long-running export.'),
  memory: () => new Error('D1_ERROR: D1 DB exceeded its memory limit and was reset.'),
  stream: () => new Error("D1_ERROR: Can't read from request stream after response has been sent."),
  subrequests: () => new Error('Error: Too many subrequests.'),
  sqliteMemory: () => new Error('D1_ERROR: out of memory: SQLITE_NOMEM'),
  unknown: () => new Error('D1_ERROR: an error never seen before'),
  constraint: () =>
    new Error('D1_ERROR: NOT NULL constraint failed: activity.id: SQLITE_CONSTRAINT'),
}
