import { byteLength } from './bytes.ts'
import { findBy, type Invocation } from './invocation.ts'
import type { Limits } from './limits.ts'

type Sent = { body: unknown; contentType?: string | undefined; delaySeconds?: number | undefined }

/** The bytes of a message's content. */
export function messageBytes(body: unknown, contentType = 'json'): number {
  if (contentType === 'text' || contentType === 'bytes') return byteLength(body)
  return byteLength(JSON.stringify(body) ?? '')
}

/** The operations that writing, reading or deleting a message costs. */
export function countOperations(bytes: number, limits: Limits['queue']): number {
  return Math.ceil((bytes + limits.metadataBytes) / limits.operationBytes)
}

/**
 * A producer that fails as Cloudflare's does if messages or the account go beyond their limits.
 *
 * @param of the one that calls it; the running one by default
 */
export function limitQueue(queue: Queue, of?: Invocation): Queue {
  const find = findBy(of)
  const deliver = <T>(name: string, sent: readonly Sent[], work: () => Promise<T>) => {
    const invocation = find()
    const { account, readings } = invocation
    const limits = invocation.limits.queue
    const sizes = invocation.exclude(() =>
      sent.map(({ body, contentType }) => messageBytes(body, contentType)),
    )
    const check = () => {
      const fail = (why: string) => {
        throw new Error(`Queue ${name} failed: ${why}`)
      }
      if (account.isSpent('queueOperations')) fail('Too Many Requests (429)')
      const delays = sent.map(({ delaySeconds = 0 }) => delaySeconds)
      if (delays.some((each) => !(each >= 0 && each <= readings.maxDelaySeconds))) {
        fail(`delaySeconds must be between 0 and ${readings.maxDelaySeconds}`)
      }
      if (sizes.some((size) => size > limits.messageBytes)) fail('message too large')
      const total = sizes.reduce((sum, size) => sum + size + limits.metadataBytes, 0)
      if (sent.length > limits.batchMessages || (sent.length > 1 && total > limits.batchBytes)) {
        fail('Payload Too Large')
      }
    }
    const counted = async () => {
      const result = await work()
      const operations = sizes.reduce((sum, size) => sum + countOperations(size, limits), 0)
      account.add({ queueOperations: operations })
      return result
    }
    return invocation.call({ name: `Queue.${name}` }, counted, check)
  }
  return {
    send: (body: unknown, options?: QueueSendOptions) =>
      deliver('send', [{ body, ...options }], () => queue.send(body, options)),
    sendBatch: (messages: Iterable<MessageSendRequest>, options?: QueueSendBatchOptions) => {
      const sent = [...messages]
      const delayed = sent.map((message) => ({ ...options, ...message }))
      return deliver('sendBatch', delayed, () => queue.sendBatch(sent, options))
    },
    metrics: () => find().call({ name: 'Queue.metrics' }, () => queue.metrics()),
  } as Queue
}
