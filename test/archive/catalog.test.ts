import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { commitChanges } from '../../src/archive/commit-changes.ts'
import { openArchive } from '../../src/archive/open.ts'
import { readAllFiles, readTable } from '../../src/archive/table/read.ts'
import { markAllChanged, markChanged, readChanges } from '../../src/db/archive/changes.ts'
import { keyOfFile, monthOf } from '../../src/db/archive/files.ts'
import { DAY_MS } from '../../src/event/clock.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { store } from '../store-events.ts'
import { KEEP, LATER, listFiles, readArchive } from './bucket.ts'
import { RestStub, STUB } from './table/rest-stub.ts'

const JANUARY = Date.UTC(2024, 0)
const CATALOG = {
  ...KEEP,
  CATALOG_URL: STUB.url,
  CATALOG_WAREHOUSE: STUB.warehouse,
  CATALOG_TOKEN: STUB.token,
}

let stub: RestStub

beforeEach(async () => {
  await Promise.all([clearBucket(), clearTables()])
  stub = new RestStub('s3://yespo-archive/of-the-catalog/1', async () => {})
  vi.spyOn(globalThis, 'fetch').mockImplementation(stub.fetch)
})

afterEach(() => vi.restoreAllMocks())

function open(changed: object) {
  const archive = openArchive({ ...env, ...changed } as Env)
  if (!archive) throw new Error('There is no bucket.')
  return archive
}

/** The keys of the files in the table, and of those that the database lists. */
async function compare(changed: object): Promise<[table: string[], database: string[]]> {
  const { bucket, catalog } = open(changed)
  const found = await readTable(bucket, catalog, JANUARY)
  return [found.map(({ key }) => key), (await listFiles()).map(keyOfFile)]
}

it('moves events through a REST catalog, which gets the files from before, too', async () => {
  await store(buildEvent({ contactId: 1, activityDateTime: '2024-01-01T12:00:00' }))
  await runMaintenanceAll(LATER, KEEP)
  expect(stub.requests).toEqual([])
  await store(buildEvent({ contactId: 2, activityDateTime: '2024-01-02T12:00:00' }))
  await runMaintenanceAll(LATER + DAY_MS, CATALOG)
  expect(await count('activity')).toBe(0)
  const [table, database] = await compare(CATALOG)
  expect(table).toEqual(database)
  expect(await readArchive()).toHaveLength(2)
})

it('moves nothing while the catalog fails', async () => {
  await store(buildEvent({ contactId: 1, activityDateTime: '2024-01-01T12:00:00' }))
  const down = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'))
  await runMaintenanceAll(LATER, CATALOG).catch(() => {})
  expect(await count('activity')).toBe(1)
  down.mockImplementation(stub.fetch)
  await runMaintenanceAll(LATER, CATALOG)
  expect(await count('activity')).toBe(0)
})

it('looks up late arrivals while the catalog fails', async () => {
  await store(buildEvent({ contactId: 1, activityDateTime: '2024-01-01T12:00:00' }))
  await runMaintenanceAll(LATER, CATALOG)
  await store(buildEvent({ contactId: 2, activityDateTime: '2024-01-01T12:00:00' }))
  expect(await count('late_arrivals')).toBe(1)
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'))
  await runMaintenanceAll(LATER + DAY_MS, CATALOG).catch(() => {})
  expect(await count('late_arrivals')).toBe(0)
})

it('has all files after two commits at a time', async () => {
  await store(
    buildEvent({ contactId: 1, activityDateTime: '2024-01-01T12:00:00' }),
    buildEvent({ contactId: 2, activityDateTime: '2024-01-02T12:00:00' }),
  )
  await runMaintenanceAll(LATER, KEEP)
  await env.DB.prepare('UPDATE archive SET events = events + 1, version = version + 1').run()
  await markChanged(env.DB, JANUARY).run()
  await Promise.all([commitChanges(open(KEEP)), commitChanges(open(KEEP))])
  const [table, database] = await compare(KEEP)
  expect(table).toEqual(database)
})

it('commits many months a few at a time, also the first of all', async () => {
  const months = Array.from(
    { length: 25 },
    (_, month) => monthOf(Date.parse('0001-01-15')) + month * 31 * DAY_MS,
  ).map(monthOf)
  expect(new Date(months[0] ?? 0).toISOString()).toBe('0001-01-01T00:00:00.000Z')
  await env.DB.prepare(
    `INSERT INTO archive (month, state, events, bytes, firstAt, lastAt)
     SELECT value, 'done', 1, 1, value, value FROM json_each(?)`,
  )
    .bind(JSON.stringify(months))
    .run()
  await markAllChanged(env.DB, [])
  const archive = open(KEEP)
  for (let commits = 0; commits < 3; commits++) await commitChanges(archive)
  const files = await readAllFiles(archive.bucket, await archive.catalog.load())
  expect(files.map(({ month }) => month).sort((a, b) => a - b)).toEqual(months)
  expect((await readChanges(env.DB)).months).toEqual([])
})
