import { expect, it } from 'vitest'
import { readStatus } from '../../src/monitoring/api.ts'
import { visit } from '../visit.ts'
import { recordEvent } from '../date-arrivals.ts'
import { buildEvent } from '../event.ts'
import { storeFromApi } from '../store-from-api.ts'
import { store } from '../store-events.ts'
import { HOUR, MINUTE, Operator, operatorEnv, run } from './operator.ts'

const NOW = Date.now()
const SILENCE = 10 * HOUR

const at = (ago: number) =>
  buildEvent({ activityDateTime: new Date(NOW - ago).toISOString().slice(0, 19) })

/** Stores an event from the webhook for every hour of two days, up to ten hours ago. */
async function fallSilent(): Promise<void> {
  await store(...Array.from({ length: 49 }, (_, hour) => at(SILENCE + hour * HOUR)))
  await run('UPDATE activity SET receivedAt = occurredAt, writeId = occurredAt << 20')
  await recordEvent(NOW - SILENCE)
}

/** Stores an event from the API for every hour since then. */
async function fill(): Promise<void> {
  for (let hour = 9; hour >= 0; hour--) {
    const events = Array.from({ length: 40 }, (_, index) => at(hour * HOUR + index * MINUTE))
    await storeFromApi(NOW - hour * HOUR, ...events)
  }
}

it('a silent webhook is an alert, even if the API fills the gap', async () => {
  await fallSilent()
  await fill()
  const [notification] = await new Operator().check(NOW, { YESPO_API_KEY: 'api-key' })
  expect(notification).toMatchObject({ name: 'silence', state: 'started' })
  const since = new Date(NOW - SILENCE).toISOString().slice(0, 16).replace('T', ' ')
  expect(notification?.message).toContain(since)
})

it('its silence ends with an event from the webhook, not from the API', async () => {
  await fallSilent()
  const operator = new Operator()
  expect(await operator.hear(NOW)).toEqual(['started silence'])
  await fill()
  expect(await operator.hear(NOW + MINUTE)).toEqual([])
  await store(at(0))
  expect(await operator.hear(Date.now())).toEqual(['ended silence'])
})

it('the status shows its silence, and when events of both sources were stored', async () => {
  await fallSilent()
  await fill()
  const { events } = await readStatus(operatorEnv(), NOW)
  expect(events).toMatchObject({ lastReceivedAt: NOW - SILENCE, lagMs: 0, silenceMs: SILENCE })
  expect(events.lastStoredAt).toBeGreaterThanOrEqual(NOW)
  expect(events.newestAt).toBe(Math.floor(NOW / 1_000) * 1_000)
})

it('the overview shows its silence, and the source of events stored since', async () => {
  await fallSilent()
  const show = async () => {
    return (await (await visit('/')).text()).replaceAll(/\s+/g, ' ')
  }
  const unfilled = await show()
  expect(unfilled).toContain('No new events for 10 hours; the longest normal gap is')
  expect(unfilled).not.toContain('filled in from Yespo’s API')
  await fill()
  const filled = await show()
  expect(filled).toContain('No new events for 10 hours; the longest normal gap is')
  expect(filled).toContain('Events stored since were filled in from Yespo’s API')
})
