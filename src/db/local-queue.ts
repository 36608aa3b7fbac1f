/** A message of the local queue, as it is on disk. */
export type StoredMessage = {
  /** Never used twice. */
  id: number
  /** Name of the queue's binding. */
  binding: string
  contentType: 'text' | 'json' | 'bytes'
  body: string | ArrayBuffer
  /** Until then it is not delivered. UTC milliseconds */
  dueAt: number
}

/**
 * Creates the table of the local queue, which only the receiver on a developer's machine has. Deployed, the queue
 * itself is durable.
 */
export async function createLocalQueue(db: D1Database): Promise<void> {
  await db
    .prepare(
      `CREATE TABLE IF NOT EXISTS local_queue (
         id INTEGER PRIMARY KEY AUTOINCREMENT,
         binding TEXT NOT NULL,
         contentType TEXT NOT NULL,
         body ANY NOT NULL,
         dueAt INTEGER NOT NULL
       ) STRICT`,
    )
    .run()
}

/** Stores messages in one transaction. @returns their IDs, in the same order */
export async function insertLocalMessages(
  db: D1Database,
  messages: readonly Omit<StoredMessage, 'id'>[],
): Promise<number[]> {
  const insert = db.prepare(
    'INSERT INTO local_queue (binding, contentType, body, dueAt) VALUES (?, ?, ?, ?)',
  )
  const results = await db.batch(
    messages.map(({ binding, contentType, body, dueAt }) =>
      insert.bind(binding, contentType, body, dueAt),
    ),
  )
  return results.map(({ meta }) => meta.last_row_id)
}

/** Up to 100 messages after an ID, in the order of their IDs. */
export async function listLocalMessages(db: D1Database, after: number): Promise<StoredMessage[]> {
  const { results } = await db
    .prepare('SELECT * FROM local_queue WHERE id > ? ORDER BY id LIMIT 100')
    .bind(after)
    .all<Omit<StoredMessage, 'body'> & { body: string | number[] }>()
  return results.map(({ body, ...rest }) => ({
    ...rest,
    body: typeof body === 'string' ? body : new Uint8Array(body).buffer,
  }))
}

/** Deletes messages that were acknowledged. */
export async function deleteLocalMessages(db: D1Database, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  await db
    .prepare('DELETE FROM local_queue WHERE id IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(ids))
    .run()
}
