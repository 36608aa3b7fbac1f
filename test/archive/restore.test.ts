import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commitChanges, compareWithTable } from '../../src/archive/commit-changes.ts'
import { openArchive } from '../../src/archive/open.ts'
import { readTable } from '../../src/archive/table/read.ts'
import { purge } from '../../src/archive/purge.ts'
import { markChanged } from '../../src/db/archive/changes.ts'
import { keyOfFile } from '../../src/db/archive/files.ts'
import { discardObjects } from '../../src/db/archive/garbage.ts'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { endLease, runMaintenanceAll, runTask } from '../run-maintenance.ts'
import { store } from '../store-events.ts'
import { ARCHIVE, KEEP, LATER, listFiles, readArchive } from './bucket.ts'
import { Crashing } from './crashing.ts'
import { RestStub, STUB } from './table/rest-stub.ts'

const JANUARY = Date.UTC(2024, 0)
const CATALOG = {
  ...KEEP,
  CATALOG_URL: STUB.url,
  CATALOG_WAREHOUSE: STUB.warehouse,
  CATALOG_TOKEN: STUB.token,
}

const TABLES = ['activity', 'archive', 'archive_days', 'archive_garbage', 'key_values'] as const

beforeEach(async () => {
  await Promise.all([clearBucket(), clearTables()])
})

afterEach(async () => {
  vi.restoreAllMocks()
  await env.DB.batch(TABLES.map((name) => env.DB.prepare(`DROP TABLE IF EXISTS saved_${name}`)))
})

/** Notes the state of the database, to which `restore` returns. */
async function save(): Promise<void> {
  const copy = (name: string) =>
    env.DB.prepare(`CREATE TABLE saved_${name} AS SELECT * FROM ${name}`)
  await env.DB.batch(TABLES.map(copy))
}

async function restore(): Promise<void> {
  const back = (name: string) => [
    env.DB.prepare(`DELETE FROM ${name}`),
    env.DB.prepare(`INSERT INTO ${name} SELECT * FROM saved_${name}`),
  ]
  await env.DB.batch([
    ...TABLES.flatMap(back),
    env.DB.prepare(
      `UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(file), 0) FROM archive) WHERE name = 'archive'`,
    ),
  ])
}

const events = [1, 2, 3].map((contactId) =>
  buildEvent({ contactId, activityDateTime: `2024-01-0${contactId}T12:00:00` }),
)

function open(changed: object = {}) {
  const archive = openArchive({ ...env, ...KEEP, ...changed } as Env)
  if (!archive) throw new Error('There is no bucket.')
  return archive
}

async function listTable(): Promise<string[]> {
  const { bucket, catalog } = open()
  return (await readTable(bucket, catalog, JANUARY)).map(({ key }) => key)
}

const day = (index: number) => `2024-01-0${index + 1}T12:00:00`

function storeOf(contactId: number, index: number): Promise<unknown> {
  return store(buildEvent({ contactId, email: null, activityDateTime: day(index) }))
}

/** The contacts of all archived events; the table, the database and the bucket have the same files. */
async function readContacts(changed: object = KEEP): Promise<unknown[]> {
  const archive = openArchive({ ...env, ...changed } as Env)
  if (!archive) throw new Error('There is no bucket.')
  const table = await readTable(archive.bucket, archive.catalog, JANUARY)
  expect(table.map(({ key }) => key).toSorted()).toEqual(
    (await listFiles()).map(keyOfFile).toSorted(),
  )
  return (await readArchive()).map(({ contactId }) => contactId)
}

/** The database as it is if a step breaks off right after its commit. */
function unsettled(): D1Database {
  return new Proxy(env.DB, {
    get(db, name) {
      if (name !== 'prepare') {
        const value: unknown = Reflect.get(db, name)
        return typeof value === 'function' ? value.bind(db) : value
      }
      return (sql: string) => {
        if (/^DELETE FROM key_values WHERE name = 'archive.changed'/.test(sql))
          throw new Error('cut off')
        return db.prepare(sql)
      }
    },
  })
}

describe('a commit that was not recorded', () => {
  it('drops no file that the table does not have yet, if the last commit was cut off', async () => {
    await store(...events)
    await runMaintenanceAll(LATER, KEEP)
    const files = await listFiles()
    await markChanged(env.DB, JANUARY).run()
    await env.DB.prepare('UPDATE archive SET events = events, version = version + 1').run()
    // Every call of a commit is the last once.
    for (let call = 1, calls = call; call <= calls; call++) {
      await env.DB.prepare('UPDATE archive SET version = version + 1').run()
      await markChanged(env.DB, JANUARY).run()
      const crashing = new Crashing({ call, when: 'after' })
      await commitChanges(open({ DB: crashing.database(env.DB) })).catch(() => {})
      calls = crashing.calls
      // More changes before the next commit, as when a merge has finished.
      await env.DB.prepare('UPDATE archive SET version = version + 1').run()
      await markChanged(env.DB, JANUARY).run()
      await commitChanges(open())
      expect(await listFiles()).toHaveLength(files.length)
      expect((await listFiles()).map(keyOfFile)).toEqual(await listTable())
    }
  })

  it('is not taken for a restore, which would undo an erasure', async () => {
    await storeOf(1, 0)
    await storeOf(2, 0)
    await runMaintenanceAll(LATER, KEEP)
    await storeOf(3, 1)
    await runTask('archive', { ...env, ...KEEP, DB: unsettled() }, LATER + DAY_MS)
    await endLease()
    await erased('/contacts/1')
    await runTask('erasures', { ...env, ...KEEP }, LATER + DAY_MS + HOUR_MS)
    await runMaintenanceAll(LATER + DAY_MS + 3 * HOUR_MS, KEEP)
    expect(await readContacts()).toEqual([2, 3])
  })
})

describe('a catalog', () => {
  it('may be used again after another one', async () => {
    const stub = new RestStub('s3://yespo-archive/of-the-catalog/1', async () => {})
    vi.spyOn(globalThis, 'fetch').mockImplementation(stub.fetch)
    await storeOf(1, 0)
    await runTask('archive', { ...env, ...KEEP }, LATER)
    await storeOf(2, 1)
    await runTask('archive', { ...env, ...CATALOG }, LATER + DAY_MS)
    await storeOf(3, 2)
    await runTask('archive', { ...env, ...KEEP }, LATER + 2 * DAY_MS)
    await runMaintenanceAll(LATER + 3 * DAY_MS, KEEP)
    expect(await count('activity')).toBe(0)
    expect(await readContacts()).toEqual([1, 2, 3])
  })
})

describe('after the database was restored', () => {
  it('takes over the files of the table, and deletes their events', async () => {
    await store(...events)
    const { results: before } = await env.DB.prepare('SELECT * FROM activity').all()
    await runMaintenanceAll(LATER, KEEP)
    const moved = await readArchive()
    // As it was before anything moved.
    await clearTables()
    await store(...events)
    expect(await count('activity')).toBe(before.length)
    await markChanged(env.DB, JANUARY).run()
    await commitChanges(open())
    await runMaintenanceAll(LATER, KEEP)
    expect(await count('activity')).toBe(0)
    expect(await readArchive()).toEqual(moved)
    expect((await listFiles()).map(keyOfFile)).toEqual(await listTable())
  })

  it('has every event once', async () => {
    await storeOf(1, 0)
    await runMaintenanceAll(LATER, KEEP)
    await storeOf(2, 1)
    await storeOf(3, 2)
    await save()
    await runMaintenanceAll(LATER + DAY_MS, KEEP)
    await restore()
    await storeOf(4, 3)
    await runMaintenanceAll(LATER + 2 * DAY_MS, KEEP)
    expect(await count('activity')).toBe(0)
    expect(await readContacts()).toEqual([1, 2, 3, 4])
  })

  it('keeps the events that were stored and moved since', async () => {
    await storeOf(1, 0)
    await runMaintenanceAll(LATER, KEEP)
    await save()
    await storeOf(2, 1)
    await runMaintenanceAll(LATER + DAY_MS, KEEP)
    await restore()
    await storeOf(3, 2)
    await runMaintenanceAll(LATER + 2 * DAY_MS, KEEP)
    expect(await readContacts()).toEqual([1, 2, 3])
  })

  it('erases from files that the restored database did not list', async () => {
    await storeOf(1, 0)
    await storeOf(2, 1)
    await runMaintenanceAll(LATER, KEEP)
    await save()
    await storeOf(1, 2)
    await runMaintenanceAll(LATER + DAY_MS, KEEP)
    await restore()
    await erased('/contacts/1')
    await runTask('erasures', { ...env, ...KEEP }, LATER + DAY_MS + HOUR_MS)
    expect(await readContacts()).toEqual([2])
  })

  it('leaves no object of a file that nothing lists any more', async () => {
    await save()
    await storeOf(1, 0)
    await storeOf(1, 1)
    await runMaintenanceAll(LATER, KEEP)
    await storeOf(2, 2)
    await restore()
    await ARCHIVE.put('activity/data/month=2024-01/77-1.parquet', 'of a file that was merged')
    await storeOf(2, 2)
    await runMaintenanceAll(LATER + DAY_MS, KEEP)
    await runMaintenanceAll(LATER + 2 * DAY_MS, KEEP)
    const { objects } = await ARCHIVE.list({ prefix: 'activity/data/' })
    const listed = await listFiles()
    expect(objects.map(({ key }) => key).toSorted()).toEqual(listed.map(keyOfFile).toSorted())
  })
})

it('never deletes the object of a file that is listed', async () => {
  await storeOf(1, 0)
  await runMaintenanceAll(LATER, KEEP)
  const keys = (await listFiles()).map(keyOfFile)
  await discardObjects(env.DB, keys, 1).run()
  await purge(env.DB, ARCHIVE, LATER)
  expect(await readContacts()).toEqual([1])
  expect(await count('archive_garbage')).toBe(0)
})

it('is not recognized if another run commits between reading the database and the table', async () => {
  await store(...events)
  await runMaintenanceAll(LATER, KEEP)
  const archive = open()
  const before = await listFiles()
  await markChanged(env.DB, JANUARY).run()
  const { catalog } = archive
  const load = async () => {
    await env.DB.prepare('UPDATE archive SET version = version + 1').run()
    await markChanged(env.DB, JANUARY).run()
    await commitChanges(archive)
    return catalog.load()
  }
  expect(await compareWithTable({ ...archive, catalog: { ...catalog, load } })).toBe(false)
  expect((await listFiles()).map(({ file, state }) => [file, state])).toEqual(
    before.map(({ file, state }) => [file, state]),
  )
})
