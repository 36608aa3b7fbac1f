import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { KINDS } from '../../src/db/reports/totals.ts'
import { buildEvent } from '../event.ts'
import { PlainRebuild, readDerived } from '../plain-rebuild.ts'
import { list } from '../receiver.ts'
import { listEverything, store } from '../store-events.ts'

const DERIVED = ['totals', 'contact_identifiers', 'suppressions']

const STATUSES = ['DELIVERED', 'READ', 'READ', 'CLICKED', 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']

/** Events of few contacts, spread over ten hours and not in order. */
function makeEvents(count: number, seed: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, index) => {
    const drawn = (index * 7_919 + seed * 104_729) % 1_000
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

async function expectSameAsRebuild(): Promise<void> {
  const plain = new PlainRebuild()
  for await (const event of listEverything()) plain.add(event)
  const derived = await readDerived(env.DB)
  expect(derived.totals).toEqual(plain.totals)
  expect(derived.names).toEqual(plain.names)
  expect(derived.suppressions.toSorted()).toEqual([...plain.suppressions].sort())
}

it('counts events that were stored before the derived tables existed', async () => {
  await store(...makeEvents(300, 1))
  await env.DB.batch(DERIVED.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
  const { events, next } = await rebuild(env.DB, undefined)
  expect(next).toBeNull()
  expect(events).toBe((await list('?limit=500')).activity.length)
  await expectSameAsRebuild()
})

it('changes no correct count, however often it runs', async () => {
  await store(...makeEvents(300, 2))
  const before = await readDerived(env.DB)
  for (let times = 0; times < 2; times++) await rebuild(env.DB, undefined)
  expect(await readDerived(env.DB)).toEqual(before)
  await expectSameAsRebuild()
})

it('takes small steps, between which events of any time may arrive', async () => {
  await store(...makeEvents(200, 3))
  await env.DB.batch(DERIVED.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))
  let since: number | undefined
  let steps = 0
  do {
    const { next } = await rebuild(env.DB, since, 20)
    await store(...makeEvents(8, 10 + steps++))
    since = next ?? undefined
  } while (since !== undefined)
  expect(steps).toBeGreaterThan(3)
  await expectSameAsRebuild()
})

it('finishes if nothing is stored', async () => {
  expect(await rebuild(env.DB, undefined)).toEqual({ events: 0, next: null })
})

it('keeps what it cannot count again: hours that lack events, and what machines did', async () => {
  const hour = Date.UTC(2024, 0, 1)
  const [HOUR, DAY] = [3_600_000, 86_400_000]
  const at = (time: number) =>
    buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19) })
  await store(at(hour), at(hour + HOUR), at(hour + DAY), at(hour + 2 * DAY))
  await env.DB.batch([
    env.DB.prepare('INSERT INTO frozen_hours (hour) VALUES (?)').bind(hour),
    env.DB.prepare('INSERT INTO archive_days (day) VALUES (?)').bind(hour + DAY),
    env.DB.prepare(
      `INSERT INTO totals SELECT campaign, ?, 'READ', ?, 3, 0, 0, 0, 0, 0, 0, 0 FROM campaigns`,
    ).bind(hour + HOUR, KINDS.machines),
    // Counts that nothing in the table explains any more.
    env.DB.prepare('UPDATE totals SET events0 = events0 + 10'),
  ])
  await rebuild(env.DB, undefined)
  const sql = 'SELECT hour, hardBounce, events0 FROM totals ORDER BY hour, hardBounce'
  const { results } = await env.DB.prepare(sql).all<Record<string, number>>()
  const kept = results.map(({ hour: of = 0, hardBounce, events0 }) => [
    (of - hour) / HOUR,
    hardBounce,
    events0,
  ])
  expect(kept).toEqual([
    [0, KINDS.all, 11],
    [1, KINDS.all, 1],
    [1, KINDS.machines, 13],
    [24, KINDS.all, 11],
    [48, KINDS.all, 1],
  ])
})

it('counts each event in one step only, also at the very beginning of an hour', async () => {
  const hour = Date.UTC(2024, 0, 1)
  const times = [0, 1, 2].map((hours) => new Date(hour + hours * 3_600_000))
  await store(
    ...times.map((time) => buildEvent({ activityDateTime: time.toISOString().slice(0, 19) })),
  )
  let since: number | undefined
  for (const next of [hour + 3_600_000, hour + 2 * 3_600_000, null]) {
    expect(await rebuild(env.DB, since, 1)).toEqual({ events: 1, next })
    await expectSameAsRebuild()
    since = next ?? undefined
  }
})
