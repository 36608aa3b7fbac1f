import { Buffer } from 'node:buffer'
import { meterDatabase } from '../../src/db/monitor/meter-database.ts'

/** The billable use of a Worker since it started, and its progress. */
export type Used = {
  rowsRead: number
  rowsWritten: number
  /** One for each 64 KB of a message that is written, read or deleted. */
  queueOperations: number
  /** Messages that were sent and not yet consumed. */
  waiting: number
  /** After the last statement. */
  databaseBytes: number
}

/** The path at which a metered Worker reports its use. */
export const USED_PATH = '/bench/used'
/** The path that runs the schedule. */
export const SCHEDULE_PATH = '/bench/schedule'

const OPERATION_BYTES = 64_000
const METADATA_BYTES = 100 // that the queue adds to each message

/** Wraps a Worker to report the use of its database and queues at `USED_PATH`. */
export function meterWorker<Env extends object>(
  worker: ExportedHandler<Env>,
): ExportedHandler<Env> {
  const used: Used = {
    rowsRead: 0,
    rowsWritten: 0,
    queueOperations: 0,
    waiting: 0,
    databaseBytes: 0,
  }
  const known = new WeakMap<Env, Env>()
  const meterBindings = (env: Env): Env => {
    const metered = known.get(env) ?? (meterAll(env, used) as Env)
    known.set(env, metered)
    return metered
  }
  return {
    async fetch(request, env, context) {
      const { pathname } = new URL(request.url)
      if (pathname === USED_PATH) return Response.json(used)
      if (pathname === SCHEDULE_PATH) {
        const controller = { scheduledTime: Date.now(), cron: '', noRetry: () => undefined }
        await worker.scheduled?.(controller, meterBindings(env), context)
        return Response.json({})
      }
      return worker.fetch?.(request, meterBindings(env), context) ?? new Response()
    },
    async queue(batch, env, context) {
      const operations = batch.messages.map(({ body }) => countOperations(body))
      const retried = new Set<Message>()
      const messages = batch.messages.map((message) => watch(message, () => retried.add(message)))
      for (const each of operations) used.queueOperations += each // read
      await worker.queue?.({ ...watchBatch(batch), messages }, meterBindings(env), context)
      for (const [index, message] of batch.messages.entries()) {
        if (retried.has(message)) continue
        used.queueOperations += operations[index] ?? 0 // deleted
        used.waiting--
      }
    },
  }
}

/** Wraps a message to report when it is retried. */
function watch(message: Message, onRetry: () => void): Message {
  return {
    id: message.id,
    timestamp: message.timestamp,
    body: message.body,
    attempts: message.attempts,
    ack: () => message.ack(),
    retry: (options) => {
      onRetry()
      message.retry(options)
    },
  }
}

function watchBatch({ queue, metadata }: MessageBatch): MessageBatch {
  const reject = () => {
    throw new Error('the bench counts messages one by one')
  }
  return { queue, metadata, messages: [], ackAll: reject, retryAll: reject }
}

function meterAll(env: object, used: Used): object {
  const entries = Object.entries(env).map(([name, binding]: [string, unknown]) => {
    if (isDatabase(binding))
      return [name, meterDatabase(binding, (meta) => addStatement(used, meta))]
    return [name, isQueue(binding) ? meterQueue(binding, used) : binding]
  })
  return Object.fromEntries(entries) as object
}

function addStatement(used: Used, { rows_read, rows_written, size_after }: D1Meta): void {
  used.rowsRead += rows_read
  used.rowsWritten += rows_written
  used.databaseBytes = size_after || used.databaseBytes
}

function meterQueue(queue: Queue, used: Used): Queue {
  const add = (bodies: readonly unknown[]) => {
    for (const body of bodies) used.queueOperations += countOperations(body)
    used.waiting += bodies.length
  }
  return {
    metrics: () => queue.metrics(),
    send: (body, options) => {
      add([body])
      return queue.send(body, options)
    },
    sendBatch: (messages, options) => {
      const sent = [...messages]
      add(sent.map(({ body }) => body))
      return queue.sendBatch(sent, options)
    },
  }
}

function countOperations(body: unknown): number {
  const isBytes = body instanceof ArrayBuffer || ArrayBuffer.isView(body)
  const content = typeof body === 'string' || isBytes ? body : JSON.stringify(body)
  return Math.ceil((Buffer.byteLength(content) + METADATA_BYTES) / OPERATION_BYTES)
}

function isDatabase(binding: unknown): binding is D1Database {
  return typeof binding === 'object' && binding !== null && 'prepare' in binding
}

function isQueue(binding: unknown): binding is Queue {
  return typeof binding === 'object' && binding !== null && 'sendBatch' in binding
}
