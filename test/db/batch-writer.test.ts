import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith } from '../receiver.ts'
import { PATIENCE_MS } from '../patience.ts'

/** The messages that a POST sends to the queue. */
async function messagesOf(body: object): Promise<{ text: string; quarantineOnFailure: boolean }[]> {
  const sent: string[] = []
  expect((await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)).status).toBe(200)
  return sent.map((text) => ({ text, quarantineOnFailure: false }))
}

it('writes two rows per event, a few per batch, and none for a repeated event', async () => {
  const messages = await messagesOf(Array.from({ length: 100 }, () => buildEvent()))
  const { rowsWritten } = await storeMessages(env.DB, messages, PATIENCE_MS)
  expect(rowsWritten).toBeLessThanOrEqual(200 + 10)
  expect(await storeMessages(env.DB, messages, PATIENCE_MS)).toMatchObject({ rowsWritten: 0 })
})

it('writes a quarantined item and its index entry, and nothing for a repeated item', async () => {
  const messages = await messagesOf([5, 'text'])
  expect(await storeMessages(env.DB, messages, PATIENCE_MS)).toMatchObject({ rowsWritten: 4 })
  expect(await storeMessages(env.DB, messages, PATIENCE_MS)).toMatchObject({ rowsWritten: 0 })
})

it('gives up quarantining a message if the database hangs, and retries it', async () => {
  await env.DB.prepare(`INSERT INTO erasures (erasedAt, removed) VALUES (?, '{}')`)
    .bind(Date.now() + 1_000)
    .run()
  const [message] = await messagesOf([buildEvent()])
  const items = [{ text: message?.text ?? '', quarantineOnFailure: true }]
  let hasFailed = false
  const db = {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: (statements: D1PreparedStatement[]) => {
      if (hasFailed) return new Promise<never>(() => {})
      // The first call reads the key of the digests, the second saves.
      if (statements.length === 2) return env.DB.batch(statements)
      hasFailed = true
      return Promise.reject(new Error('D1_ERROR: malformed JSON'))
    },
  } as unknown as D1Database
  expect((await storeMessages(db, items, 300)).outcomes).toEqual(['failed'])
})
