import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../src/event/clock.ts'
import { readStatus } from '../../src/monitoring/api.ts'
import { encodeTask } from '../../src/platform/tasks.ts'
import { startErasure } from '../../src/db/erasure/erasures.ts'
import { faultyQueue } from '../faulty.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import {
  ARCHIVE,
  fillDay,
  FREE,
  KEEP,
  LATER,
  keysOf,
  listFiles,
  PAID,
  readArchive,
  runAt,
} from '../archive/bucket.ts'
import { Crashing } from '../archive/crashing.ts'
import { consumeTask, endLease, runMaintenance, runMaintenanceAll } from '../run-maintenance.ts'
import { Invocation, limitD1, PLANS } from '../strict/index.ts'

beforeEach(clearBucket)

const ERASED_AT = LATER - 60 * MINUTE_MS

/** The limit of an invocation on the free plan. It is undocumented whether each statement of a batch counts. */
const MAX_STATEMENTS = 50
const RUNS_PER_DAY = 96

const underWay = async () =>
  (await env.DB.prepare(
    'SELECT count(*) AS n FROM erasures WHERE finishedAt IS NULL',
  ).first<number>('n')) ?? 0

async function start(contactId: number): Promise<number> {
  const target = { contactIds: [String(contactId)], identifiers: [] }
  return (await startErasure(env.DB, target, false, ERASED_AT)).number
}

describe('sixty erasures with an archive', () => {
  it('stay within the budget of each invocation, and finish', async () => {
    for (let day = 0; day < 8; day++) await fillDay(day, 100)
    await runMaintenanceAll(LATER - 10 * 60 * MINUTE_MS, { ...KEEP, KEEP_DAYS: '9' })
    expect(await count('activity')).toBe(0)
    for (let contactId = 0; contactId < 60; contactId++) await start(contactId)
    let max = 0
    let db = env.DB
    const DB = {
      prepare: (sql: string) => db.prepare(sql),
      batch: (statements: D1PreparedStatement[]) => db.batch(statements),
    } as D1Database
    const bindings = { ...env, ...FREE, YESPO_API_KEY: 'key', DB } as Env
    for (let index = 0; (await underWay()) > 0 && index < RUNS_PER_DAY; index++) {
      await runMaintenance(bindings, LATER + index * 15 * MINUTE_MS, async (invoke) => {
        const invocation = new Invocation('scheduled', { limits: PLANS.paid })
        db = limitD1(env.DB, invocation)
        await invoke()
        max = Math.max(max, invocation.counts.statements)
      })
    }
    expect(await underWay()).toBe(0)
    expect((await readArchive()).length).toBe(8 * 40)
    expect(max).toBeLessThan(MAX_STATEMENTS)
  }, 300_000)
})

describe('an erasure', () => {
  it('of very many events delays no others, and advances with each run', async () => {
    await fillDay(0, 6_000)
    await env.DB.prepare('UPDATE activity SET contactId = 1 WHERE contactId <> 2').run()
    const [first, second] = [await start(1), await start(2)]
    const stateOf = async (number: number) =>
      env.DB.prepare('SELECT finishedAt FROM erasures WHERE number = ?')
        .bind(number)
        .first('finishedAt')
    const body = encodeTask({ task: 'erasures', left: 1 })
    const alone = { ...env, ...FREE, ARCHIVE: undefined, TASKS: faultyQueue(undefined) } as Env
    let now = LATER
    const takeStep = () => consumeTask(body, alone, now++)
    for (let index = 0; (await stateOf(second)) === null; index++) {
      expect(index).toBeLessThan(4)
      await takeStep()
    }
    expect(await stateOf(first)).toBeNull()
    for (let index = 4; (await stateOf(first)) === null; index++) {
      const before = await env.DB.prepare('SELECT target FROM erasures WHERE number = ?')
        .bind(first)
        .first('target')
      const left = await count('activity')
      await takeStep()
      const after = await env.DB.prepare('SELECT target FROM erasures WHERE number = ?')
        .bind(first)
        .first('target')
      expect([after, await count('activity')]).not.toEqual([before, left])
    }
    expect(await count('activity')).toBe(0)
  })

  it.each(['fails', 'is cut off'])('that always %s delays no others', async (how) => {
    await fillDay(0, 10)
    const [first, second] = [await start(1), await start(2)]
    const poison = JSON.stringify(['1'])
    const ALONE = { ...FREE, ARCHIVE: undefined }
    for (let index = 0; index < 12; index++) {
      const crashing = new Crashing({ call: 0, when: 'before', isKill: true })
      const db = crashing.database(env.DB, (values) => {
        if (values[0] !== poison) return
        if (how === 'fails') throw new Error('D1_ERROR: unknown')
        crashing.die()
      })
      await Promise.race([crashing.killed, runAt(index, { ...ALONE, DB: db })])
      await endLease()
    }
    const { results } = await env.DB.prepare(
      'SELECT number, finishedAt IS NULL AS isLeft FROM erasures',
    ).all()
    expect(results).toEqual([
      { number: first, isLeft: 1 },
      { number: second, isLeft: 0 },
    ])
    // The other scheduled tasks ran, too.
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM key_values WHERE name = 'check.last'").first(
        'n',
      ),
    ).toBe(1)
  })
})

describe('an archive file', () => {
  async function moveDays(days: number): Promise<void> {
    for (let day = 0; day < days; day++) await fillDay(day, 10)
    await runMaintenanceAll(LATER - 10 * 60 * MINUTE_MS, { ...PAID, KEEP_DAYS: '9' })
  }

  it('that is missing delays no erasures, is reported, and is searched once it is back', async () => {
    await moveDays(3)
    const [key = ''] = await keysOf('2024-01-02')
    const content = await (await ARCHIVE.get(key))?.arrayBuffer()
    await ARCHIVE.delete(key)
    await start(1)
    let index = 0
    for (; (await underWay()) > 0; index++) {
      expect(index).toBeLessThan(20)
      await runAt(index)
    }
    const reported = async () =>
      (await readStatus({ ...env, ...FREE } as Env, Date.now())).retention.error
    expect(await reported()).toContain('not in the bucket')
    await ARCHIVE.put(key, content ?? '')
    for (; (await reported()) !== null || (await underWay()) > 0; index++) {
      expect(index).toBeLessThan(60)
      await runAt(index)
    }
    expect((await listFiles()).map(({ events }) => events)).toEqual([9, 9, 9])
  })

  it('that cannot be read leaves erasures unfinished, but the other files are searched', async () => {
    await moveDays(3)
    const [key = ''] = await keysOf('2024-01-02')
    const content = await (await ARCHIVE.get(key))?.arrayBuffer()
    await ARCHIVE.put(key, 'no Parquet')
    await start(1)
    for (let index = 0; index < 20; index++) await runAt(index)
    expect(await underWay()).toBe(1)
    const events = async () => (await listFiles()).map((file) => file.events)
    expect(await events()).toEqual([9, 10, 9])
    await start(2) // a later one does not wait
    for (let index = 20; index < 40; index++) await runAt(index)
    expect(await events()).toEqual([8, 10, 8])
    await ARCHIVE.put(key, content ?? '')
    for (let index = 40; (await underWay()) > 0; index++) {
      expect(index).toBeLessThan(80)
      await runAt(index)
    }
    expect(await events()).toEqual([8, 8, 8])
  })

  it.each(['before', 'after'] as const)(
    'is searched completely even if the run is killed %s every fifth call',
    async (when) => {
      for (let [call, isOver] = [1, false]; !isOver; call += 5) {
        await clearTables()
        await clearBucket()
        await moveDays(2)
        for (const contactId of [1, 2]) await start(contactId)
        const crashing = new Crashing({ call, when, isKill: true })
        const bindings = { DB: crashing.database(env.DB), ARCHIVE: crashing.bucket(ARCHIVE) }
        const killed = runAt(0, { ...PAID, ...bindings })
        isOver = await Promise.race([crashing.killed.then(() => false), killed.then(() => true)])
        await endLease()
        for (let index = 2; (await underWay()) > 0; index++) {
          expect(index).toBeLessThan(40)
          await runAt(index, PAID)
        }
        const left = (await readArchive()).map(({ contactId }) => contactId)
        expect(new Set(left)).toEqual(new Set([0, 3, 4, 5, 6, 7, 8, 9]))
      }
    },
    300_000,
  )
})
