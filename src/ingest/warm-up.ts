import { Buffer } from 'node:buffer'
import type { Envelope } from '../event/message.ts'
import { Secret } from '../platform/secret.ts'
import { defer } from './defer.ts'
import { Elements } from './parse-elements.ts'
import { prepare } from './to-messages.ts'

/** An event from Yespo's documentation. */
const EVENT = {
  activityDateTime: '2023-09-14T08:30:03',
  activityStatus: 'DELIVERED',
  broadcastId: 3459207,
  contactId: 889891911,
  email: 'contact@example.com',
  externalCustomerId: '889891911',
  from: 'Example Shop',
  iid: '99d591ab-e7a5-49ed-8e16-b3023378fc18',
  mediaType: 'email',
  messageId: 2489300,
  messageInstanceId: 3459207,
  messageLanguageCode: 'uk',
  messageName: 'Осінній розпродаж',
  messageTag: 'sale,autumn',
  viewMessageLink: 'https://view.example.com/99d591ab',
}

const EVENTS = 50 // more take the start longer, and save the first request little

const ZONE = 'Europe/Kyiv' // any that is not UTC, whose conversion is compiled, too

const ENVELOPE: Envelope = { receivedAt: 0, origin: 'webhook', labels: null }

const NO_DATABASE = { prepare: () => ({ bind: () => ({}) }) } as unknown as D1Database

/**
 * Prepares some events while the Worker starts, and drops the result. What the engine compiles now, the first request
 * need not wait for: a start may take a second of processor time, and on the free plan a request ten milliseconds.
 *
 * @returns how many of the events were valid
 */
export async function warmUp(): Promise<number> {
  const body = Buffer.from(JSON.stringify(Array.from({ length: EVENTS }, () => EVENT)))
  const { accepted, messages } = prepare(new Elements(body), ENVELOPE, ZONE)
  defer(body, ENVELOPE, ZONE, 'free')
  new Secret('').matches(body)
  const { prepareEvents } = await import('../db/write/save-messages.ts')
  prepareEvents(NO_DATABASE, messages, 0, '0')
  return accepted
}
