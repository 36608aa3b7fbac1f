import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { app } from '../../src/routes.ts'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith } from '../receiver.ts'
import { PATIENCE_MS } from '../patience.ts'

/** What an erasure is answered with. */
export type Answer = {
  contacts: number
  erasure: { number: number; state: string; removed: Record<string, number> }
}

/** Asks for an erasure. */
export async function erase(path: string, changed: object = {}): Promise<Response> {
  const init = { method: 'DELETE', headers: { Authorization: 'Bearer read-token-for-tests' } }
  return app.request(path, init, { ...env, ...changed })
}

/** Asks for one that is taken. */
export async function erased(path: string, changed: object = {}): Promise<Answer> {
  const response = await erase(path, changed)
  expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()])
  return response.json()
}

/** Takes a body in; what is none of it an event is set aside at once. */
export async function takeIn(body: object | string): Promise<void> {
  const response = await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
  expect(response.status).toBe(200)
}

/** The messages that a POST hands to the queue. */
export async function messagesOf(body: object): Promise<string[]> {
  const sent: string[] = []
  await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, body)
  return sent
}

/** Stores messages as the queue brings them. */
export async function consume(texts: string[], quarantineOnFailure = false) {
  const messages = texts.map((text) => ({ text, quarantineOnFailure }))
  return storeMessages(env.DB, messages, PATIENCE_MS)
}
