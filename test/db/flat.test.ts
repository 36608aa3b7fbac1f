import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { buildEvent } from '../event.ts'
import { messagesOf } from '../messages-of.ts'
import { PATIENCE_MS } from '../patience.ts'
import { store } from '../store-events.ts'

// New events have the current time, as usual: for those of past hours, the table `hours` is read, too.
const NOW = Date.now() + 3_600_000

const at = (second: number, changes: Record<string, unknown> = {}) =>
  buildEvent({
    activityDateTime: new Date(NOW + second * 1000).toISOString().slice(0, 19),
    messageName: 'Autumn',
    ...changes,
  })

/** The rows that D1 bills for storing a batch of events. */
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
  const messages = texts.map((text) => ({ text, quarantineOnFailure: false }))
  const { outcomes } = await storeMessages(db, messages, PATIENCE_MS)
  expect(outcomes).toEqual(texts.map(() => 'stored'))
  return bill
}

it.each([0, 100, 2_000])(
  'a new event reads few rows, of a contact with %i events',
  async (many) => {
    await store(at(-2), at(-1, { contactId: 1 }))
    for (let index = 0; index < many; index += 500) {
      const some = Math.min(500, many - index)
      await store(...Array.from({ length: some }, (_, i) => at(index + i, { contactId: 1 })))
    }
    // A single event: its row, its index entry, and the total.
    for (const activityStatus of ['DELIVERED', 'READ', 'CLICKED']) {
      const { rowsRead, rowsWritten } = await billFor(at(5_000, { contactId: 1, activityStatus }))
      expect(rowsWritten).toBe(3)
      expect(rowsRead).toBeLessThanOrEqual(40)
    }
    const { rowsRead, rowsWritten } = await billFor(
      ...Array.from({ length: 100 }, (_, index) => at(6_000 + index, { contactId: 1 })),
    )
    expect(rowsWritten / 100).toBeLessThanOrEqual(2.1)
    expect(rowsRead / 100).toBeLessThanOrEqual(40)
  },
)

it('reads equally few rows for an event without a delivery, however many of these the contact has', async () => {
  const nameless = { iid: null, contactId: 2 }
  await store(...Array.from({ length: 500 }, (_, index) => at(index, nameless)))
  expect((await billFor(at(5_000, nameless))).rowsRead).toBeLessThanOrEqual(40)
  // Each of another message, so that all events close in time are read.
  await store(
    ...Array.from({ length: 500 }, (_, i) => at(i, { ...nameless, messageInstanceId: i })),
  )
  const other = { ...nameless, messageInstanceId: 1_000 }
  expect((await billFor(at(6_000, other))).rowsRead).toBeLessThanOrEqual(500)
})
