import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { HOUR_MS } from '../../src/event/clock.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count } from '../receiver.ts'
import { endLease, runMaintenanceAll, runTask } from '../run-maintenance.ts'
import { store } from '../store-events.ts'
import { ARCHIVE, clearBucket, KEEP, LATER, listFiles, readArchive } from './bucket.ts'
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

it('erases no file that another step has written meanwhile', async () => {
  const failing = new Crashing().bucket(ARCHIVE)
  const broken = {
    ...failing,
    put: async (key: string, value: ArrayBuffer) => {
      if (key.endsWith('.parquet')) await ARCHIVE.put(key, value)
      throw new Error('no response')
    },
  } as unknown as R2Bucket
  await runTask('archive', { ...env, ...KEEP, ARCHIVE: broken } as Env, LATER)
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
