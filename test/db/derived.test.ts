import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { buildEvent } from '../event.ts'
import { messagesOf } from '../messages-of.ts'
import { PlainRebuild, readDerived } from '../plain-rebuild.ts'
import { clearTables } from '../receiver.ts'
import { listEverything } from '../store-events.ts'
import { PATIENCE_MS } from '../patience.ts'

async function store(...texts: string[]): Promise<number> {
  const items = texts.map((text) => ({ text, quarantineOnFailure: false }))
  const { outcomes, rowsWritten, errors } = await storeMessages(env.DB, items, PATIENCE_MS)
  expect(errors).toEqual([])
  expect(new Set(outcomes)).toEqual(new Set(['stored']))
  return rowsWritten
}

async function expectSameAsRebuild(): Promise<void> {
  const plain = new PlainRebuild()
  for await (const event of listEverything()) plain.add(event)
  const derived = await readDerived(env.DB)
  expect(derived.totals).toEqual(plain.totals)
  expect(derived.names).toEqual(plain.names)
  expect(derived.suppressions.toSorted()).toEqual([...plain.suppressions].sort())
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

/** Many events of few deliveries, so that mix-ups are possible; with values of every type. */
const event = fc.record({
  iid: maybe(fc.constantFrom<unknown>('a', 'b', 'aaaaaaaa-1', 'aaaaaaaa-2', '', 17)),
  contactId: maybe(fc.constantFrom<unknown>(1, 2, 3, '1', ' 2 ', 'nobody')),
  activityStatus: fc.constantFrom(
    'DELIVERED',
    'READ',
    'Clicked',
    'UNDELIVERED',
    ' undelivered',
    'SPAM',
    'UNSUBSCRIBED',
    'received',
    'opened',
    'Opened',
  ),
  hardBounce: maybe(fc.constantFrom<unknown>(true, false, 'true', 'False', 1, '0', 'perhaps')),
  activityDateTime: fc
    .integer({ min: -8, max: 8 })
    .map((quarters) => new Date(quarters * 901_000).toISOString().slice(0, 19)),
  messageId: maybe(fc.constantFrom<unknown>(7, 8, '7')),
  messageInstanceId: maybe(fc.constantFrom<unknown>(70, 80, '70')),
  messageName: maybe(fc.constantFrom<unknown>('', 'Name "1"', 5)),
  mediaType: maybe(
    fc.constantFrom('email', 'E-mail', 'viber', 'mobilepush', 'MOBILE_PUSH', 'Telegram', 'Факс'),
  ),
  email: maybe(fc.constantFrom('a@example.com', 'A@example.com', ' a@Example.com', 'none')),
  sms: maybe(
    fc.constantFrom<unknown>(
      '380950000903',
      380950000903,
      '+38 (095) 000-09-03',
      '095 000 09 03',
      '-',
    ),
  ),
  externalCustomerId: maybe(fc.constantFrom<unknown>('7', 7, 'x')),
  mobilepush: maybe(fc.constantFrom('token', '')),
  clickEventLink: maybe(fc.constantFrom('https://example.com/1', 'https://example.com/2')),
})

describe('totals, identifiers and suppressions', () => {
  it('equal a plain rebuild, for any events in any order, however often they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(event, { minLength: 1, maxLength: 12 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.nat({ max: 5 }), { maxLength: 4 }),
        async (bodies, again) => {
          await clearTables()
          const texts: string[] = []
          for (const body of bodies) texts.push(...(await messagesOf(body)))
          for (const text of texts.slice(1)) await store(text)
          await store(...texts, ...again.flatMap((index) => texts[index] ?? []))
          for (const index of again) if (texts[index]) await store(texts[index])
          await expectSameAsRebuild()
        },
      ),
      { numRuns: 60 },
    )
  }, 300_000)

  it('count a contact who reads five times as one reader', async () => {
    const read = (second: number) =>
      buildEvent({
        iid: 'one',
        activityStatus: 'READ',
        activityDateTime: `2024-01-01T00:00:0${second}`,
      })
    await store(...(await messagesOf([read(3), read(1), read(2)])))
    await store(...(await messagesOf([read(0), read(4)])))
    const sql = 'SELECT events0, contacts0 FROM totals'
    expect((await env.DB.prepare(sql).all()).results).toEqual([{ events0: 5, contacts0: 1 }])
  })

  it('change nothing if the transaction fails', async () => {
    const [text = ''] = await messagesOf([buildEvent({ email: 'x@example.com' })])
    const failing = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: (statements: D1PreparedStatement[]) =>
        env.DB.batch([...statements, env.DB.prepare(`INSERT INTO totals (campaign) VALUES (1)`)]),
    } as unknown as D1Database
    await storeMessages(failing, [{ text, quarantineOnFailure: false }], PATIENCE_MS)
    for (const table of ['activity', 'totals', 'contact_identifiers', 'campaigns']) {
      const row = await env.DB.prepare(`SELECT count(*) AS rows FROM ${table}`).first('rows')
      expect(row).toBe(0)
    }
  })
})

describe('the cost', () => {
  const campaign = (second: number, changes = {}) =>
    Array.from({ length: 100 }, (_, index) =>
      buildEvent({
        contactId: 1_000 + index,
        email: `contact${index}@example.com`,
        activityDateTime: `2024-01-01T00:10:${second}`,
        ...(index % 10 === 9 && { activityStatus: 'READ' }),
        ...(index % 20 === 19 && { activityStatus: 'CLICKED' }),
        ...(index % 50 === 0 && { activityStatus: 'UNDELIVERED', hardBounce: index % 100 === 0 }),
        ...changes,
      }),
    )

  it('of totals is at most a tenth of a row per event, in batches of 100', async () => {
    await store(...(await messagesOf(campaign(10))))
    const events = campaign(20).filter(({ activityStatus }) => activityStatus !== 'UNDELIVERED')
    const rowsWritten = await store(...(await messagesOf(events)))
    expect(rowsWritten - 2 * events.length).toBeLessThanOrEqual(0.1 * events.length)
  })

  it('is less than half a row per event in steady state, and none for a repeat', async () => {
    await store(...(await messagesOf(campaign(10))))
    const texts = await messagesOf(campaign(20))
    expect(await store(...texts)).toBeLessThanOrEqual(250)
    expect(await store(...texts)).toBe(0)
  })
})
