import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { findDeliveries } from '../../src/store/find-deliveries.ts'
import { recount } from '../../src/store/recount.ts'
import { buildEvent } from '../event.ts'
import { PlainRecount, readKept } from '../plain-recount.ts'
import { list, read } from '../receiver.ts'
import { listEverything, store } from '../store-events.ts'

const DERIVED = ['campaigns', 'totals', 'deliveries', 'contact_names', 'suppressions']

const STATUSES = ['DELIVERED', 'READ', 'READ', 'CLICKED', 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']

/** Events of few contacts, spread over ten hours and not in order. */
function makeEvents(count: number, seed: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, place) => {
    const drawn = (place * 7_919 + seed * 104_729) % 1_000
    return buildEvent({
      iid: drawn % 19 === 0 ? null : `${drawn % 50}-delivery`,
      contactId: drawn % 23 === 0 ? null : drawn % 10,
      email: `contact${drawn % 10}@example.com`,
      activityStatus: STATUSES[drawn % STATUSES.length],
      hardBounce: drawn % 2 === 0,
      messageId: drawn % 3,
      activityDateTime: new Date(Date.UTC(2024, 0, 1) + drawn * 36_000).toISOString().slice(0, 19),
    })
  })
}

async function expectTrue(): Promise<void> {
  const plain = new PlainRecount()
  for await (const event of listEverything()) plain.add(event)
  const kept = await readKept(env.DB)
  expect(kept.totals).toEqual(plain.totals)
  expect(kept.names).toEqual(plain.names)
  expect(kept.suppressions.toSorted()).toEqual([...plain.suppressions].sort())
  for (const [iid, contactId] of plain.deliveries) {
    const places = await findDeliveries(env.DB, iid)
    if (contactId !== undefined) expect(places).toContainEqual({ contactId: String(contactId) })
    else expect(places.length).toBeGreaterThan(0)
  }
}

it('brings events in that were stored before anything was kept beside them', async () => {
  await store(...makeEvents(300, 1))
  await env.DB.batch(DERIVED.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
  const { events, next } = await recount(env.DB, undefined)
  expect(next).toBeNull()
  expect(events).toBe((await list('?limit=500')).activity.length)
  await expectTrue()
})

it('changes nothing of what was true, however often', async () => {
  await store(...makeEvents(300, 2))
  const before = await readKept(env.DB)
  for (let times = 0; times < 2; times++) await recount(env.DB, undefined)
  expect(await readKept(env.DB)).toEqual(before)
  await expectTrue()
})

it('takes small steps, between which events come in anywhere', async () => {
  await store(...makeEvents(200, 3))
  await env.DB.batch(DERIVED.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
  let since: number | undefined
  let steps = 0
  do {
    const { next } = await recount(env.DB, since, 20)
    await store(...makeEvents(8, 10 + steps++))
    since = next ?? undefined
  } while (since !== undefined)
  expect(steps).toBeGreaterThan(3)
  await expectTrue()
})

it('comes to an end where nothing is stored', async () => {
  expect(await recount(env.DB, undefined)).toEqual({ events: 0, next: null })
})

describe('before a recount of what an earlier version stored', () => {
  beforeEach(async () => {
    await store(...makeEvents(300, 4))
    await env.DB.batch(DERIVED.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
    // As the migration leaves it.
    const sql = `INSERT INTO deliveries VALUES (-1, '', 'uncounted', jsonb('[]'))`
    await env.DB.prepare(sql).run()
  })

  it('contacts and deliveries are looked for in the whole table', async () => {
    for (const query of ['?email=contact3@example.com', '?iid=7-delivery']) {
      const before = (await list(query)).activity
      expect(before.length).toBeGreaterThan(0)
      await recount(env.DB, undefined)
      expect((await list(query)).activity).toEqual(before)
    }
  })

  it('reports say that they are not whole', async () => {
    const isWhole = async () => {
      const response = await read('/reports/messages')
      return (await response.json<{ lookedAt: { isWhole: boolean } }>()).lookedAt.isWhole
    }
    expect(await isWhole()).toBe(false)
    await recount(env.DB, undefined)
    expect(await isWhole()).toBe(true)
  })

  it('no contact is counted less than never', async () => {
    await store(...makeEvents(300, 5))
    const sql = `SELECT min(contacts0, contacts1, contacts2, contacts3) AS least FROM totals`
    const { results } = await env.DB.prepare(sql).all<{ least: number }>()
    expect(Math.min(...results.map(({ least }) => least))).toBeGreaterThanOrEqual(0)
    await recount(env.DB, undefined)
    await expectTrue()
  })
})

it('finds every delivery while it goes on, and keeps no page from before', async () => {
  await store(...makeEvents(300, 6))
  const pages = async () => {
    const { results } = await env.DB.prepare('SELECT contacts FROM deliveries').all()
    return JSON.stringify(results)
  }
  await recount(env.DB, undefined)
  const once = (await pages()).length
  for (let times = 0; times < 3; times++) {
    const { next } = await recount(env.DB, undefined, 50)
    await expectTrue()
    let since: number | null = next
    while (since !== null) since = (await recount(env.DB, since, 50)).next
  }
  await expectTrue()
  expect((await pages()).length).toBeLessThan(3 * once)
})
