import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeInstead } from '../../src/ingest/store-instead.ts'
import { buildEvent } from '../event.ts'
import { D1_ERRORS, faultyDatabase } from '../faulty.ts'
import { messagesOf } from '../messages-of.ts'
import { count } from '../receiver.ts'

it('is durable if the database has all messages', async () => {
  const errors: string[] = []
  expect(await storeInstead(await messagesOf([buildEvent()]), env.DB, errors)).toBe(true)
  expect([await count('activity'), errors]).toEqual([1, []])
})

it('names the errors of the database', async () => {
  const errors: string[] = []
  const down = faultyDatabase(env.DB, () => D1_ERRORS.lost())
  expect(await storeInstead(await messagesOf([buildEvent()]), down, errors)).toBe(false)
  expect(errors).toEqual([expect.stringContaining('Network connection lost')])
})
