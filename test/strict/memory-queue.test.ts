import { expect, it } from 'vitest'
import { Broker, VirtualClock, type ConsumerSettings } from './index.ts'

const START = Date.UTC(2026, 0, 5)

function setUp(settings: Partial<ConsumerSettings> = {}, retentionMs = Infinity) {
  const clock = new VirtualClock(START)
  const consumers = [
    { queue: 'jobs', max_batch_size: 2, max_batch_timeout: 1, max_retries: 1, ...settings },
    { queue: 'dead' },
  ]
  const broker = new Broker({ consumers, clock, retentionMs })
  return { clock, broker, queue: broker.toBinding('jobs') }
}

const body = ({ messages }: MessageBatch) => messages.map((message) => message.body)

it('delivers in batches of at most the size of the consumer, after its time', async () => {
  const { clock, broker, queue } = setUp()
  await queue.sendBatch([1, 2, 3].map((number) => ({ body: { number } })))
  const seen: unknown[] = []
  const deliver = () => broker.deliver(async (batch) => Boolean(seen.push(body(batch))))
  expect(await deliver()).toBe(false)
  clock.moveTo(broker.nextDueAt ?? 0)
  while (await deliver());
  expect(seen).toEqual([[{ number: 1 }, { number: 2 }], [{ number: 3 }]])
  expect(clock.now()).toBe(START + 1_000)
})

it('delivers content by its type', async () => {
  const { clock, broker, queue } = setUp({ max_batch_size: 4 })
  await queue.send('text', { contentType: 'text' })
  await queue.send({ a: [undefined, 1] })
  await queue.send(new Uint8Array([1]).buffer, { contentType: 'bytes' })
  await queue.send(new Uint8Array([0, 2]).subarray(1), { contentType: 'bytes' })
  clock.advance(1_000)
  await broker.deliver(async (batch) => {
    const bytes = [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer]
    expect(body(batch)).toEqual(['text', { a: [null, 1] }, ...bytes])
    return true
  })
})

it('retries, then moves a message to the dead letters, then deletes it', async () => {
  const { clock, broker, queue } = setUp({ retry_delay: 30, dead_letter_queue: 'dead' })
  await queue.send('bad')
  const tries: unknown[] = []
  while (broker.nextDueAt !== null) {
    clock.moveTo(broker.nextDueAt)
    await broker.deliver(async ({ queue: name, messages }) => {
      tries.push([name, messages[0]?.attempts, (clock.now() - START) / 1_000])
      return false
    })
  }
  expect(tries).toEqual([
    ['jobs', 1, 1],
    ['jobs', 2, 31],
    ['dead', 1, 61],
    ['dead', 2, 61],
    ['dead', 3, 61],
    ['dead', 4, 61],
  ])
  expect(broker.deleted).toMatchObject([{ body: 'bad', why: 'retries' }])
})

it('lets the first verdict on a message count', async () => {
  const { clock, broker, queue } = setUp()
  await queue.sendBatch([{ body: 'acknowledged' }, { body: 'retried' }])
  clock.advance(1_000)
  await broker.deliver(async ({ messages: [first, second] }) => {
    first?.ack()
    first?.retry()
    second?.retry({ delaySeconds: 5 })
    second?.ack()
    return true
  })
  expect(broker.waiting.map((message) => message.body)).toEqual(['retried'])
  expect(broker.nextDueAt).toBe(clock.now() + 5_000)
})

it('deletes what waits longer than the retention', async () => {
  const { clock, broker, queue } = setUp({}, 3_600_000)
  await queue.send('old')
  clock.advance(3_600_000)
  expect(await broker.deliver(async () => true)).toBe(false)
  expect(broker.deleted).toMatchObject([{ body: 'old', why: 'retention' }])
})
