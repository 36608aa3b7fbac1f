import { env } from 'cloudflare:workers'
import { Elements } from '../src/ingest/parse-elements.ts'
import { prepare } from '../src/ingest/to-messages.ts'
import type { Envelope } from '../src/event/message.ts'
import { saveMessages } from '../src/db/write/save-messages.ts'

/** Stores events as if read from Yespo's API. @param receivedAt UTC milliseconds */
export async function storeFromApi(receivedAt: number, ...events: object[]): Promise<void> {
  await saveMessages(env.DB, packFrom('api', receivedAt, ...events))
}

/** Packs events into messages. @param receivedAt UTC milliseconds */
export function packFrom(
  origin: Envelope['origin'],
  receivedAt: number,
  ...events: object[]
): string[] {
  const body = new TextEncoder().encode(JSON.stringify(events))
  return prepare(new Elements(body), { receivedAt, origin, labels: null }, 'UTC').messages
}
