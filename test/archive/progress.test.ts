import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { readStatus } from '../../src/monitoring/api.ts'
import { keyOfFile } from '../../src/db/archive/files.ts'
import { encodeTask } from '../../src/platform/tasks.ts'
import { listToMove } from '../../src/db/archive/moves.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { store } from '../store-events.ts'
import {
  ARCHIVE,
  fillDay,
  FREE,
  keysOf,
  LATER,
  listFiles,
  PAID,
  readArchive,
  runAt,
} from './bucket.ts'
import { Crashing } from './crashing.ts'
import { consumeTask, endLease, runMaintenance } from '../run-maintenance.ts'

beforeEach(clearBucket)

/** The progress of the receiver: any step changes it. */
async function progress(): Promise<string> {
  const files = (await listFiles()).map(({ day, file, state, reached }) => [
    day,
    file,
    state,
    reached,
  ])
  const batch = await env.DB.prepare(
    "SELECT value FROM key_values WHERE name = 'late.batch'",
  ).first('value')
  return JSON.stringify([await count('activity'), await count('late_arrivals'), batch, files])
}

async function runAll(changed: object, max: number): Promise<number> {
  for (let index = 0; index < max; index++) {
    const before = await progress()
    await runAt(index, changed)
    if ((await count('activity')) + (await count('late_arrivals')) === 0) return index + 1
    expect(await progress()).not.toBe(before)
  }
  throw new Error(`after ${max} runs: ${await progress()}`)
}

describe('a day with more events than a run can delete', () => {
  it('is archived on the free plan, step by step, and then the next day', async () => {
    await fillDay(0, 15_000)
    await fillDay(1, 10)
    expect(await runAll(FREE, 20)).toBeLessThan(12)
    expect(
      new Set(
        (await readArchive()).map(({ contactId, occurredAt }) => `${contactId} ${occurredAt}`),
      ).size,
    ).toBe(15_010)
  })

  it('is in several files', async () => {
    await fillDay(0, 60_000)
    await runAll(PAID, 20)
    expect((await listFiles()).map(({ events, state }) => [events, state])).toEqual([
      [25_000, 'done'],
      [25_000, 'done'],
      [10_000, 'done'],
    ])
    expect((await readArchive()).length).toBe(60_000)
  }, 300_000)

  it.each(['before', 'after'] as const)(
    'continues from where it stopped if it is killed %s any call',
    async (when) => {
      for (let [call, isOver] = [1, false]; !isOver; call += 5) {
        await clearTables()
        await clearBucket()
        await fillDay(0, 2_500)
        await fillDay(1, 1)
        const crashing = new Crashing({ call, when, isKill: true })
        const bindings = { DB: crashing.database(env.DB), ARCHIVE: crashing.bucket(ARCHIVE) }
        const killed = runMaintenance({ ...env, ...PAID, ...bindings } as Env, LATER)
        isOver = await Promise.race([crashing.killed.then(() => false), killed.then(() => true)])
        await endLease()
        for (let index = 2; (await count('activity')) > 0 && index < 20; index++) {
          await runAt(index, PAID)
        }
        await runAt(20, PAID)
        expect((await listFiles()).map(({ state }) => state)).not.toContain('begun')
        expect(await count('activity')).toBe(0)
        expect((await readArchive()).length).toBe(2_501)
      }
    },
    300_000,
  )
})

describe('a file that takes too long to write', () => {
  it('is retried with fewer events, and so are the others of its day', async () => {
    await fillDay(0, 1_000)
    await fillDay(1, 1_000)
    for (let index = 0; (await count('activity')) > 0; index += 2) {
      expect(index).toBeLessThan(60)
      await runOrDie(index, 12_000)
    }
    expect((await listFiles()).map(({ maxRows, events }) => [maxRows, events])).toEqual(
      [390, 390, 220, 390, 390, 220].map((events) => [390, events]),
    )
  })

  /** One run, which the runtime kills as soon as it writes a larger file. */
  async function runOrDie(index: number, maxBytes: number): Promise<void> {
    const crashing = new Crashing({ call: 0, when: 'before', isKill: true })
    const bucket = crashing.bucket(ARCHIVE)
    const put = (key: string, value: ArrayBuffer, options: R2PutOptions) => {
      if (value.byteLength > maxBytes) crashing.die()
      return bucket.put(key, value, options)
    }
    const bindings = {
      DB: crashing.database(env.DB),
      ARCHIVE: { ...bucket, put } as unknown as R2Bucket,
    }
    await Promise.race([crashing.killed, runAt(index, { ...PAID, ...bindings })])
    await endLease()
  }
})

describe('a file that is missing from the bucket', () => {
  async function loseFirst(): Promise<[key: string, content: ArrayBuffer]> {
    await fillDay(0, 1_000)
    const body = encodeTask({ task: 'archive', left: 0 })
    await consumeTask(body, { ...env, ...FREE } as Env, LATER)
    const [file] = await listFiles()
    if (!file) throw new Error('no file')
    expect(file.state).toBe('written')
    const key = keyOfFile(file)
    const content = await (await ARCHIVE.get(key))?.arrayBuffer()
    await ARCHIVE.delete(key)
    return [key, content ?? new ArrayBuffer()]
  }

  it('delays no other day, is reported, and is continued once it is back', async () => {
    const [key, content] = await loseFirst()
    await fillDay(1, 200)
    const left = (await count('activity')) - 200
    for (let index = 2; index < 8; index++) await runAt(index)
    const states = async () => {
      const moved = (await listFiles()).filter(({ state }) => state !== 'merging')
      return moved.map(({ state }) => state)
    }
    expect([await count('activity'), await states()]).toEqual([left, ['written', 'done']])
    const status = await readStatus({ ...env, ...FREE } as Env, Date.now())
    expect(status.retention.error).toContain(key)
    expect(status.problems.map(({ name }) => name)).toContain('archive')
    await ARCHIVE.put(key, content)
    for (let index = 8; index < 11; index++) await runAt(index)
    for (let index = 96; index < 99; index++) await runAt(index) // the rest of its day, a day later
    expect([await count('activity'), new Set(await states())]).toEqual([0, new Set(['done'])])
    const after = await readStatus({ ...env, ...FREE } as Env, Date.now())
    expect([after.retention.error, after.status]).toEqual([null, 'ok'])
  })
})

describe('late arrivals for archived days', () => {
  it('are looked up a limited number at a time, while others are archived', async () => {
    await fillDay(0, 10)
    await runAll(FREE, 10)
    await fillDay(0, 2_500)
    await env.DB.prepare('INSERT INTO late_arrivals SELECT occurredAt, id FROM activity').run()
    await env.DB.prepare('UPDATE activity SET receivedAt = ?').bind(LATER).run()
    await fillDay(1, 4_000)
    let index = 96 // the next day
    for (; (await count('late_arrivals')) > 0 || (await count('activity')) > 2_490; index++) {
      const before = await progress()
      await runAt(index)
      expect(await progress()).not.toBe(before)
      expect(index).toBeLessThan(118)
    }
    expect(await count('activity')).toBe(2_490)
    const sql = 'SELECT sum(events0 + events1 + events2 + events3) AS events FROM totals'
    expect(await env.DB.prepare(sql).first('events')).toBe(2_490)
  })

  it.each([
    ['2024-01-01', 'moved'],
    ['2024-01-02', 'moved'],
    ['2024-01-01', 'merged'],
    ['2024-01-02', 'merged'],
  ])('wait for a missing file (of %s, %s), and delay no other day', async (missing, origin) => {
    await fillDay(0, 10)
    await fillDay(1, 10)
    await runAll(PAID, 10)
    if (origin === 'merged') await env.DB.prepare('UPDATE archive SET day = NULL').run()
    await ARCHIVE.delete(await keysOf(missing))
    await store(buildEvent({ activityDateTime: `${missing}T12:00:00` }))
    await runAt(19)
    const other = missing === '2024-01-01' ? '2024-01-02' : '2024-01-01'
    await store(buildEvent({ activityDateTime: `${other}T12:00:00` }))
    for (let index = 20; index < 30; index++) await runAt(index)
    const sql = 'SELECT occurredAt FROM late_arrivals'
    expect((await env.DB.prepare(sql).all()).results).toEqual([
      { occurredAt: Date.parse(`${missing}T12:00:00Z`) },
    ])
  })
})

it('reads no more long events at once than the database can return', async () => {
  const day = Date.UTC(2024, 0, 1)
  await env.DB.prepare(`INSERT OR IGNORE INTO campaigns (key) VALUES ('[]')`).run()
  await env.DB.prepare(
    `INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign, extra)
     SELECT ?1 + json_each.key, unhex(printf('%032d', json_each.key)), 1, ?1, 'webhook', campaign, hex(zeroblob(500000))
     FROM json_each(?2) CROSS JOIN campaigns WHERE campaigns.key = '[]'`,
  )
    .bind(day, JSON.stringify(Array.from({ length: 30 }, () => 0)))
    .run()
  const cutoff = { occurredBefore: LATER, receivedBefore: LATER }
  const page = await listToMove(env.DB, day, cutoff, undefined, 5_000)
  expect(page.length).toBe(10)
  const rest = await listToMove(env.DB, day, cutoff, page.at(-1), 5_000)
  expect(rest[0]?.occurredAt).toBe(day + 10)
})
