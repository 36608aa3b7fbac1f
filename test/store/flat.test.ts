import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeMessages } from '../../src/store/attempt.ts'
import { buildEvent } from '../event.ts'
import { messagesOf } from '../operate/erasing.ts'
import { PATIENCE_MS } from '../patience.ts'
import { store } from '../store-events.ts'

const at = (second: number, changes: Record<string, unknown> = {}) =>
  buildEvent({
    activityDateTime: new Date(Date.UTC(2026, 2, 1) + second * 1000).toISOString().slice(0, 19),
    messageName: 'Autumn',
    ...changes,
  })

/** What D1 bills for storing events that come in together. */
async function billFor(...events: object[]): Promise<{ rowsRead: number; rowsWritten: number }> {
  const bill = { rowsRead: 0, rowsWritten: 0 }
  const count = <T>(result: D1Result<T>): D1Result<T> => {
    bill.rowsRead += result.meta.rows_read
    bill.rowsWritten += result.meta.rows_written
    return result
  }
  const db = {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => (await env.DB.batch(statements)).map(count),
  } as unknown as D1Database
  const texts = await messagesOf(events)
  const messages = texts.map((text) => ({ text, lastTry: false }))
  const { outcomes } = await storeMessages(db, messages, PATIENCE_MS)
  expect(outcomes).toEqual(texts.map(() => 'stored'))
  return bill
}

it.each([0, 100, 2_000])('a new event reads few rows, of a contact with %i events', async (many) => {
  await store(at(-2), at(-1, { contactId: 1 }))
  for (let place = 0; place < many; place += 500) {
    const some = Math.min(500, many - place)
    await store(...Array.from({ length: some }, (_, i) => at(place + i, { contactId: 1 })))
  }
  for (const activityStatus of ['DELIVERED', 'READ', 'CLICKED']) {
    const lone = await billFor(at(5_000, { contactId: 1, activityStatus }))
    console.log(many, activityStatus, lone)
  }
  const events = Array.from({ length: 100 }, (_, i) => at(6_000 + i, { contactId: 1 }))
  const { rowsRead, rowsWritten } = await billFor(...events)
  console.log(many, rowsRead / 100, rowsWritten / 100)
})

it('repeats', async () => {
  const iid = 'x'
  await store(at(1, { contactId: 1 }))
  for (const activityStatus of ['DELIVERED', 'READ', 'READ', 'CLICKED','UNDELIVERED']) {
    console.log(activityStatus, await billFor(at(100, { iid, contactId: 1, activityStatus, clickEventLink: String(Math.random()) })))
  }
  const noIid = Array.from({ length: 300 }, (_, i) => at(1000+i, { contactId: 2, iid: null }))
  await store(...noIid)
  console.log('no iid', await billFor(at(5000, { iid: null, contactId: 2 })))
})
