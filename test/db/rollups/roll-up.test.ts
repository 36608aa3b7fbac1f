import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { KINDS } from '../../../src/db/reports/totals.ts'
import { advanceRollups } from '../../../src/db/rollups/advance.ts'
import { readRollupState } from '../../../src/db/rollups/hours.ts'
import { bucketOfDelay } from '../../../src/db/rollups/delay-buckets.ts'
import { Budget } from '../../../src/platform/budget.ts'
import { buildEvent } from '../../event.ts'
import { clearBucket, clearTables } from '../../receiver.ts'
import { erased } from '../../erasure/erasing.ts'
import { runTask } from '../../run-maintenance.ts'
import { LATER as ARCHIVED, PAID } from '../../archive/bucket.ts'
import { store } from '../../store-events.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const START = Date.parse('2026-03-01T00:00Z')
const LATER = START + 10 * DAY

beforeEach(async () => {
  await clearTables()
  await clearBucket()
})

async function rollUpAll(now = LATER, maxEvents = 1_000): Promise<void> {
  for (let step = 0; step < 500; step++) {
    const budget = new Budget('paid', 'task', 20_000)
    if (!(await advanceRollups(env.DB, budget, maxEvents, now))) return
  }
  throw new Error('it never ends')
}

const at = (time: number, changes: object = {}) =>
  buildEvent({ activityDateTime: new Date(START + time).toISOString().slice(0, 19), ...changes })

/** The sums of the rows of a kind, by their keys. */
async function sum(kind: string, keys: number): Promise<Record<string, number[]>> {
  const { results } = await env.DB.prepare(
    `SELECT row.value FROM rollups CROSS JOIN json_each(counts) AS row WHERE kind = ?`,
  )
    .bind(kind)
    .all<{ value: string }>()
  const sums: Record<string, number[]> = {}
  for (const { value } of results) {
    const [campaign, ...row] = JSON.parse(value) as (string | number)[]
    const key = [campaign, ...row.slice(0, keys - 1)].join(' ')
    const counts = row.slice(keys - 1).map(Number)
    const before = sums[key] ?? counts.map(() => 0)
    sums[key] = before.map((count, index) => count + (counts[index] ?? 0))
  }
  return Object.fromEntries(
    Object.entries(sums).filter(([, counts]) => counts.some((count) => count !== 0)),
  )
}

async function machineTotals(): Promise<unknown[]> {
  const { results } = await env.DB.prepare(
    `SELECT campaign, activityStatus, sum(events0 + events1 + events2 + events3) AS events,
       sum(contacts0 + contacts1 + contacts2 + contacts3) AS contacts
     FROM totals WHERE hardBounce = ${KINDS.machines} GROUP BY campaign, activityStatus
     HAVING events <> 0 OR contacts <> 0 ORDER BY campaign, activityStatus`,
  ).all()
  return results
}

async function readAll() {
  return {
    links: await sum('links', 2),
    utm: await sum('utm', 3),
    providers: await sum('providers', 5),
    delays: await sum('delays', 2),
    steps: await sum('steps', 1),
    machines: await machineTotals(),
  }
}

const arbitraryEvent = fc.record({
  time: fc.oneof(
    fc.nat(50 * HOUR),
    fc.nat(10).map((seconds) => HOUR - 5_000 + seconds * 1_000),
  ),
  activityStatus: fc.constantFrom(
    'SENT',
    'DELIVERED',
    'READ',
    'CLICKED',
    'CLICKED',
    'UNDELIVERED',
    'SPAM',
  ),
  contactId: fc.constantFrom(1, 2, null),
  iid: fc.constantFrom('a', 'b', undefined),
  messageId: fc.constantFrom(7, 8),
  hardBounce: fc.constantFrom(true, false, undefined),
  clickEventLink: fc
    .nat(5)
    .map((page) => `https://shop.example.com/${page}?utm_source=s${page % 2}`),
  statusDescription: fc.constantFrom('5.1.1 user unknown', '4.2.2 mailbox full'),
  email: fc.constantFrom('a@gmail.com', 'b@example.com', undefined),
})

describe('rollups', () => {
  it('count the same whatever comes late, and in however many parts', async () => {
    const step = fc.record({
      events: fc.array(arbitraryEvent, { minLength: 1, maxLength: 25 }),
      rolls: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        await clearTables()
        for (const { events, rolls } of steps) {
          await store(...events.map(({ time, ...changes }) => at(time, changes)))
          if (rolls) await rollUpAll(START + 2 * DAY, 3)
        }
        await env.DB.prepare('UPDATE rollup_hours SET since = 1').run() // as if they had waited
        await rollUpAll(LATER, 3)
        const late = await readAll()
        await env.DB.batch(
          ['rollups', 'rollup_hours', 'key_values'].map((table) =>
            env.DB.prepare(`DELETE FROM ${table}`),
          ),
        )
        await env.DB.prepare(`DELETE FROM totals WHERE hardBounce = ${KINDS.machines}`).run()
        await rollUpAll(LATER, 10_000)
        expect(late).toEqual(await readAll())
      }),
      { numRuns: 25 },
    )
  })

  it('tell people from machines', async () => {
    const delivery = { iid: 'd', contactId: 5, messageId: 7 }
    const click = (time: number, page: number, more: object = {}) =>
      at(time, {
        ...delivery,
        activityStatus: 'CLICKED',
        clickEventLink: `https://shop.example.com/${page}?utm_source=yespo`,
        ...more,
      })
    await store(
      at(0, { ...delivery, activityStatus: 'DELIVERED' }),
      at(30_000, { ...delivery, activityStatus: 'READ' }),
      ...[1, 2, 3, 4].map((page) => click(30_000, page)),
      at(2 * HOUR, { ...delivery, activityStatus: 'READ' }),
      click(2 * HOUR + MINUTE, 1),
    )
    await rollUpAll()
    const { links, utm, delays, machines } = await readAll()
    expect(Object.values(links).toSorted()).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
      [2, 1, 1, 0],
    ])
    expect(utm).toEqual({ '1 source yespo': [5, 1, 4, 0] })
    expect(delays).toEqual({ [`1 ${bucketOfDelay(7_200)}`]: [1] })
    expect(machines).toEqual([
      { campaign: 1, activityStatus: 'CLICKED', events: 4, contacts: 0 },
      { campaign: 1, activityStatus: 'READ', events: 1, contacts: 0 },
    ])
  })

  it('are made before a day moves to the archive, and get what comes in later', async () => {
    const link = 'https://shop.example.com/'
    const click = (contactId: number) =>
      at(0, { iid: `of ${contactId}`, contactId, activityStatus: 'CLICKED', clickEventLink: link })
    await store(click(1))
    await runTask('archive', { ...env, ...PAID } as Env, ARCHIVED)
    expect(await env.DB.prepare('SELECT count(*) FROM activity').first('count(*)')).toBe(0)
    expect(Object.values(await sum('links', 2))).toEqual([[1, 1, 0, 0]])
    await store(click(1), click(2))
    await runTask('archive', { ...env, ...PAID } as Env, Date.now())
    expect(Object.values(await sum('links', 2))).toEqual([[2, 2, 0, 0]])
    await runTask('archive', { ...env, ...PAID } as Env, ARCHIVED)
    await rollUpAll(ARCHIVED)
    expect(Object.values(await sum('links', 2))).toEqual([[2, 2, 0, 0]])
  })

  it('lose what was erased', async () => {
    const click = { activityStatus: 'CLICKED', clickEventLink: 'https://shop.example.com/' }
    await store(at(0, { ...click, contactId: 1 }), at(0, { ...click, contactId: 2 }))
    await rollUpAll()
    expect(Object.values(await sum('links', 2))).toEqual([[2, 2, 0, 0]])
    await erased('/contacts/1')
    await rollUpAll(Date.now() + DAY)
    expect(Object.values(await sum('links', 2))).toEqual([[1, 1, 0, 0]])
  })

  it('tell how far they are', async () => {
    await store(at(0), at(HOUR))
    await rollUpAll(START + 3 * HOUR + 5 * MINUTE)
    expect(await readRollupState(env.DB)).toEqual({
      until: START + 2 * HOUR,
      open: 0,
      failed: 0,
      oldest: null,
    })
    await store(at(HOUR + MINUTE))
    expect(await readRollupState(env.DB)).toMatchObject({ open: 1, oldest: START + HOUR })
  })
})
