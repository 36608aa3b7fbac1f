import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { saveMessages } from '../../src/db/write/save-messages.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase, faultyQueue } from '../faulty.ts'
import { clearTables, count, listQuarantine, postWith } from '../receiver.ts'
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

/** Stores with a database that fails as `decide` says, and counts its batches. */
async function storeWith(
  decide: Parameters<typeof faultyDatabase>[1],
  items: Parameters<typeof storeMessages>[1],
) {
  let batches = 0
  const db = faultyDatabase(env.DB, (call, text) => {
    batches = call
    return decide(call, text)
  })
  const { outcomes, errors } = await storeMessages(db, items, PATIENCE_MS)
  return { outcomes, errors, batches }
}

async function makeItems(many: number, quarantineOnFailure = false) {
  const all = Array.from({ length: many }, (_, index) =>
    messagesOf([buildEvent({ iid: `no${index}.` })]),
  )
  const texts = (await Promise.all(all)).flatMap((each) => each.map(({ text }) => text))
  return texts.map((text) => ({ text, quarantineOnFailure }))
}

it('does not quarantine a message that fails for an unknown reason, unless it may', async () => {
  const { outcomes, batches } = await storeWith(() => D1_ERRORS.unknown(), await makeItems(1))
  expect({ outcomes, batches }).toEqual({ outcomes: ['failed'], batches: 1 })
  expect(await count('quarantine')).toBe(0)
})

it('tries a message three more times before it is quarantined for an unknown reason', async () => {
  const decide = (call: number) => (call <= 4 ? D1_ERRORS.unknown() : undefined)
  expect(await storeWith(decide, await makeItems(1, true))).toMatchObject({
    outcomes: ['quarantined'],
  })
  expect([await count('quarantine'), await count('activity')]).toEqual([1, 0])
})

it('stores a message that succeeds in one of its last tries', async () => {
  const items = await makeItems(1, true)
  const { outcomes } = await storeWith(
    (call) => (call <= 3 ? D1_ERRORS.unknown() : undefined),
    items,
  )
  expect(outcomes).toEqual(['stored'])
  expect([await count('quarantine'), await count('activity')]).toEqual([0, 1])
})

it('finds an invalid message by halving, and stores all others', async () => {
  const items = await makeItems(8)
  const decide = (_: number, text: string) =>
    text.includes('no5.') && !text.includes('the database does not take it')
      ? D1_ERRORS.constraint()
      : undefined
  const { outcomes } = await storeWith(decide, items)
  expect(outcomes).toEqual(items.map((_, index) => (index === 5 ? 'quarantined' : 'stored')))
  expect([await count('quarantine'), await count('activity')]).toEqual([1, 7])
})

it('blames the database if both halves fail alike, unless messages may be quarantined', async () => {
  const unknown = () => D1_ERRORS.unknown()
  expect(await storeWith(unknown, await makeItems(4))).toMatchObject({
    outcomes: Array(4).fill('failed'),
    batches: 3,
  })
})

it('does not try the rest if the database is unavailable', async () => {
  const large = { text: '', quarantineOnFailure: false }
  const [first = large, ...others] = await makeItems(3)
  const padded = others.map((item) => ({ ...item, text: item.text + ' '.repeat(900_000) }))
  const { outcomes, batches, errors } = await storeWith(() => D1_ERRORS.lost(), [first, ...padded])
  expect({ outcomes, batches }).toEqual({ outcomes: Array(3).fill('failed'), batches: 1 })
  expect(errors).toEqual([expect.stringContaining('Network connection lost')])
})

it('takes smaller chunks with each try, as a large one may have taken too long', async () => {
  const items = (await makeItems(4)).map((item) => ({
    ...item,
    text: item.text + ' '.repeat(200_000),
  }))
  const batchesAt = async (attempts: number) => {
    await clearTables()
    const { batches } = await storeWith(
      () => undefined,
      items.map((item) => ({ ...item, attempts })),
    )
    return batches
  }
  expect([await batchesAt(1), await batchesAt(2), await batchesAt(3), await batchesAt(9)]).toEqual([
    1, 2, 4, 4,
  ])
})

it('waits for a slow database until the time for all messages is over', async () => {
  const slow = {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      return env.DB.batch(statements)
    },
  } as unknown as D1Database
  const items = await makeItems(1)
  expect((await storeMessages(slow, items, PATIENCE_MS)).outcomes).toEqual(['stored'])
  const { outcomes, errors } = await storeMessages(slow, items, 1)
  expect([outcomes, errors]).toEqual([['failed'], [expect.stringContaining('database')]])
})

it('rejects a text without rows, and does not quote it', async () => {
  for (const rows of ['5', '[5]', 'a@example.com']) {
    const text = `{"v":1,"accepted":1,"rejected":0,"rows":${rows}}`
    await expect(saveMessages(env.DB, [text])).rejects.toThrow('a message is not JSON with rows')
  }
})

it('quarantines a text that only begins like a message', async () => {
  const text = '{"v":1,"accepted":1,"rejected":0,"rows":5}'
  const { outcomes } = await storeMessages(
    env.DB,
    [{ text, quarantineOnFailure: true }],
    PATIENCE_MS,
  )
  expect(outcomes).toEqual(['quarantined'])
  expect((await listQuarantine()).map(({ kind, sent }) => [kind, sent])).toEqual([
    ['message', text],
  ])
})

it('does not quarantine a message that is stored, though the database said otherwise', async () => {
  const lying = (after: number) => {
    let calls = 0
    return {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        const results = await env.DB.batch(statements)
        if (++calls <= after) throw D1_ERRORS.constraint()
        return results
      },
    } as unknown as D1Database
  }
  for (const body of [[buildEvent()], [5], [buildEvent(), 5]]) {
    await clearTables()
    const items = (await messagesOf(body)).map((item) => ({ ...item, quarantineOnFailure: true }))
    const { outcomes } = await storeMessages(lying(1), items, PATIENCE_MS)
    expect(outcomes).toEqual(['stored'])
    const rejected = body.filter((each) => each === 5).length
    expect([await count('activity'), await count('quarantine')]).toEqual([
      body.length - rejected,
      rejected,
    ])
  }
})
