import { expect, it } from 'vitest'
import { OpenedBatch } from '../../../src/cli/local/opened-batch.ts'
import { seal } from '../../../src/cli/local/sealed.ts'

/** A batch of the local queue with messages 1, 2 and 3, and the calls that reached it. */
function makeBatch() {
  const calls: string[] = []
  const messages = [1, 2, 3].map((id) => ({
    id: `message-${id}`,
    timestamp: new Date(0),
    attempts: id,
    body: seal({ id, binding: 'QUEUE', contentType: 'text', body: `body ${id}`, dueAt: 0 }, 0).body,
    ack: () => calls.push(`ack ${id}`),
    retry: (options?: QueueRetryOptions) => calls.push(`retry ${id} ${options?.delaySeconds}`),
  }))
  const batch = new OpenedBatch({
    queue: 'some-queue',
    metadata: { metrics: { backlogCount: 7, backlogBytes: 8 } },
    messages,
    ackAll: () => calls.push('ackAll'),
    retryAll: (options) => calls.push(`retryAll ${options?.delaySeconds}`),
  })
  return { batch, calls }
}

it('shows a consumer what a producer sent', () => {
  const { batch } = makeBatch()
  expect(batch.queue).toBe('some-queue')
  expect(batch.metadata.metrics.backlogCount).toBe(7)
  expect(batch.messages.map(({ id, attempts, body }) => [id, attempts, body])).toEqual([
    ['message-1', 1, 'body 1'],
    ['message-2', 2, 'body 2'],
    ['message-3', 3, 'body 3'],
  ])
})

it('takes a message that was not retried as acknowledged', () => {
  const { batch, calls } = makeBatch()
  const [first, second] = batch.messages
  first?.ack()
  second?.retry({ delaySeconds: 9 })
  second?.ack() // too late
  expect(batch.listAcknowledged()).toEqual([1, 3])
  expect(calls).toEqual(['ack 1', 'retry 2 9', 'ack 2'])
})

it('keeps the messages of a batch that is retried, but for those acknowledged', () => {
  const { batch, calls } = makeBatch()
  batch.messages[1]?.ack()
  batch.retryAll({ delaySeconds: 4 })
  expect(batch.listAcknowledged()).toEqual([2])
  expect(calls).toEqual(['ack 2', 'retryAll 4'])
})

it('takes all messages as acknowledged if all are', () => {
  const { batch, calls } = makeBatch()
  batch.ackAll()
  expect(batch.listAcknowledged()).toEqual([1, 2, 3])
  expect(calls).toEqual(['ackAll'])
})
