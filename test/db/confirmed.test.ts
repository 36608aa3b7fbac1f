import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { HOUR_MS } from '../../src/event/clock.ts'
import { saveMessages } from '../../src/db/write/save-messages.ts'
import { buildEvent } from '../event.ts'
import { store } from '../store-events.ts'
import { packFrom, storeFromApi } from '../store-from-api.ts'

const START = Date.parse('2026-03-01T10:00Z')

const at = (time: number, changes = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

type Span = { since: number; until: number }

/** Records that only the API had five events of a span. */
async function recordMissed({ since, until }: Span, status = 'READ', channel = 'email') {
  await env.DB.prepare('INSERT INTO coverage VALUES (?, ?, ?, ?, 0, 0, 5)')
    .bind(since, until, status, channel)
    .run()
}

async function listBoth(): Promise<[since: number, both: number, apiOnly: number][]> {
  const sql = 'SELECT since, both, apiOnly FROM coverage ORDER BY since, until'
  const { results } = await env.DB.prepare(sql).all<Record<string, number>>()
  return results.map(({ since = 0, both = 0, apiOnly = 0 }) => [since, both, apiOnly])
}

const read = { activityStatus: 'READ', mediaType: 'email' }

it('corrects the coverage of the span that has the event, and of no other', async () => {
  const spans = [-2, -1, 0, 1].map((hours) => {
    const since = START + hours * HOUR_MS
    return { since, until: since + HOUR_MS }
  })
  for (const span of spans) await recordMissed(span)
  const events = [at(START, read), at(START + HOUR_MS - 1_000, read)]
  await storeFromApi(START + HOUR_MS, ...events)
  await store(...events)
  expect(await listBoth()).toEqual([
    [START - 2 * HOUR_MS, 0, 5],
    [START - HOUR_MS, 0, 5],
    [START, 2, 3],
    [START + HOUR_MS, 0, 5],
  ])
})

it('leaves a span alone that ends before the event', async () => {
  const quarter = HOUR_MS / 4
  await recordMissed({ since: START, until: START + quarter })
  await recordMissed({ since: START + quarter, until: START + 2 * quarter })
  const event = at(START + quarter, read)
  await storeFromApi(START + HOUR_MS, event)
  await store(event)
  expect(await listBoth()).toEqual([
    [START, 0, 5],
    [START + quarter, 1, 4],
  ])
})

it('corrects only the coverage of the status and channel', async () => {
  const span = { since: START, until: START + HOUR_MS }
  await recordMissed(span, 'READ', 'sms')
  await recordMissed(span, 'SENT', 'email')
  const event = at(START, read)
  await storeFromApi(START + HOUR_MS, event)
  await store(event)
  expect(await listBoth()).toEqual([
    [START, 0, 5],
    [START, 0, 5],
  ])
})

it('never counts more as confirmed than the API alone had', async () => {
  const span = { since: START, until: START + HOUR_MS }
  await recordMissed(span)
  const events = Array.from({ length: 6 }, (_, second) => at(START + second * 1_000, read))
  await storeFromApi(START + HOUR_MS, ...events)
  await store(...events)
  expect(await listBoth()).toEqual([[START, 5, 0]])
})

it('counts an event once, however often the webhook brings it', async () => {
  await recordMissed({ since: START, until: START + HOUR_MS })
  const event = at(START, read)
  await storeFromApi(START + HOUR_MS, event)
  await store(event)
  await store(event)
  expect(await listBoth()).toEqual([[START, 1, 4]])
})

it('counts nothing for events that the webhook brought first', async () => {
  await recordMissed({ since: START, until: START + HOUR_MS })
  const event = at(START, read)
  await store(event)
  await store(event)
  expect(await listBoth()).toEqual([[START, 0, 5]])
})

it('adds the rows that it writes to those of the events', async () => {
  const event = at(START, read)
  await storeFromApi(START + HOUR_MS, event)
  const rowsWritten = await saveMessages(env.DB, packFrom('webhook', START + HOUR_MS, event))
  expect(rowsWritten).toBeGreaterThan(0)
})
