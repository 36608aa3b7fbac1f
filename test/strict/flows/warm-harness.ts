import {
  Broker,
  memoryR2,
  memoryRateLimit,
  Runtime,
  VirtualClock,
  type ConsumerSettings,
} from '../index.ts'
import { memoryD1 } from '../node.ts'

const ROUNDS = 100
const CONSUMER: ConsumerSettings = { queue: 'warm', max_batch_timeout: 0 }

type Env = { DB: D1Database; QUEUE: Queue; BUCKET: R2Bucket; LIMIT: RateLimit }

/** Has the harness compiled before the first invocation is measured, with a Worker that calls every binding. */
export async function warmHarness(): Promise<void> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const runtime = new Runtime({ plan: 'paid', clock, cpu: () => 0 })
  const broker = new Broker({ consumers: [CONSUMER], clock })
  for (let round = 0; round < ROUNDS; round++) {
    const env: Env = {
      DB: memoryD1(),
      QUEUE: broker.toBinding('warm'),
      BUCKET: memoryR2(clock),
      LIMIT: memoryRateLimit(10, 60, clock),
    }
    const request = new Request('https://x.example/', { method: 'POST', body: 'a' })
    await runtime.fetch(WORKER, request, env)
    await broker.deliver(async (batch) => {
      const { outcome } = await runtime.queue(WORKER, batch, env)
      return outcome === 'ok'
    })
    await runtime.scheduled(WORKER, { scheduledTime: 0, cron: '', noRetry: () => {} }, env)
  }
}

async function callAll({ DB, QUEUE, BUCKET, LIMIT }: Env): Promise<void> {
  await LIMIT.limit({ key: 'a' })
  const statement = DB.prepare('SELECT ? AS a').bind('a')
  await DB.batch([statement, statement])
  await statement.first('a')
  await statement.all()
  await statement.run()
  await QUEUE.send('a', { contentType: 'text' })
  await QUEUE.sendBatch([{ body: 'a', contentType: 'text' }, { body: { a: 1 } }])
  await BUCKET.put('a', 'a')
  await BUCKET.head('a')
  await (await BUCKET.get('a'))?.arrayBuffer()
}

const WORKER = {
  async fetch(request, env) {
    await request.text()
    await callAll(env)
    return Response.json({ a: 1 })
  },
  async queue(batch) {
    for (const message of batch.messages) message.ack()
  },
  async scheduled(_controller, env) {
    await callAll(env)
  },
} satisfies ExportedHandler<Env>
