import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { makeWriteId } from '../../src/db/write/stored-row.ts'
import { buildEvent } from '../event.ts'
import { clearTables, list } from '../receiver.ts'
import { store } from '../store-events.ts'

const NAMES = PARAMETERS.map(({ name }) => name)

/** Reads the view `events`, in the format of the API. */
async function readView(): Promise<Record<string, unknown>[]> {
  const { results } = await env.DB.prepare('SELECT * FROM events').all()
  return results.map((row) => {
    const members = NAMES.flatMap((name) => {
      const value = row[name]
      if (value === null) return []
      if (name === 'hardBounce') return [[name, value === 1]]
      return [[name, name === 'subscriptions' ? JSON.parse(String(value)) : value]]
    })
    return { ...Object.fromEntries(members), id: `${row['occurredAt']}.${row['id']}` }
  })
}

const uuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  fc.uuid().map((text) => text.replaceAll('-', '')),
  fc.constantFrom('', 'x', '0', '5', '1e3', '00000000-0000-0000-0000-00000000000g'),
  fc.string(),
)
const time = fc.oneof(
  fc.constantFrom(
    '2023-09-14T08:30:03',
    '2023-09-14 08:30:03',
    '2023-09-14T08:30:03Z',
    '2023-09-14T08:30:03+05:45',
    '2023-09-14T08:30:03.25',
    '1969-12-31T23:59:59',
    '0001-01-04T00:00:01',
    '9999-12-28T23:59:59',
    '2024-02-29T00:00:00',
  ),
  fc
    .date({
      min: new Date('0001-01-04T00:00Z'),
      max: new Date('9999-12-28T00:00Z'),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString().slice(0, 19)),
)

it('is returned as sent, by the API and by the view', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        activityDateTime: time,
        iid: uuid,
        sourceEventKey: uuid,
        workflowInstanceId: uuid,
        from: fc.string({ maxLength: 30 }),
        messageName: fc.option(fc.string({ maxLength: 30 }), { nil: undefined }),
        messageId: fc.constantFrom(1, 2, undefined),
      }),
      async (input) => {
        await clearTables()
        const event = buildEvent(JSON.parse(JSON.stringify(input)))
        await store(event)
        const [response] = (await list('?until=9999-12-29')).activity
        if (!response) throw new Error('nothing is stored')
        const { labels, extra, receivedAt, origin, occurredAt, ...own } = response
        expect({ ...own, ...extra }).toEqual({ ...event, id: own.id })
        expect(await readView()).toEqual([own])
      },
    ),
    { numRuns: 150 },
  )
})

it('is small: a campaign is stored once, a UUID takes 16 bytes, a time that can be derived none', async () => {
  const iid = crypto.randomUUID()
  await store(buildEvent({ iid }), buildEvent(), buildEvent({ messageName: 'other' }))
  const row = await env.DB.prepare(
    `SELECT typeof(iid) AS iid, length(iid) AS bytes, activityDateTime, length(id) AS id,
       (SELECT count(*) FROM campaigns) AS campaigns
     FROM activity WHERE iid = unhex(?)`,
  )
    .bind(iid.replaceAll('-', ''))
    .first()
  expect(row).toEqual({ iid: 'blob', bytes: 16, activityDateTime: 0, id: 16, campaigns: 2 })
})

it('has a write id that begins with the time and ends with twenty random bits', () => {
  const now = Date.parse('2026-03-01T00:00Z')
  const ids = Array.from({ length: 1_000 }, () => BigInt(makeWriteId(now)))
  expect(new Set(ids.map((id) => id >> 20n))).toEqual(new Set([BigInt(now)]))
  const random = ids.map((id) => Number(id & 0xf_ffffn))
  expect(Math.max(...random)).toBeGreaterThan(2 ** 19)
  expect(new Set(random).size).toBeGreaterThan(900)
})
