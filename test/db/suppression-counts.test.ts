import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { countSuppressions } from '../../src/db/derived/suppressions.ts'
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
