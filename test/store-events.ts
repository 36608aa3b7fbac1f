import { expect } from 'vitest'
import { faultyQueue } from './faulty.ts'
import { list, postWith, type Answered } from './receiver.ts'

/** Stores events at once, without the queue; none may be set aside. */
export function store(...events: object[]): Promise<void> {
  return storeText(JSON.stringify(events))
}

/** The same from the text of a body. */
export async function storeText(body: string): Promise<void> {
  const response = await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
  expect(await response.json()).toMatchObject({ quarantined: [] })
}

/** All that is stored, by the read API, the newest first. */
export async function* listEverything(): AsyncGenerator<Answered> {
  let cursor = ''
  do {
    const { activity, next } = await list(`?limit=500${cursor}`)
    yield* activity
    cursor = next === null ? '' : `&cursor=${next}`
  } while (cursor !== '')
}
