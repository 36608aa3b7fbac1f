import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { ErasureKey, insertTombstones } from '../../src/db/erasure/tombstones.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { searchContacts, type SearchResult } from '../../src/erasure/search.ts'
import { LIMITS } from '../../src/history/work.ts'
import { buildEvent } from '../event.ts'
import { historyOf, readStored, removeStored, writeFile } from '../history/archiving.ts'
import { clearBucket, clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { seededRandom } from '../strict/index.ts'

beforeEach(async () => {
  await clearTables()
  await clearBucket()
})

const TIME = Date.UTC(2024, 0, 15)
const DAY = 86_400_000

/** An event of each contact, which is not stored; their identifiers are. */
async function createContacts(contactIds: readonly number[]): Promise<StoredEvent[]> {
  await store(
    ...contactIds.map((contactId) =>
      buildEvent({ contactId, email: `anna${contactId}@example.com` }),
    ),
  )
  const events = await readStored()
  await removeStored(events)
  return events
}

/** Erases contacts, which leaves their identifiers, as after a restore. @param erased by contact: UTC milliseconds */
async function eraseAt(erased: ReadonlyMap<number, number>): Promise<void> {
  const key = await ErasureKey.read(env.DB)
  const digests = [...erased].flatMap(([contactId, time]) =>
    key
      .digestsOf({ contactIds: [String(contactId)], identifiers: [] })
      .map((digest) => [digest, time] as const),
  )
  await insertTombstones(env.DB, digests).run()
}

/** All steps of a search. */
async function search(
  limits = LIMITS.paid,
  between: (step: SearchResult) => Promise<void> = async () => {},
): Promise<{ found: number; scanned: number; steps: number }> {
  let [found, scanned, steps] = [0, 0, 0]
  for (let cursor: SearchResult['next'] = []; cursor; steps++) {
    expect(steps).toBeLessThan(300)
    const context = { mode: 'check', db: env.DB, archive: undefined, plan: 'free' } as const
    const step = await searchContacts({ ...context, history: historyOf(limits) }, cursor)
    found += step.found
    scanned += step.scanned
    expect(step.next).not.toEqual(cursor)
    await between(step)
    cursor = step.next
  }
  return { found, scanned, steps }
}

describe('a search for those who did not come back', () => {
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    'finds what a search without steps would find (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const below = (most: number) => Math.floor(random() * most)
      const contactIds = Array.from({ length: 30 }, (_, index) => (index - 3) * 7 + 1)
      const events = await createContacts(contactIds)
      const erasedIds = contactIds.filter(() => below(5) > 0)
      const erased = new Map(erasedIds.map((id) => [id, TIME + below(5)]))
      await eraseAt(erased)
      const archived: StoredEvent[] = []
      for (let file = 0; file < 6; file++) {
        const own = Array.from({ length: 1 + below(12) }, (): StoredEvent => {
          const event = events[below(events.length)] ?? ({} as StoredEvent)
          const id = Array.from({ length: 32 }, () => below(16).toString(16)).join('')
          return {
            ...event,
            id,
            occurredAt: TIME - 3 + below(12),
            receivedAt: TIME - 3 + below(12),
          }
        })
        archived.push(...own)
        await writeFile(own)
      }
      const left = [...erased].filter(
        ([id, time]) =>
          !archived.some(
            ({ contactId, occurredAt, receivedAt }) =>
              Number(contactId) === id && occurredAt > time && receivedAt > time,
          ),
      )
      const limits = { cells: 0, most: 1_000_000, reads: 1, parallel: 1 + below(2) }
      const { found, scanned } = await search(limits)
      expect([found, scanned]).toEqual([left.length, contactIds.length])
    },
  )

  it('reads a file once for all of them, also over several steps', async () => {
    const contactIds = Array.from({ length: 20 }, (_, index) => 20 + index)
    const events = await createContacts([1, ...contactIds, 9_999])
    await eraseAt(new Map(contactIds.map((id) => [id, TIME])))
    const ends = events.filter(({ contactId }) => ['1', '9999'].includes(String(contactId)))
    await writeFile(events.map((event) => ({ ...event, occurredAt: TIME + DAY })))
    for (let file = 2; file <= 40; file++) {
      await writeFile(ends.map((event) => ({ ...event, occurredAt: TIME + file * DAY })))
    }
    const { found, steps } = await search({ ...LIMITS.paid, reads: 10, parallel: 2 })
    expect([found, steps]).toEqual([0, 5]) // of 10 files each, and one for the contact after them
  })

  it('goes on with the contacts that are still there', async () => {
    const events = await createContacts([7, 8, 9, 10])
    await eraseAt(new Map([7, 8, 9].map((id) => [id, TIME])))
    for (const [index, event] of events.entries()) {
      await writeFile([{ ...event, occurredAt: TIME + (10 - index) * DAY }])
    }
    let steps = 0
    // Only the newest, of 7, is found at once; 8 is erased meanwhile.
    const { found } = await search({ ...LIMITS.paid, reads: 1, parallel: 1 }, async () => {
      if (steps++ > 0) return
      await env.DB.exec('DELETE FROM contact_identifiers WHERE contactId = 8')
    })
    expect(found).toBe(0)
  })
})
