import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../src/event/clock.ts'
import { runMaintenance } from '../../src/schedule.ts'
import { readStatus } from '../../src/monitoring/api.ts'
import { startErasure } from '../../src/db/erasure/erasures.ts'
import { countCalls } from '../count-calls.ts'
import { faultyQueue } from '../faulty.ts'
import { clearTables, count } from '../receiver.ts'
import {
  ARCHIVE,
  clearBucket,
  fillDay,
  KEEP,
  LATER,
  listFiles,
  readArchive,
} from '../archive/bucket.ts'
import { Crashing } from '../archive/crashing.ts'
import { endLease, runMaintenanceAll } from '../run-maintenance.ts'

beforeEach(clearBucket)

const PAID = { ...KEEP, CLOUDFLARE_PLAN: 'paid' }
const FREE = { ...KEEP, CLOUDFLARE_PLAN: 'free' }
const ASKED = LATER - 60 * MINUTE_MS

/** What an invocation has on the plan free; whether each statement of a batch counts is not settled. */
const MAX_STATEMENTS = 50
const RUNS_OF_A_DAY = 288

async function run(place: number, changed: object = FREE): Promise<void> {
  await runMaintenance({ ...env, ...changed } as Env, LATER + place * 5 * MINUTE_MS)
}

const underWay = async () =>
  (await env.DB.prepare(
    'SELECT count(*) AS n FROM erasures WHERE finishedAt IS NULL',
  ).first<number>('n')) ?? 0

async function ask(contactId: number): Promise<number> {
  const forgotten = { contactIds: [String(contactId)], identifiers: [] }
  return (await startErasure(env.DB, forgotten, false, ASKED)).number
}

describe('sixty erasures with an archive', () => {
  it('take no more of a run than it has, and are finished all the same', async () => {
    for (let day = 0; day < 8; day++) await fillDay(day, 100)
    await runMaintenanceAll(LATER - 10 * 60 * MINUTE_MS, { ...KEEP, KEEP_DAYS: '9' })
    expect(await count('activity')).toBe(0)
    for (let contactId = 0; contactId < 60; contactId++) await ask(contactId)
    const most = { calls: 0, statements: 0 }
    const bindings = { ...FREE, YESPO_API_KEY: 'key', WINDOWS: faultyQueue(undefined) }
    for (let place = 0; (await underWay()) > 0 && place < RUNS_OF_A_DAY; place++) {
      const counted = countCalls(env.DB)
      await run(place, { ...bindings, DB: counted.db })
      most.calls = Math.max(most.calls, counted.made.calls)
      most.statements = Math.max(most.statements, counted.made.statements)
    }
    expect(await underWay()).toBe(0)
    expect((await readArchive()).length).toBe(8 * 40)
    expect(most.statements, JSON.stringify(most)).toBeLessThan(MAX_STATEMENTS)
  }, 300_000)
})

describe('one erasure', () => {
  it('of very many events holds up no other, and moves on with each run', async () => {
    await fillDay(0, 6_000)
    await env.DB.prepare('UPDATE activity SET contactId = 1 WHERE contactId <> 2').run()
    const [first, second] = [await ask(1), await ask(2)]
    const stateOf = async (number: number) =>
      env.DB.prepare('SELECT finishedAt FROM erasures WHERE number = ?')
        .bind(number)
        .first('finishedAt')
    const ALONE = { ...FREE, ARCHIVE: undefined }
    for (let place = 0; (await stateOf(second)) === null; place++) {
      expect(place).toBeLessThan(4)
      await run(place, ALONE)
    }
    expect(await stateOf(first)).toBeNull()
    for (let place = 4; (await stateOf(first)) === null; place++) {
      const before = await env.DB.prepare('SELECT target FROM erasures WHERE number = ?')
        .bind(first)
        .first('target')
      const left = await count('activity')
      await run(place, ALONE)
      const after = await env.DB.prepare('SELECT target FROM erasures WHERE number = ?')
        .bind(first)
        .first('target')
      expect([after, await count('activity')]).not.toEqual([before, left])
    }
    expect(await count('activity')).toBe(0)
  })

  it.each(['fails', 'is cut off'])('that always %s holds up no other', async (how) => {
    await fillDay(0, 10)
    const [first, second] = [await ask(1), await ask(2)]
    const poison = JSON.stringify(['1'])
    const ALONE = { ...FREE, ARCHIVE: undefined }
    for (let place = 0; place < 12; place++) {
      const crashing = new Crashing({ call: 0, when: 'before', isKill: true })
      const db = crashing.database(env.DB, (values) => {
        if (values[0] !== poison) return
        if (how === 'fails') throw new Error('D1_ERROR: nobody knows')
        crashing.die()
      })
      await Promise.race([crashing.killed, run(place, { ...ALONE, DB: db })])
      await endLease()
    }
    const { results } = await env.DB.prepare(
      'SELECT number, finishedAt IS NULL AS isLeft FROM erasures',
    ).all()
    expect(results).toEqual([
      { number: first, isLeft: 1 },
      { number: second, isLeft: 0 },
    ])
    // What else the schedule does was done, too.
    expect(
      await env.DB.prepare("SELECT count(*) AS n FROM key_values WHERE name = 'check.last'").first(
        'n',
      ),
    ).toBe(1)
  })
})

describe('a file of the archive', () => {
  async function moveDays(days: number): Promise<void> {
    for (let day = 0; day < days; day++) await fillDay(day, 10)
    await runMaintenanceAll(LATER - 10 * 60 * MINUTE_MS, { ...PAID, KEEP_DAYS: '9' })
  }

  it('that is not there keeps no erasure from being finished, is told, and is looked at once it is back', async () => {
    await moveDays(3)
    const key = 'activity/day=2024-01-02/1.parquet'
    const content = await (await ARCHIVE.get(key))?.arrayBuffer()
    await ARCHIVE.delete(key)
    await ask(1)
    let place = 0
    for (; (await underWay()) > 0; place++) {
      expect(place).toBeLessThan(20)
      await run(place)
    }
    const told = async () =>
      (await readStatus({ ...env, ...FREE } as Env, Date.now())).retention.fault
    expect(await told()).toContain('not in the bucket')
    await ARCHIVE.put(key, content ?? '')
    for (; (await told()) !== null || (await underWay()) > 0; place++) {
      expect(place).toBeLessThan(60)
      await run(place)
    }
    expect((await listFiles()).map(({ events }) => events)).toEqual([9, 9, 9])
  })

  it('that cannot be read keeps erasures from being finished, and none from the other files', async () => {
    await moveDays(3)
    const key = 'activity/day=2024-01-02/1.parquet'
    const content = await (await ARCHIVE.get(key))?.arrayBuffer()
    await ARCHIVE.put(key, 'no Parquet')
    await ask(1)
    for (let place = 0; place < 20; place++) await run(place)
    expect(await underWay()).toBe(1)
    const events = async () => (await listFiles()).map((file) => file.events)
    expect(await events()).toEqual([9, 10, 9])
    await ask(2) // who comes later is not kept waiting
    for (let place = 20; place < 40; place++) await run(place)
    expect(await events()).toEqual([8, 10, 8])
    await ARCHIVE.put(key, content ?? '')
    for (let place = 40; (await underWay()) > 0; place++) {
      expect(place).toBeLessThan(80)
      await run(place)
    }
    expect(await events()).toEqual([8, 8, 8])
  })

  it.each(['before', 'after'] as const)(
    'is gone through where that is killed %s any call',
    async (when) => {
      for (let [call, isOver] = [1, false]; !isOver; call += 2) {
        await clearTables()
        await clearBucket()
        await moveDays(2)
        for (const contactId of [1, 2]) await ask(contactId)
        const crashing = new Crashing({ call, when, isKill: true })
        const bindings = { DB: crashing.database(env.DB), ARCHIVE: crashing.bucket(ARCHIVE) }
        const killed = run(0, { ...PAID, ...bindings })
        isOver = await Promise.race([crashing.killed.then(() => false), killed.then(() => true)])
        await endLease()
        for (let place = 2; (await underWay()) > 0; place++) {
          expect(place).toBeLessThan(40)
          await run(place, PAID)
        }
        const left = (await readArchive()).map(({ contactId }) => contactId)
        expect(new Set(left)).toEqual(new Set([0, 3, 4, 5, 6, 7, 8, 9]))
      }
    },
    300_000,
  )
})
