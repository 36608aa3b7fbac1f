import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { storeMessages } from '../src/db/write/batch-writer.ts'
import { countMessage } from '../src/event/message.ts'
import { messagesOf } from './messages-of.ts'
import { PATIENCE_MS } from './patience.ts'
import { list, type Responded } from './receiver.ts'

/** Stores events directly, without the queue; none may be quarantined. */
export function store(...events: object[]): Promise<void> {
  return storeText(JSON.stringify(events))
}

/** Like `store`, from the text of a body. */
export async function storeText(body: string): Promise<void> {
  const messages = await messagesOf(body)
  expect(messages.map((text) => countMessage(text)?.rejected)).toEqual(messages.map(() => 0))
  // Without a queue, the edge would give up before a busy machine is done.
  const items = messages.map((text) => ({ text, quarantineOnFailure: false }))
  const { outcomes, errors } = await storeMessages(env.DB, items, PATIENCE_MS)
  expect([outcomes.find((outcome) => outcome !== 'stored'), errors]).toEqual([undefined, []])
}

/** Reads all stored events from the read API, newest first. */
export async function* listEverything(): AsyncGenerator<Responded> {
  let cursor = ''
  do {
    const { activity, next } = await list(`?limit=500${cursor}`)
    yield* activity
    cursor = next === null ? '' : `&cursor=${next}`
  } while (cursor !== '')
}
