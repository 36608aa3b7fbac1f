import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import { app } from '../../src/routes.ts'
import { storeMessages } from '../../src/db/write/batch-writer.ts'
import { faultyQueue } from '../faulty.ts'
import { postWith } from '../receiver.ts'
import { PATIENCE_MS } from '../patience.ts'

/** The response to an erasure. */
export type ErasureResponse = {
  contacts: number
  erasure: { number: number; state: string; removed: Record<string, number> }
}

export async function erase(
  path: string,
  changed: object = {},
  token = 'read-token-for-tests',
): Promise<Response> {
  const init = { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } }
  return app.request(path, init, { ...env, ...changed })
}

/** Sends a request for erasure, which has to be accepted. */
export async function erased(path: string, changed: object = {}): Promise<ErasureResponse> {
  const response = await erase(path, changed)
  expect([response.status, await response.clone().text()]).toEqual([200, expect.anything()])
  return response.json()
}

/** Receives a body; its invalid elements are quarantined at once. */
export async function receive(body: object | string): Promise<void> {
  const response = await postWith({ ACTIVITY_QUEUE: faultyQueue(new Error('down')) }, body)
  expect(response.status).toBe(200)
}

/** Stores messages as the queue delivers them. */
export async function consume(
  texts: readonly string[],
  { db = env.DB, quarantineOnFailure = false } = {},
) {
  const messages = texts.map((text) => ({ text, quarantineOnFailure }))
  return storeMessages(db, messages, PATIENCE_MS)
}

/** A database in which something happens right before its first batch. */
export function withIncident(happen: () => Promise<unknown>): D1Database {
  let isFirst = true
  return {
    prepare: (sql: string) => env.DB.prepare(sql),
    batch: async (statements: D1PreparedStatement[]) => {
      if (isFirst) {
        isFirst = false
        await happen()
      }
      return env.DB.batch(statements)
    },
  } as unknown as D1Database
}
