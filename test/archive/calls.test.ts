import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { eraseInArchive } from '../../src/archive/erase.ts'
import { openArchive } from '../../src/archive/open.ts'
import type { StoredEvent } from '../../src/db/stored-event.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { LIMITS, Work } from '../../src/history/work.ts'
import { joinPieces, ParquetFile } from '../../src/parquet/encode.ts'
import { Budget } from '../../src/platform/budget.ts'
import { buildEvent } from '../event.ts'
import { readStored, removeStored, writeFile } from '../history/archiving.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { store } from '../store-events.ts'
import { Invocation, limitBucket, limitD1, PLANS } from '../strict/index.ts'
import { visit } from '../visit.ts'
import { ARCHIVE } from './bucket.ts'

beforeEach(async () => {
  await clearTables()
  await clearBucket()
})

const START = Date.UTC(2014, 0, 10)

/** Writes files of the same events, days apart; `perGroup` is the number of rows of a group. */
async function addFiles(
  files: number,
  events: readonly StoredEvent[],
  perGroup: number,
): Promise<void> {
  for (let file = 1; file <= files; file++) {
    const occurredAt = START + file * 12 * DAY_MS
    const own = events.map((event, index) => ({ ...event, occurredAt, iid: `${file}-${index}` }))
    await writeFile(own, 'done', (rows) => encodeGroups(rows, perGroup))
  }
}

function encodeGroups(rows: readonly StoredEvent[], perGroup: number) {
  const parquet = new ParquetFile()
  const groups = Array.from({ length: Math.ceil(rows.length / perGroup) }, (_, index) =>
    parquet.addGroup(rows.slice(index * perGroup, (index + 1) * perGroup)),
  )
  return joinPieces([...groups.flat(), ...parquet.end()])
}

/** Bindings whose calls count in an invocation of the paid plan. */
function limited(): Partial<Env> {
  const invocation = new Invocation('fetch', { limits: PLANS.paid })
  return {
    DB: limitD1(env.DB, invocation),
    ARCHIVE: limitBucket(ARCHIVE, invocation),
    CLOUDFLARE_PLAN: 'paid',
  } as unknown as Partial<Env>
}

/** Stores some events of a contact, and takes them away. */
async function takeEvents(events: number): Promise<StoredEvent[]> {
  const changes = Array.from({ length: events }, (_, index) => ({ contactId: 7, iid: `${index}` }))
  await store(...changes.map((each) => buildEvent({ email: 'anna@example.com', ...each })))
  const stored = await readStored()
  await removeStored(stored)
  return stored
}

describe('within the calls of an invocation', () => {
  it('the messages to a contact in 210 files come as CSV', async () => {
    await addFiles(210, await takeEvents(5), 10)
    const response = await visit('/contact/7?format=csv', { changed: limited() })
    expect(response.status).toBe(200)
    expect((await response.text()).trim().split('\n')).toHaveLength(1 + 1_000)
  })

  it('as many files as a step takes are erased, all of them with the person', async () => {
    const files = 60
    await addFiles(files, await takeEvents(20), 1)
    const target = {
      contactIds: ['7'],
      identifiers: [],
      keepsSuppressions: false,
      stage: 'archive',
      cursor: null,
    }
    const sql = `INSERT INTO erasures (erasedAt, removed, target) VALUES (?, '{}', ?)`
    await env.DB.prepare(sql).bind(Date.now(), JSON.stringify(target)).run()
    for (let steps = 0; (await count('archive')) > 0; steps++) {
      expect(steps).toBeLessThan(5)
      const archive = openArchive({ ...env, ...limited() } as Env)
      if (!archive) throw new Error('there is no archive')
      const budget = new Budget('paid', 'request', 600_000)
      expect(await eraseInArchive(archive, budget, Date.now())).toBe(true)
    }
  })

  it('a request ends, with a reason, before it has taken all of them', () => {
    const work = new Work(LIMITS.paid)
    const other = work.next()
    const readBoth = () => {
      for (let reads = 0; reads < 500; reads++) {
        work.addRead()
        other.addRead()
      }
    }
    expect(readBoth).toThrow(expect.objectContaining({ status: 400, code: 'too_much_to_search' }))
    expect(() => work.next().addRead()).toThrow()
  })
})
