import { Buffer } from 'node:buffer'
import type { PreparedEvent } from '../ingest/to-messages.ts'
import { HttpError } from '../platform/http-error.ts'
import { storeMessages, type Outcome } from '../db/write/batch-writer.ts'
import { packMessages, type Envelope } from '../event/message.ts'
import type { QuarantineKey } from '../db/quarantine/changes.ts'
import type { StoredItem } from '../db/quarantine/list.ts'

/** What a replay works with. */
export type Means = {
  db: D1Database
  /** Of times that carry none, an IANA name. */
  timeZone: string
}

/** How it went. */
export type ReplayReport = {
  /** How many are set aside no more. */
  replayed: number
  /** How many events that were. */
  events: number
  /** How many of what was tried can be no event yet, and stay set aside. */
  still: number
}

/** An event that is to be stored, and what it was set aside as. */
export type Replayed = PreparedEvent & { arrival: Envelope; element: QuarantineKey }

const DATABASE_TIMEOUT_MS = 20_000

/**
 * Stores events at once, without the queue. Each is stored then, or was there already, or is about someone
 * who was forgotten; what the database does not take of them is set aside as a message.
 *
 * @throws HttpError 503 if the database does not take them now: some may be stored, which does no harm
 */
export async function storeReplayed(
  db: D1Database,
  events: readonly Replayed[],
): Promise<{ stored: Replayed[]; quarantined: Replayed[] }> {
  const texts = events.flatMap(({ arrival, row }) => packMessages(arrival, [row], []))
  const outcomes = await storeTexts(db, texts)
  const { quarantined = [], stored = [] } = Object.groupBy(events, (_, place) =>
    outcomes[place] === 'quarantined' ? 'quarantined' : 'stored',
  )
  return { stored, quarantined }
}

/** Stores messages. @throws HttpError 503 where one of them is neither stored nor set aside */
export async function storeTexts(db: D1Database, texts: readonly string[]): Promise<Outcome[]> {
  if (texts.length === 0) return []
  const items = texts.map((text) => ({ text, quarantineOnFailure: true }))
  const { outcomes, errors } = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  if (outcomes.includes('failed')) throw rejectForNow(errors)
  return outcomes
}

/** A body of elements of one kind, as they were sent. */
export function bodyOf({ kind }: StoredItem, texts: readonly string[]): Uint8Array {
  return Buffer.from(`[${texts.join()}]`, kind === 'bytes' ? 'latin1' : 'utf8')
}

/** How something that was set aside came. */
export function envelopeOf({ receivedAt, origin, labels }: StoredItem): Envelope {
  return { receivedAt, origin, labels }
}

function rejectForNow(errors: readonly string[]): HttpError {
  return new HttpError(
    503,
    'unavailable',
    'The database does not take the events right now; what is not stored stays set aside. Try again later.',
    { headers: { 'Retry-After': '60' }, log: { errors } },
  )
}
