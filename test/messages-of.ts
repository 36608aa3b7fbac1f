import { expect } from 'vitest'
import { checkDeferred } from '../src/ingest/check-deferred.ts'
import { faultyQueue } from './faulty.ts'
import { postWith, type Body } from './receiver.ts'

/** The messages that a POST enqueues, their elements checked: a large body's as the consumer checks them. */
export async function messagesOf(body: Body): Promise<string[]> {
  const sent: string[] = []
  const changed = { ACTIVITY_QUEUE: faultyQueue(undefined, sent), CLOUDFLARE_PLAN: 'paid' } as const
  const response = await postWith(changed, body)
  expect(response.status).toBe(200)
  return sent.map(checkDeferred)
}
