import { expect, it } from 'vitest'
import { Account, Broker, Invocation, limitQueue, PLANS, VirtualClock } from './index.ts'
import type { Readings } from './index.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const MIDNIGHT = Date.UTC(2026, 0, 6)

function setUp(readings: Partial<Readings> = {}) {
  const clock = new VirtualClock(NOON)
  const account = new Account(PLANS.free, clock)
  const broker = new Broker({ consumers: [{ queue: 'jobs' }], clock, account })
  const all = {
    countStatements: 'each',
    maxDelaySeconds: 43_200,
    acknowledgedBeforeKill: 'kept',
    ...readings,
  } as const
  const invocation = new Invocation('fetch', { account, readings: all })
  return { clock, account, broker, queue: limitQueue(broker.toBinding('jobs'), invocation) }
}

const text = (bytes: number) => ({ body: 'x'.repeat(bytes), contentType: 'text' as const })

it('rejects a message that is too large', async () => {
  const { queue, broker } = setUp()
  await queue.send(text(127_900).body, { contentType: 'text' })
  await expect(queue.send(text(127_901).body, { contentType: 'text' })).rejects.toThrow(
    'message too large',
  )
  expect(broker.waiting).toHaveLength(1)
})

it('rejects a batch of too many messages, or of too many bytes', async () => {
  const { queue, broker } = setUp()
  const many = (count: number, bytes: number) => Array.from({ length: count }, () => text(bytes))
  await queue.sendBatch(many(100, 2_460))
  await expect(queue.sendBatch(many(101, 1))).rejects.toThrow('Payload Too Large')
  await expect(queue.sendBatch(many(100, 2_461))).rejects.toThrow('Payload Too Large')
  expect(broker.waiting).toHaveLength(100)
})

it.each([43_200, 86_400] as const)('delays a message for at most %s seconds', async (maximum) => {
  const { queue, broker, clock } = setUp({ maxDelaySeconds: maximum })
  await queue.send('later', { delaySeconds: maximum })
  await expect(queue.send('later', { delaySeconds: maximum + 1 })).rejects.toThrow('delaySeconds')
  expect(broker.nextDueAt).toBe(clock.now() + maximum * 1_000)
})

it('rejects messages and delivers none once a day’s operations are used up', async () => {
  const { queue, broker, account, clock } = setUp()
  account.add({ queueOperations: 9_998 })
  await queue.send(text(64_000).body, { contentType: 'text' }) // two operations
  await expect(queue.send('more')).rejects.toThrow('429')
  clock.moveTo(MIDNIGHT - 1)
  expect(await broker.deliver(async () => true)).toBe(false)
  expect(broker.nextDueAt).toBe(MIDNIGHT)
  clock.moveTo(MIDNIGHT)
  expect(await broker.deliver(async () => true)).toBe(true)
  await queue.send('more')
})
