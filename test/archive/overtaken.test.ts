import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { keyOfFile } from '../../src/db/archive/files.ts'
import { HOUR_MS } from '../../src/event/clock.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count } from '../receiver.ts'
import { endLease, runMaintenanceAll, runTask } from '../run-maintenance.ts'
import { store } from '../store-events.ts'
import { ARCHIVE, KEEP, LATER, listFiles, readArchive } from './bucket.ts'
import { Crashing } from './crashing.ts'

/** A step is overtaken if it takes longer than its lease: another one has gone on with its work. */
beforeEach(async () => {
  await Promise.all([clearBucket(), clearTables()])
  await store(
    buildEvent({ contactId: 1, activityDateTime: '2024-01-01T12:00:00' }),
    buildEvent({ contactId: 2, activityDateTime: '2024-01-01T12:00:01' }),
  )
})

/** The bucket, which does something else first when it is asked for a data file. */
function pausing(method: 'head' | 'put' | 'delete', meanwhile: () => Promise<unknown>): R2Bucket {
  const bucket = new Crashing().bucket(ARCHIVE)
  const real = bucket[method].bind(bucket) as (key: string, ...rest: unknown[]) => Promise<unknown>
  let isFirst = true
  const paused = async (key: string, ...rest: unknown[]) => {
    if (isFirst && String(key).endsWith('.parquet')) {
      isFirst = false
      await endLease()
      await meanwhile()
    }
    return real(key, ...rest)
  }
  return { ...bucket, [method]: paused } as unknown as R2Bucket
}

/** The bucket, which breaks off after it has written a data file. */
function breaking(): R2Bucket {
  const put = async (key: string, value: ArrayBuffer) => {
    if (key.endsWith('.parquet')) await ARCHIVE.put(key, value)
    throw new Error('no response')
  }
  return { ...new Crashing().bucket(ARCHIVE), put } as unknown as R2Bucket
}

async function expectBoth(): Promise<void> {
  expect(await count('activity')).toBe(0)
  expect((await readArchive()).map(({ contactId }) => contactId)).toEqual([1, 2])
}

it.each(['head', 'put'] as const)('leaves the file of another step alone (%s)', async (method) => {
  const bucket = pausing(method, () => runTask('archive', { ...env, ...KEEP }, LATER))
  await runTask('archive', { ...env, ...KEEP, ARCHIVE: bucket } as Env, LATER)
  await endLease()
  await runMaintenanceAll(LATER + HOUR_MS, KEEP)
  await expectBoth()
})

it('does not count late arrivals that another step has counted', async () => {
  const bindings = { ...env, ...KEEP }
  await runTask('archive', bindings, LATER)
  await runMaintenanceAll(LATER, KEEP)
  await store(buildEvent({ contactId: 3, activityDateTime: '2024-01-01T13:00:00' }))
  expect(await count('late_arrivals')).toBe(1)
  const now = Date.now() // what has just come in does not move yet
  const bucket = pausing('head', () => runTask('archive', bindings, now))
  await runTask('archive', { ...bindings, ARCHIVE: bucket } as Env, now)
  await endLease()
  await store(buildEvent({ contactId: 4, activityDateTime: '2024-01-01T13:00:01' }))
  await runMaintenanceAll(now, KEEP)
  expect(await count('late_arrivals')).toBe(0)
  const sql = `SELECT sum(events0 + events1 + events2 + events3) AS events FROM totals WHERE hardBounce = -1`
  expect(await env.DB.prepare(sql).first('events')).toBe(4)
})

describe('a file that another step wrote without an erased contact', () => {
  const bindings = { ...env, ...KEEP }

  /** Erases a contact to the end, and archives what is left. */
  async function eraseAndArchive(): Promise<void> {
    await erased('/contacts/2')
    await runTask('archive', bindings, LATER)
    await runMaintenanceAll(LATER, KEEP)
  }

  async function expectFirst(): Promise<void> {
    expect((await readArchive()).map(({ contactId }) => contactId)).toEqual([1])
    expect(await count('activity')).toBe(0)
  }

  it('is not written again with it', async () => {
    const bucket = pausing('put', eraseAndArchive)
    await runTask('archive', { ...bindings, ARCHIVE: bucket } as Env, LATER)
    await expectFirst()
  })

  it('is discarded if nothing was left for it', async () => {
    const bucket = pausing('put', async () => {
      await erased('/contacts/1')
      await eraseAndArchive()
    })
    await runTask('archive', { ...bindings, ARCHIVE: bucket } as Env, LATER)
    await endLease()
    await runMaintenanceAll(LATER + HOUR_MS, KEEP)
    expect((await ARCHIVE.list({ prefix: 'activity/data/' })).objects).toEqual([])
  })

  it('is not written again with it in place of one that a try left', async () => {
    await runTask('archive', { ...bindings, ARCHIVE: breaking() } as Env, LATER)
    await endLease()
    const bucket = pausing('put', eraseAndArchive)
    await runTask('archive', { ...bindings, ARCHIVE: bucket } as Env, LATER)
    await expectFirst()
  })
})

it('erases no file that another step has written meanwhile', async () => {
  await runTask('archive', { ...env, ...KEEP, ARCHIVE: breaking() } as Env, LATER)
  expect(await listFiles()).toMatchObject([{ state: 'begun' }])
  await store(buildEvent({ contactId: 3 }))
  await erased('/contacts/3')
  await endLease()
  const bucket = pausing('delete', () => runTask('archive', { ...env, ...KEEP }, LATER))
  await runTask('erasures', { ...env, ...KEEP, ARCHIVE: bucket } as Env, LATER)
  await endLease()
  await runMaintenanceAll(LATER + HOUR_MS, KEEP)
  await expectBoth()
})

it('records no file with a contact that another step has erased meanwhile', async () => {
  await store(buildEvent({ contactId: 3, activityDateTime: '2024-01-01T12:00:02' }))
  await runMaintenanceAll(LATER, KEEP)
  await erased('/contacts/1')
  const bucket = pausing('put', async () => {
    await erased('/contacts/2')
    await runMaintenanceAll(LATER + HOUR_MS, KEEP)
  })
  await runTask('erasures', { ...env, ...KEEP, ARCHIVE: bucket } as Env, LATER)
  expect((await readArchive()).map(({ contactId }) => contactId)).toEqual([3])
  await endLease()
  await runMaintenanceAll(LATER + 2 * HOUR_MS, KEEP)
  const { objects } = await ARCHIVE.list({ prefix: 'activity/data/' })
  expect(objects.map(({ key }) => key)).toEqual((await listFiles()).map(keyOfFile))
})

it('records nothing about someone whose erasure another step has finished', async () => {
  await runMaintenanceAll(LATER, KEEP)
  await env.DB.prepare('DELETE FROM contact_identifiers WHERE contactId = 2').run()
  await erased('/contacts?email=contact@example.com')
  let isFound = false
  let isFinished = false
  const prepare = (sql: string) => {
    isFound ||= sql.includes('SET tries = 0, target =')
    return env.DB.prepare(sql)
  }
  // Only the archive knows of the second contact, which is added to an erasure that is over by then.
  const batch = async (statements: D1PreparedStatement[]) => {
    if (isFound && !isFinished) {
      isFinished = true
      await endLease()
      await runMaintenanceAll(LATER + HOUR_MS, KEEP)
    }
    return env.DB.batch(statements)
  }
  const DB = { prepare, batch } as unknown as D1Database
  await runTask('erasures', { ...env, ...KEEP, DB }, LATER)
  expect(isFinished).toBe(true)
  expect(await env.DB.prepare('SELECT target FROM erasures').first()).toEqual({ target: null })
  expect(await readArchive()).toEqual([])
})
