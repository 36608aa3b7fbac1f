import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { saveMessages } from '../../src/db/write/save-messages.ts'
import { erased } from '../erasure/erasing.ts'
import { buildEvent } from '../event.ts'
import { count, listQuarantine } from '../receiver.ts'
import { packFrom } from '../store-from-api.ts'

const anna = { contactId: 4711, email: 'anna@example.com' }

/** Erases a subject. @returns when: UTC milliseconds */
async function eraseAnna(): Promise<number> {
  await erased('/contacts?email=anna@example.com')
  return (await env.DB.prepare('SELECT erasedAt FROM tombstones').first<number>('erasedAt')) ?? 0
}

const atSecond = (time: number) =>
  buildEvent({ ...anna, activityDateTime: new Date(time).toISOString().slice(0, 19) })

it('stores nothing about an erased subject that came in until the erasure', async () => {
  const erasedAt = await eraseAnna()
  const later = atSecond(erasedAt + 10_000)
  await saveMessages(env.DB, packFrom('webhook', erasedAt, later))
  expect(await count('activity')).toBe(0)
  await saveMessages(env.DB, packFrom('webhook', erasedAt + 1, later))
  expect(await count('activity')).toBe(1)
})

it('stores nothing about an erased subject that happened before, whenever it comes in', async () => {
  const erasedAt = await eraseAnna()
  await saveMessages(env.DB, packFrom('webhook', erasedAt + 60_000, atSecond(erasedAt)))
  expect(await count('activity')).toBe(0)
})

it('keeps everything about others in the same message', async () => {
  const erasedAt = await eraseAnna()
  const bert = { contactId: 5, email: 'bert@example.com' }
  const sent = [buildEvent(bert), atSecond(0), { ...bert, n: 1 }, { ...anna, n: 2 }]
  await saveMessages(env.DB, packFrom('webhook', erasedAt, ...sent))
  await saveMessages(env.DB, packFrom('webhook', erasedAt, buildEvent(bert), { ...anna, n: 3 }))
  const { results } = await env.DB.prepare('SELECT email FROM activity').all()
  expect(results).toEqual([{ email: 'bert@example.com' }, { email: 'bert@example.com' }])
  expect((await listQuarantine()).map(({ sent: text }) => text)).toEqual([
    '{"contactId":5,"email":"bert@example.com","n":1}',
  ])
})
