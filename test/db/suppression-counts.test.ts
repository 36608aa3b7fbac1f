import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { countSuppressions, listSuppressions } from '../../src/db/derived/suppressions.ts'
import { buildEvent } from '../event.ts'
import { store } from '../store-events.ts'

const START = Date.parse('2026-03-01T00:00Z')

const at = (time: number, changes: object) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

it('counts suppressions of a period by reason and channel, most first', async () => {
  const spam = { activityStatus: 'SPAM', mediaType: 'email' }
  const unsubscribed = { activityStatus: 'UNSUBSCRIBED', mediaType: 'sms' }
  await store(
    at(START - 1_000, spam),
    at(START, spam),
    at(START + 1_000, unsubscribed),
    at(START + 2_000, unsubscribed),
    at(START + 2_000, { ...spam, mediaType: 'viber' }),
    at(START + 3_000, spam),
  )
  expect(await countSuppressions(env.DB, { since: START, until: START + 3_000 })).toEqual([
    { reason: 'UNSUBSCRIBED', mediaType: 'sms', count: 2 },
    { reason: 'SPAM', mediaType: 'email', count: 1 },
    { reason: 'SPAM', mediaType: 'viber', count: 1 },
  ])
})

it('lists as many as are asked for, and says whether there are more', async () => {
  const spam = [0, 1, 2].map((second) => at(START + second * 1_000, { activityStatus: 'SPAM' }))
  await store(...spam)
  const first = await listSuppressions(env.DB, {}, 0, 2)
  expect(first.suppressions).toHaveLength(2)
  expect(first.isMore).toBe(true)
  const rest = await listSuppressions(env.DB, {}, first.next, 2)
  expect(rest.suppressions).toHaveLength(1)
  expect(rest.isMore).toBe(false)
  const times = [...first.suppressions, ...rest.suppressions].map(({ occurredAt }) => occurredAt)
  expect(times).toEqual([START, START + 1_000, START + 2_000])
})
