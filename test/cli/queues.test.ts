import { expect, it } from 'vitest'
import { LAST_AGE_MS, MAX_RETRIES } from '../../src/ingest/last-try.ts'
import { readWranglerConfig } from '../read-config.ts'

const DAY_S = 86_400
const MAX_DELAY_S = 43_200

const config = readWranglerConfig()
type Consumer = { queue: string; max_retries?: number; retry_delay?: number }
const consumers: Consumer[] = config.queues?.consumers ?? []

it.each(consumers)('$queue is retried as often as the code expects', (consumer) => {
  expect(consumer.max_retries).toBe(MAX_RETRIES)
})

const ofEvents = consumers.filter(({ queue }) => queue !== 'yespo-tasks') // whose messages the clock sends again

it.each(ofEvents)('$queue is retried for a day even if each attempt is killed', (consumer) => {
  const { max_retries: retries = 0, retry_delay: delay = 0 } = consumer
  expect(retries * delay).toBeGreaterThanOrEqual(DAY_S)
  expect(delay).toBeLessThanOrEqual(MAX_DELAY_S)
})

it('gives up on a message that kills each attempt before the free plan deletes it', () => {
  const [delay = 0] = consumers.flatMap(({ retry_delay = 0 }) => retry_delay)
  expect(LAST_AGE_MS / 1_000 + 2 * delay).toBeLessThan(DAY_S)
})

it('has a dead-letter queue for events, and a consumer for each queue', () => {
  const producers = config.queues?.producers ?? []
  expect(consumers.map(({ queue }) => queue).toSorted()).toEqual(
    producers.map(({ queue }) => queue).toSorted(),
  )
})
