import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/event/clock.ts'
import { encodeTask } from '../../src/platform/tasks.ts'
import { discardObjects } from '../../src/db/archive/garbage.ts'
import { rebuild } from '../../src/db/derived/rebuild.ts'
import { readRows } from '../../src/parquet/decode.ts'
import { encodeParquet } from '../../src/parquet/encode.ts'
import { COLUMNS } from '../../src/db/events/select-events.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count, list, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import {
  consumeTask,
  endLease,
  runMaintenance,
  runMaintenanceAll,
  runTask,
} from '../run-maintenance.ts'
import {
  ARCHIVE,
  fillDay,
  FREE,
  KEEP,
  keysOf,
  LATER,
  listFiles,
  PAID,
  readArchive,
} from './bucket.ts'
import { Crashing, type Crash } from './crashing.ts'

const day = (days: number, time = '12:00:00') =>
  `${new Date(Date.UTC(2024, 0, 1 + days)).toISOString().slice(0, 10)}T${time}`

beforeEach(clearBucket)

async function moveAll(from = LATER, changed: object = {}): Promise<void> {
  await runMaintenanceAll(from, { ...KEEP, ...changed })
}

type Row = Record<string, unknown>

async function readTable(): Promise<Row[]> {
  const sql = `SELECT ${COLUMNS} FROM activity CROSS JOIN campaigns USING (campaign) ORDER BY occurredAt, activity.id`
  return (await env.DB.prepare(sql).all<Row>()).results
}

const totals = async () => (await env.DB.prepare('SELECT * FROM totals').all()).results
const keys = async () =>
  (await ARCHIVE.list({ prefix: 'activity/data/' })).objects.map(({ key }) => key)
const idOf = (row: Row) => `${String(row['occurredAt'])}.${String(row['id'])}`

describe('old events', () => {
  it('are archived day by day, unchanged, and their totals and identifiers stay', async () => {
    await store(
      buildEvent({ activityDateTime: day(0), contactId: 1, hardBounce: false, extra: [1] }),
      buildEvent({ activityDateTime: day(0, '23:59:59'), contactId: 2, email: 'b@example.com' }),
      buildEvent({
        activityDateTime: day(1, '00:00:00'),
        contactId: 1,
        unheardOf: { deep: [null] },
      }),
    )
    const [before, counted, listed] = [await readTable(), await totals(), await list()]
    await moveAll(LATER, PAID)
    expect(await readTable()).toEqual([])
    expect(await readArchive()).toEqual(before)
    expect(await list()).toEqual(listed)
    expect(await totals()).toEqual(counted)
    expect(await count('contact_identifiers')).toBe(2)
    expect(await keys()).toEqual(await keysOf('2024-01-01', '2024-01-02'))
    expect(await keys()).toHaveLength(2)
  })

  it('stay until both their time and their arrival are old enough', async () => {
    const at = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 19)
    await store(
      buildEvent({ activityDateTime: at(12) }),
      buildEvent({ activityDateTime: at(-3), contactId: 5 }),
    )
    await moveAll(Date.now())
    expect(await count('activity')).toBe(2)
    await moveAll(Date.now() + 11 * DAY_MS)
    expect(await readTable()).toMatchObject([{ contactId: 5 }])
  })

  it.each([
    ['if KEEP_DAYS is 0', { KEEP_DAYS: '0' }],
    ['without a bucket', { ARCHIVE: undefined }],
  ])('stay %s', async (_case, changed) => {
    await store(buildEvent({ activityDateTime: day(0) }))
    await runMaintenance({ ...env, ...KEEP, ...changed } as Env, LATER)
    expect(await count('activity')).toBe(1)
    expect(await count('archive')).toBe(0)
  })

  it('of one day are in several files if there are many', async () => {
    const text = 'x'.repeat(1_000_000)
    for (let second = 10; second < 20; second++)
      await store(buildEvent({ activityDateTime: day(0, `12:00:${second}`), notes: text }))
    const before = await readTable()
    await moveAll()
    expect(await readArchive()).toEqual(before)
    expect(await keys()).toHaveLength(2)
  })

  it('are not counted again by a rebuild', async () => {
    await store(buildEvent({ activityDateTime: day(0) }), buildEvent({ activityDateTime: day(0) }))
    await moveAll()
    await store(buildEvent({ activityDateTime: day(40) }))
    const before = await totals()
    await rebuild(env.DB, undefined)
    expect(await totals()).toEqual(before)
  })
})

it('keeps objects for an hour after they were replaced, as someone may still read them', async () => {
  const [older, newer] = [1, 2].map((file) => `activity/data/month=2024-01/${file}-1.parquet`)
  for (const [key = '', minutes] of [
    [older, 61],
    [newer, 59],
  ] as const) {
    await ARCHIVE.put(key, 'content')
    await discardObjects(env.DB, [key], LATER - minutes * MINUTE_MS).run()
  }
  await runTask('archive', { ...env, ...KEEP }, LATER)
  expect(await keys()).toEqual([newer])
  await runTask('archive', { ...env, ...KEEP }, LATER + 2 * MINUTE_MS)
  expect(await keys()).toEqual([])
})

it('keeps earlier versions of the metadata for an hour', async () => {
  for (const days of [0, 1]) {
    await store(buildEvent({ activityDateTime: day(days) }))
    await moveAll(LATER + days * DAY_MS)
  }
  const { objects } = await ARCHIVE.list({ prefix: 'activity/metadata/v' })
  expect(objects.map(({ key }) => key)).toContain('activity/metadata/v1.metadata.json')
})

it('starts no files for further days while those of five days fail', async () => {
  for (let days = 0; days < 8; days++) await fillDay(days, 1)
  const put = () => Promise.reject(new Error('down'))
  const bucket = { ...new Crashing().bucket(ARCHIVE), put } as unknown as R2Bucket
  for (let run = 0; run < 10; run++) {
    await runTask('archive', { ...env, ...KEEP, ARCHIVE: bucket } as Env, LATER + run * HOUR_MS)
  }
  expect(await listFiles()).toHaveLength(5)
  expect(await count('activity')).toBe(8)
})

describe('an event of an archived day', () => {
  it('is neither stored nor counted twice if it arrives again', async () => {
    const event = buildEvent({ activityDateTime: day(0) })
    await store(event)
    await moveAll()
    const before = await totals()
    await store(event)
    await moveAll(LATER + DAY_MS)
    expect(await readTable()).toEqual([])
    expect(await readArchive()).toHaveLength(1)
    expect(await totals()).toEqual(before)
  })

  it('can be read at once if it is new, is counted once, and is archived when it is old', async () => {
    await store(buildEvent({ activityDateTime: day(0) }))
    await moveAll()
    const late = buildEvent({ activityDateTime: day(0), iid: 'late', contactId: 77 })
    await store(late)
    await store(late)
    expect((await list()).activity.map(({ iid }) => iid)).toContain('late')
    await moveAll(Date.now())
    await store(late)
    expect(await totals()).toMatchObject([{ events0: 2, contacts0: 2 }])
    expect((await read('/deliveries/late')).status).toBe(200)
    await moveAll(LATER + DAY_MS)
    expect(await readTable()).toEqual([])
    expect((await readArchive()).map((row) => row['iid'])).toContain('late')
    expect(await readArchive()).toHaveLength(2)
    expect(await totals()).toMatchObject([{ events0: 2, contacts0: 2 }])
  })

  it('moves the count of its contact to the first event, and subtracts nothing from hours that did not count it', async () => {
    const read = { iid: 'one', contactId: 7, activityStatus: 'READ' }
    await store(buildEvent({ activityDateTime: day(0) }))
    await moveAll()
    await store(
      buildEvent({ ...read, activityDateTime: day(30) }),
      buildEvent({ ...read, activityDateTime: day(30), iid: 'two', contactId: 8 }),
    )
    await store(buildEvent({ ...read, activityDateTime: day(0) }))
    await moveAll(Date.now())
    const sql = `SELECT hour, contacts0 FROM totals WHERE activityStatus = 'READ' ORDER BY hour`
    expect((await env.DB.prepare(sql).all()).results).toMatchObject([
      { contacts0: 1 },
      { contacts0: 1 },
    ])
  })
})

describe('a file that is not in the bucket as it was written', () => {
  const cut = async (content: ArrayBuffer) => content.slice(0, -20)
  const dropLast = async (content: ArrayBuffer) => {
    const slice = (start: number, end?: number) => content.slice(start, end)
    return encodeParquet((await readRows({ byteLength: content.byteLength, slice })).slice(0, -1))
  }

  it.each([
    ['cut off', cut, /parquet/],
    ['without its last event', dropLast, /it is not what was written$/],
  ])('but %s has nothing moved, and is written again', async (_case, damage, reason) => {
    await store(buildEvent({ activityDateTime: day(0) }), buildEvent({ activityDateTime: day(0) }))
    const before = await readTable()
    const put = async (key: string, content: ArrayBuffer, options?: R2PutOptions) =>
      ARCHIVE.put(key, key.endsWith('.parquet') ? await damage(content) : content, options)
    const bucket = { ...new Crashing().bucket(ARCHIVE), put } as unknown as R2Bucket
    await runTask('archive', { ...env, ...KEEP, ARCHIVE: bucket } as Env, LATER)
    expect(await readTable()).toEqual(before)
    const [file] = await listFiles()
    expect(file).toMatchObject({ state: 'begun', events: 0 })
    expect(file?.error).toMatch(reason)
    await moveAll(LATER + HOUR_MS)
    expect(await readTable()).toEqual([])
    expect(await readArchive()).toEqual(before)
  })

  it('but was cut off later, has no other event deleted here', async () => {
    await store(buildEvent({ activityDateTime: day(0) }), buildEvent({ activityDateTime: day(0) }))
    const before = await readTable()
    const step = () =>
      consumeTask(encodeTask({ task: 'archive', left: 0 }), { ...env, ...FREE } as Env, LATER)
    for (let steps = 0; steps < 5 && (await listFiles()).length === 0; steps++) await step()
    expect(await listFiles()).toMatchObject([{ state: 'written' }])
    const [key = ''] = await keys()
    const content = (await (await ARCHIVE.get(key))?.arrayBuffer()) ?? new ArrayBuffer()
    await ARCHIVE.put(key, await cut(content))
    await step()
    expect(await readTable()).toEqual(before)
    await ARCHIVE.put(key, content)
    await moveAll(LATER + DAY_MS)
    expect(await readTable()).toEqual([])
    expect(await readArchive()).toEqual(before)
  })
})

describe('an interruption', () => {
  const events = [
    buildEvent({ activityDateTime: day(0), contactId: 1 }),
    buildEvent({ activityDateTime: day(0), contactId: 2 }),
    buildEvent({ activityDateTime: day(1), contactId: 1 }),
  ]
  const late = [
    buildEvent({ activityDateTime: day(0), contactId: 3 }),
    buildEvent({ activityDateTime: day(1), contactId: 4 }),
  ]

  /** One interrupted run, and then as many as needed. @returns the calls of the first */
  async function run(crash: Crash, from: number): Promise<number> {
    const crashing = new Crashing(crash)
    const bindings = { DB: crashing.database(env.DB), ARCHIVE: crashing.bucket(ARCHIVE) }
    await runTask('archive', { ...env, ...KEEP, ...bindings }, from)
    await endLease()
    await runTask('archive', { ...env, ...KEEP }, from + HOUR_MS)
    return crashing.calls
  }

  async function expectAllOnce(expected: readonly Row[]): Promise<void> {
    const found = [...(await readArchive()), ...(await readTable())]
    expect(found.map(idOf).toSorted()).toEqual(expected.map(idOf).toSorted())
  }

  // For the database and the bucket, after a call is before the next: only its caller sees a difference.
  it.each([
    ['before', 4],
    ['after', 5],
  ] as const)(
    '%s each call (stride %i) neither loses nor duplicates a row',
    async (when, stride) => {
      for (let [call, isOver] = [1, false]; !isOver; call += stride) {
        await clearTables()
        await clearBucket()
        await store(...events)
        const before = await readTable()
        const made = await run({ call, when }, LATER)
        await expectAllOnce(before)
        expect(await readTable()).toEqual([])
        // Again, with late arrivals for archived days: one repeated event and two new ones.
        await store(...events.slice(0, 1), ...late)
        const known = new Set(before.map(idOf))
        const added = (await readTable()).filter((row) => !known.has(idOf(row)))
        const again = await run({ call, when }, Date.now())
        isOver = Math.max(made, again) < call // nothing was interrupted
        await expectAllOnce([...before, ...added])
        const sql = 'SELECT sum(events0) AS events FROM totals'
        expect(await env.DB.prepare(sql).first('events')).toBe(5)
      }
    },
    600_000,
  )
})
