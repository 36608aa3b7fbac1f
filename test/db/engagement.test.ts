import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { countEngagement, listEngagement } from '../../src/db/engagement/read.ts'
import { foldEngagement } from '../../src/db/engagement/fold.ts'
import { advanceRollups } from '../../src/db/rollups/advance.ts'
import { Budget } from '../../src/platform/budget.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count } from '../receiver.ts'
import { store } from '../store-events.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]
const START = Date.parse('2026-03-01T00:00Z')
const BIG = '9007199254740995' // JavaScript has no such number

beforeEach(clearTables)

async function fold(now: number, plan: 'free' | 'paid' = 'paid'): Promise<number> {
  for (let step = 1; step < 500; step++) {
    if (!(await foldEngagement(env.DB, new Budget(plan, 'task', 20_000), now))) return step
  }
  throw new Error('it never ends')
}

/** Has nothing left to roll up, before the next day at least. */
async function finishRollups(now: number): Promise<void> {
  await env.DB.prepare("INSERT OR REPLACE INTO key_values VALUES ('rollups.until', ?)")
    .bind(String(now))
    .run()
}

async function rollUp(now: number): Promise<void> {
  while (await advanceRollups(env.DB, new Budget('paid', 'task', 20_000), 1_000, now));
}

/** What is known of each contact. */
async function readAll(mediaType: string): Promise<Record<string, (number | null)[]>> {
  const found: Record<string, (number | null)[]> = {}
  for (let from: string | null | undefined = undefined; from !== null;) {
    const page = await listEngagement(env.DB, { mediaType }, undefined, from)
    for (const { contactId, deliveredOn, engagedOn } of page.contacts) {
      expect(found).not.toHaveProperty(contactId)
      found[contactId] = [deliveredOn, engagedOn]
    }
    from = page.next
  }
  return found
}

type Row = [contactId: string | number, mediaType: string, number | null, number | null]

/** As the rollup of an hour leaves it. */
async function insertHour(hour: number, rows: readonly Row[], part = 0): Promise<void> {
  await env.DB.prepare(`INSERT INTO rollups VALUES ('contacts', ?, ?, ?)`)
    .bind(hour, part, JSON.stringify(rows))
    .run()
}

const dayOf = (time: number) => Math.floor(time / DAY)
const latest = (times: readonly (number | null)[]) => {
  const days = times.flatMap((time) => (time === null ? [] : [dayOf(time)]))
  return days.length === 0 ? null : Math.max(...days)
}

/** The same, counted plainly. */
function recount(rows: readonly Row[], channel: string): Record<string, (number | null)[]> {
  const own = Map.groupBy(
    rows.filter(([, mediaType]) => mediaType === channel),
    ([contactId]) => String(contactId),
  )
  return Object.fromEntries(
    [...own].map(([contactId, some]) => [
      contactId,
      [latest(some.map((row) => row[2])), latest(some.map((row) => row[3]))],
    ]),
  )
}

describe('engagement', () => {
  it('is the same as counted plainly, however pages are split, and if hours come again', async () => {
    const time = (hour: number) =>
      fc.option(
        fc.nat(HOUR - 1).map((ms) => START + hour * HOUR + ms),
        { freq: 3 },
      )
    const contactId = fc.oneof(
      fc.nat(9_000),
      fc.nat(5).map((last) => `900719925474099${last + 3}`),
    )
    const arbitraryHour = fc.nat(100).chain((hour) =>
      fc.record({
        hour: fc.constant(hour),
        rows: fc.array(
          fc.tuple(contactId, fc.constantFrom('email', 'sms'), time(hour), time(hour)),
          { minLength: 1, maxLength: 4_000, size: 'max' },
        ),
        isFolded: fc.boolean(),
        isTwice: fc.boolean(),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryHour, { minLength: 1, maxLength: 5 }), async (hours) => {
        await clearTables()
        for (const [index, { hour, rows, isFolded, isTwice }] of hours.entries()) {
          await insertHour(START + hour * HOUR, rows, index)
          if (isTwice) await insertHour(START + hour * HOUR, rows, index + 100)
          if (isFolded) await fold(START + 10 * DAY)
        }
        await fold(START + 10 * DAY)
        const all = hours.flatMap(({ rows }) => rows)
        expect(await readAll('email')).toEqual(recount(all, 'email'))
        expect(await readAll('sms')).toEqual(recount(all, 'sms'))
        expect([await count('rollups'), await count('engagement_parts')]).toEqual([0, 0])
        const { results } = await env.DB.prepare(
          'SELECT json_array_length(contacts) AS contacts FROM engagement',
        ).all<{ contacts: number }>()
        expect(Math.max(...results.map(({ contacts }) => contacts))).toBeLessThanOrEqual(2_000)
      }),
      { numRuns: 12 },
    )
  })

  it('comes from events, late ones too, without machines and erased contacts', async () => {
    const at = (hours: number, changes: object) =>
      buildEvent({
        activityDateTime: new Date(START + hours * HOUR).toISOString().slice(0, 19),
        ...changes,
      })
    const scanned = { contactId: 4, iid: 'd4', activityStatus: 'CLICKED' }
    await store(
      at(1, { contactId: 1, iid: 'd1' }),
      at(30, { contactId: 1, iid: 'd1', activityStatus: 'READ' }),
      at(2, { contactId: 2, iid: 'd2' }),
      at(2, { contactId: 2, iid: 'd3', mediaType: 'sms' }),
      at(3, { contactId: 3, iid: 'd5', activityStatus: 'CLICKED' }),
      at(3, { contactId: 4, iid: 'd4' }),
      ...[1, 2, 3].map((page) => at(4, { ...scanned, clickEventLink: `https://a.ua/${page}` })),
    )
    const later = START + 10 * DAY
    await rollUp(later)
    await fold(later)
    const day = dayOf(START)
    expect(await readAll('email')).toEqual({
      1: [day, day + 1],
      2: [day, null],
      3: [null, day],
      4: [day, null],
    })
    await store(at(50, { contactId: 2, iid: 'd2', activityStatus: 'READ' }))
    await store(at(60, { contactId: 1, iid: 'd6' }))
    await env.DB.prepare('UPDATE rollup_hours SET since = 0').run() // as if they had waited
    await rollUp(later)
    await erased('/contacts/1')
    await fold(later + DAY)
    expect(await readAll('email')).toEqual({
      2: [day, day + 2],
      3: [null, day],
      4: [day, null],
    })
    expect(await readAll('sms')).toEqual({ 2: [day, null] })
  })

  it('has nothing of an erased contact, but what is later', async () => {
    const now = dayOf(Date.now()) * DAY
    const old: Row[] = [1, 12, BIG, 3].map((id) => [id, 'email', now - 9 * DAY, now - 8 * DAY])
    await insertHour(now - 9 * DAY, old)
    await fold(now)
    await insertHour(now - 2 * DAY, old)
    await env.DB.prepare(
      `INSERT INTO engagement_parts (contacts) VALUES ('[["email",1,5,6],["email",${BIG},5,null],["email",12,5,6]]')`,
    ).run()
    const future = now + 5 * DAY
    await insertHour(future, [[3, 'email', future, null]])
    await erased('/contacts/1')
    await erased(`/contacts/${BIG}`)
    const left = await env.DB.prepare(
      `SELECT group_concat(contacts) AS text FROM (
         SELECT contacts FROM engagement UNION ALL SELECT contacts FROM engagement_parts
         UNION ALL SELECT counts FROM rollups
       )`,
    ).first<string>('text')
    expect(left).not.toMatch(new RegExp(`\\b(1|${BIG})\\b`))
    expect(left).toContain('[12,')
    await erased('/contacts/3')
    await fold(future + 2 * DAY)
    expect(await readAll('email')).toEqual({
      3: [dayOf(future), null],
      12: [dayOf(now) - 9, dayOf(now) - 8],
    })
  })

  it('tells the bands of a channel, and what cannot be told', async () => {
    const asOf = START + 365 * DAY
    const ago = (days: number) => asOf - days * DAY
    const rows: Row[] = [
      ...[1, 30, 31, 90, 91, 180, 181].map((days, index): Row => [
        index,
        'email',
        ago(days),
        ago(days),
      ]),
      [50, 'email', ago(90), null],
      [51, 'email', ago(91), null],
      [52, 'sms', ago(1), null],
      [53, 'email', ago(20), ago(100)],
    ]
    await insertHour(START, rows)
    expect(await countEngagement(env.DB, { mediaType: 'email' })).toMatchObject({ asOf: null })
    await fold(asOf + 2 * HOUR)
    expect(await countEngagement(env.DB, { mediaType: 'email' })).toMatchObject({ asOf: null })
    await finishRollups(asOf + 2 * HOUR)
    await env.DB.prepare("INSERT INTO rollup_hours VALUES (?, 'new', 0, 0, NULL)").bind(START).run()
    await fold(asOf + 2 * HOUR)
    expect(await countEngagement(env.DB, { mediaType: 'email' })).toMatchObject({ asOf: null })
    await env.DB.prepare("UPDATE rollup_hours SET state = 'done'").run()
    await fold(asOf + 2 * HOUR)
    expect(await countEngagement(env.DB, { mediaType: 'email' })).toEqual({
      asOf,
      bands: { '0-30': 2, '31-90': 2, '91-180': 3, more: 1, never: 2, unknown: 0 },
    })
    expect(await countEngagement(env.DB, { mediaType: 'sms' })).toMatchObject({
      bands: { never: 0, unknown: 1 },
    })
    const filter = { mediaType: 'email', deliveredWithin: 90, notEngagedWithin: 90 }
    const { bands } = await countEngagement(env.DB, filter)
    expect(bands).toMatchObject({ '31-90': 0, '91-180': 1, more: 0, never: 1 })
    const listed = await listEngagement(env.DB, filter, undefined)
    expect(listed.contacts.map(({ contactId }) => contactId)).toEqual(['50', '53'])
    const never = await listEngagement(env.DB, filter, ['never'])
    expect(never.contacts.map(({ contactId, band }) => [contactId, band])).toEqual([
      ['50', 'never'],
    ])
  })

  it('writes a page about once a day', async () => {
    const contacts = (hour: number): Row[] =>
      Array.from({ length: 4_000 }, (_, index) => [
        889_000_000 + ((index * 7 + hour) % 40_000) * 13,
        'email',
        START + hour * HOUR,
        null,
      ])
    for (let hour = 0; hour < 24; hour++) await insertHour(START + hour * HOUR, contacts(hour))
    await fold(START + DAY)
    for (let hour = 24; hour < 48; hour++) await insertHour(START + hour * HOUR, contacts(hour))
    let written = 0
    const counted = {
      prepare: (sql: string) => env.DB.prepare(sql),
      batch: async (statements: D1PreparedStatement[]) => {
        const results = await env.DB.batch(statements)
        for (const { meta } of results) written += meta.rows_written
        return results
      },
    } as unknown as D1Database
    await foldEngagement(counted, new Budget('paid', 'task', 20_000), START + 2 * DAY)
    expect(await count('rollups')).toBe(0)
    expect(written).toBeLessThan(24 * 2 + 40 * 4)
  })
})
