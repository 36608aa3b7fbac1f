import { app } from '../../src/routes.ts'

const WORKING_MS = 20

/** Keeps the bytes of a message for as long as sending would take. */
async function send(texts: readonly string[]): Promise<void> {
  const bytes = texts.map((text) => new TextEncoder().encode(text))
  await new Promise((resolve) => setTimeout(resolve, WORKING_MS, bytes))
}

/** A queue that accepts everything and delivers nothing. */
const queue = {
  send: (body: string) => send([body]),
  sendBatch: (messages: Iterable<MessageSendRequest<string>>) =>
    send([...messages].map(({ body }) => body)),
}

type Statement = { sql: string; values: unknown[] }

const RESULT = { results: [], success: true, meta: { rows_written: 0, rows_read: 0, changes: 0 } }

/** A database that accepts everything and returns nothing. */
const db = {
  prepare: (sql: string) => prepare({ sql, values: [] }),
  batch: async (statements: Statement[]) => {
    await send([JSON.stringify(statements)])
    return statements.map(() => RESULT)
  },
}

function prepare(statement: Statement) {
  const run = () => db.batch([statement])
  return {
    ...statement,
    bind: (...values: unknown[]) => prepare({ ...statement, values }),
    first: () => run().then(() => null),
    all: () => run().then(() => RESULT),
    run: () => run().then(() => RESULT),
  }
}

/** The receiver without a queue and a database, to measure only the cost of a request in its isolate. */
export default {
  fetch(request, env, context) {
    const changed = {
      ...env,
      ACTIVITY_QUEUE: queue as unknown as Queue,
      LARGE_QUEUE: queue as unknown as Queue,
      DB: db as unknown as D1Database,
    }
    return app.fetch(request, changed, context)
  },
} satisfies ExportedHandler<Env>
