import { env } from 'cloudflare:workers'
import { Elements } from '../src/receive/elements.ts'
import { prepare } from '../src/receive/prepare.ts'
import type { Arrival } from '../src/store/message.ts'
import { saveMessages } from '../src/store/save.ts'

/** Stores events as those of Yespo's API are. @param receivedAt UTC milliseconds */
export async function storeFromApi(receivedAt: number, ...events: object[]): Promise<void> {
  await saveMessages(env.DB, packFrom('api', receivedAt, ...events))
}

/** The messages that carry events. @param receivedAt UTC milliseconds */
export function packFrom(
  origin: Arrival['origin'],
  receivedAt: number,
  ...events: object[]
): string[] {
  const body = new TextEncoder().encode(JSON.stringify(events))
  return prepare(new Elements(body), { receivedAt, origin, labels: null }, 'UTC').messages
}
