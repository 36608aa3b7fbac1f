import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { storeMessages } from '../src/db/write/batch-writer.ts'
import { faultyQueue } from './faulty.ts'
import { PATIENCE_MS } from './patience.ts'
import { list, postWith, type Responded } from './receiver.ts'

/** Stores events directly, without the queue; none may be quarantined. */
export function store(...events: object[]): Promise<void> {
  return storeText(JSON.stringify(events))
}

/** Like `store`, from the text of a body. */
export async function storeText(body: string): Promise<void> {
  const sent: string[] = []
  const response = await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)
  expect(await response.json()).toMatchObject({ quarantined: [] })
  // Without a queue, the edge could time out on a busy machine.
  const items = sent.map((text) => ({ text, quarantineOnFailure: false }))
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
