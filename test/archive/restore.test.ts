import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { commitChanges } from '../../src/archive/commit-changes.ts'
import { openArchive } from '../../src/archive/open.ts'
import { readTable } from '../../src/archive/table/read.ts'
import { markChanged } from '../../src/db/archive/changes.ts'
import { keyOfFile } from '../../src/db/archive/files.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count } from '../receiver.ts'
import { runMaintenanceAll } from '../run-maintenance.ts'
import { store } from '../store-events.ts'
import { clearBucket, KEEP, LATER, listFiles, readArchive } from './bucket.ts'
import { Crashing } from './crashing.ts'

const JANUARY = Date.UTC(2024, 0)

beforeEach(async () => {
  await Promise.all([clearBucket(), clearTables()])
})

const events = [1, 2, 3].map((contactId) =>
  buildEvent({ contactId, activityDateTime: `2024-01-0${contactId}T12:00:00` }),
)

function open(db = env.DB) {
  const archive = openArchive({ ...env, ...KEEP, DB: db } as Env)
  if (!archive) throw new Error('There is no bucket.')
  return archive
}

async function listTable(): Promise<string[]> {
  const { bucket, catalog } = open()
  return (await readTable(bucket, catalog, JANUARY)).map(({ key }) => key)
}

it('takes over the files of the table, and deletes their events, after the database was restored', async () => {
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
    await commitChanges(open(crashing.database(env.DB))).catch(() => {})
    calls = crashing.calls
    // More changes before the next commit, as when a merge has finished.
    await env.DB.prepare('UPDATE archive SET version = version + 1').run()
    await markChanged(env.DB, JANUARY).run()
    await commitChanges(open())
    expect(await listFiles()).toHaveLength(files.length)
    expect((await listFiles()).map(keyOfFile)).toEqual(await listTable())
  }
})
