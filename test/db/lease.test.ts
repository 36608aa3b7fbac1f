import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { acquireLease, releaseLease } from '../../src/db/lease.ts'
import { clearTables } from '../receiver.ts'

const acquire = (now: number, until: number) => acquireLease(env.DB, 'work.until', now, until)
const release = (until: number) => releaseLease(env.DB, 'work.until', until)

beforeEach(clearTables)

it('is free again once it is released', async () => {
  expect(await acquire(1_000, 2_000)).toBe(true)
  expect(await acquire(1_500, 2_500)).toBe(false)
  await release(2_000)
  expect(await acquire(1_600, 2_600)).toBe(true)
})

it('is free again at its end, if its holder was killed', async () => {
  await acquire(1_000, 2_000)
  expect(await acquire(1_999, 2_999)).toBe(false)
  expect(await acquire(2_000, 3_000)).toBe(true)
})

it('is not released by an earlier holder, which took longer', async () => {
  await acquire(1_000, 2_000)
  await acquire(2_000, 3_000)
  await release(2_000)
  expect(await acquire(2_500, 3_500)).toBe(false)
})
