import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import { buildEvent } from '../event.ts'
import { clearBucket, clearTables, count, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { endLease, runMaintenance, runMaintenanceAll, runTask } from '../run-maintenance.ts'
import { erased } from '../erasure/erasing.ts'
import { ARCHIVE, KEEP, keysOf, LATER, PAID, readArchive } from './bucket.ts'
import { Crashing } from './crashing.ts'

const anna = { contactId: 4711, email: 'anna@example.com' }
const bert = { contactId: 4712, email: 'bert@example.com' }
const day = (days: number) => `2024-01-${String(days + 1).padStart(2, '0')}T12:00:00`

beforeEach(clearBucket)

const erase = async (path: string) => (await erased(path, KEEP)).erasure

async function finished(number: number): Promise<object> {
  return (await (await read(`/erasures/${number}`)).json<{ erasure: object }>()).erasure
}

describe('erasing a subject whose events are archived', () => {
  it('rewrites the files with its events, and no others', async () => {
    await store(
      buildEvent({ ...anna, activityDateTime: day(0) }),
      buildEvent({ ...bert, activityDateTime: day(0), extra: '\0' }),
      buildEvent({ ...anna, activityDateTime: day(1) }),
      buildEvent({ ...bert, activityDateTime: day(2) }),
      buildEvent({ ...anna, contactId: null, activityDateTime: day(2) }),
      buildEvent({ ...bert, activityDateTime: day(3) }),
    )
    await runMaintenanceAll(LATER, PAID)
    const before = await readArchive()
    const [untouched = ''] = await keysOf('2024-01-04')
    const { number, state } = await erase('/contacts?email=anna@example.com')
    expect(state).toBe('under way')
    await runMaintenanceAll(LATER, PAID)
    const left = before.filter(({ email }) => email === bert.email)
    expect(await readArchive()).toEqual(left)
    expect(await finished(number)).toMatchObject({ state: 'finished', removed: { archived: 3 } })
    expect(await keysOf('2024-01-02')).toEqual([]) // it would be empty
    expect(await keysOf('2024-01-04')).toEqual([untouched])
    const { objects } = await ARCHIVE.list({ prefix: 'activity/data/' })
    expect(objects.map(({ key }) => key)).toEqual(
      await keysOf('2024-01-01', '2024-01-03', '2024-01-04'),
    )
  })

  it('finds contacts by identifiers that only occur in the archive, and all of their events', async () => {
    await store(
      buildEvent({ ...anna, activityDateTime: day(0) }),
      buildEvent({ contactId: 4711, email: null, webpush: 'token', activityDateTime: day(1) }),
    )
    await runMaintenanceAll(LATER, KEEP)
    await store(
      buildEvent({ contactId: 4711, email: null, activityDateTime: '2025-05-01T12:00:00' }),
    )
    const { number } = await erase('/contacts?email=ANNA@example.com')
    await runMaintenanceAll(LATER, KEEP)
    expect(await readArchive()).toEqual([])
    expect(await count('activity')).toBe(0)
    expect(await finished(number)).toMatchObject({ removed: { activity: 1, archived: 2 } })
    await store(buildEvent({ contactId: 4711, email: null }))
    expect(await count('activity')).toBe(0)
  })

  it('waits if no bucket is bound, and says so', async () => {
    await store(buildEvent({ ...anna, activityDateTime: day(0) }))
    await runMaintenanceAll(LATER, KEEP)
    const { number } = await erase('/contacts/4711')
    await runMaintenance({ ...env, ...KEEP, ARCHIVE: undefined } as unknown as Env, LATER + DAY_MS)
    expect(await finished(number)).toMatchObject({ state: 'under way' })
    await runMaintenanceAll(LATER + 2 * DAY_MS, KEEP)
    expect(await finished(number)).toMatchObject({ state: 'finished', removed: { archived: 1 } })
  })

  // For the database and the bucket, after a call is before the next: only its caller sees a difference.
  it.each([
    ['before', 1],
    ['after', 3],
  ] as const)(
    'erases everything and nothing else, even if it is interrupted %s each call (stride %i)',
    async (when, stride) => {
      for (let [call, isOver] = [1, false]; !isOver; call += stride) {
        await clearTables()
        await clearBucket()
        await store(
          buildEvent({ ...anna, activityDateTime: day(0) }),
          buildEvent({ ...bert, activityDateTime: day(0) }),
          buildEvent({ ...anna, activityDateTime: day(1) }),
        )
        await runTask('archive', { ...env, ...KEEP }, LATER)
        const { number } = await erase('/contacts/4711')
        const crashing = new Crashing({ call, when })
        const bindings = { DB: crashing.database(env.DB), ARCHIVE: crashing.bucket(ARCHIVE) }
        await runTask('erasures', { ...env, ...KEEP, ...bindings }, LATER)
        await endLease()
        await runTask('erasures', { ...env, ...KEEP }, LATER + HOUR_MS)
        isOver = crashing.calls < call // nothing was interrupted
        expect(await readArchive()).toMatchObject([bert])
        expect(await finished(number)).toMatchObject({
          state: 'finished',
          removed: { archived: 2 },
        })
      }
    },
    600_000,
  )

  it('erases from a day that is being archived at the same time', async () => {
    await store(
      buildEvent({ ...anna, activityDateTime: day(0) }),
      buildEvent({ ...bert, activityDateTime: day(0) }),
    )
    // The rows are read, then the subject is erased, and then the file is written.
    const bucket = {
      ...new Crashing().bucket(ARCHIVE),
      put: async (key: string, value: ArrayBuffer) => {
        await erase('/contacts/4711')
        return ARCHIVE.put(key, value)
      },
    } as unknown as R2Bucket
    await runMaintenance({ ...env, ...KEEP, ARCHIVE: bucket } as Env, LATER)
    await runMaintenanceAll(LATER + DAY_MS, KEEP)
    expect(await readArchive()).toMatchObject([bert])
    expect(await count('activity')).toBe(0)
  })
})
