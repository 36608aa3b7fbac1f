import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { storeMessages } from '../../src/store/attempt.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith } from '../receiver.ts'

/** The messages that a POST hands to the queue. */
async function messagesOf(body: object): Promise<{ text: string; lastTry: boolean }[]> {
  const sent: string[] = []
  expect((await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)).status).toBe(200)
  return sent.map((text) => ({ text, lastTry: false }))
}

it('writes two rows for an event, few for all of them, and none for a repeated one', async () => {
  const messages = await messagesOf(Array.from({ length: 100 }, () => buildEvent()))
  const { rowsWritten } = await storeMessages(env.DB, messages, 5_000)
  expect(rowsWritten).toBeLessThanOrEqual(200 + 10)
  expect(await storeMessages(env.DB, messages, 5_000)).toMatchObject({ rowsWritten: 0 })
})

it('writes a row and its place in time for what is set aside, and none for it again', async () => {
  const messages = await messagesOf([5, 'text'])
  expect(await storeMessages(env.DB, messages, 5_000)).toMatchObject({ rowsWritten: 4 })
  expect(await storeMessages(env.DB, messages, 5_000)).toMatchObject({ rowsWritten: 0 })
})
