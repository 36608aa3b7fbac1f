import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { rebuild } from '../../src/db/derived/rebuild.ts'
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
