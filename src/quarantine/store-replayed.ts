import { Buffer } from 'node:buffer'
import type { PreparedEvent } from '../ingest/to-messages.ts'
import { HttpError } from '../platform/http-error.ts'
import { storeMessages, type Outcome } from '../db/write/batch-writer.ts'
import { packMessages, type Envelope } from '../event/message.ts'
import type { QuarantineKey } from '../db/quarantine/changes.ts'
import type { StoredItem } from '../db/quarantine/list.ts'

export type ReplayContext = {
  db: D1Database
  /** The IANA name of the zone of times without one. */
  timeZone: string
}

export type ReplayReport = {
  /** How many items left the quarantine. */
  replayed: number
  /** How many events they became. */
  events: number
  /** How many items are still invalid, and stay in quarantine. */
  still: number
}

/** An event to store, and the quarantined item that it came from. */
export type ReplayedEvent = PreparedEvent & { envelope: Envelope; item: QuarantineKey }

const DATABASE_TIMEOUT_MS = 20_000

/**
 * Stores events immediately, without the queue. Afterwards each is stored, or is about an erased subject, or was
 * quarantined as a message because the database rejects it.
 *
 * @throws HttpError 503 if the database is unavailable: some may be stored, which does no harm
 */
export async function storeReplayed(
  db: D1Database,
  events: readonly ReplayedEvent[],
): Promise<{ stored: ReplayedEvent[]; quarantined: ReplayedEvent[] }> {
  const texts = events.flatMap(({ envelope, row }) => packMessages(envelope, [row], []))
  const outcomes = await storeTexts(db, texts)
  const { quarantined = [], stored = [] } = Object.groupBy(events, (_, index) =>
    outcomes[index] === 'quarantined' ? 'quarantined' : 'stored',
  )
  return { stored, quarantined }
}

/** @throws HttpError 503 if a message is neither stored nor quarantined */
export async function storeTexts(db: D1Database, texts: readonly string[]): Promise<Outcome[]> {
  if (texts.length === 0) return []
  const items = texts.map((text) => ({ text, quarantineOnFailure: true }))
  const { outcomes, errors } = await storeMessages(db, items, DATABASE_TIMEOUT_MS)
  if (outcomes.includes('failed')) throw unavailable(errors)
  return outcomes
}

/** A body with elements of one kind, as sent. */
export function bodyOf({ kind }: StoredItem, texts: readonly string[]): Uint8Array {
  return Buffer.from(`[${texts.join()}]`, kind === 'bytes' ? 'latin1' : 'utf8')
}

/** The envelope of a quarantined item. */
export function envelopeOf({ receivedAt, origin, labels }: StoredItem): Envelope {
  return { receivedAt, origin, labels }
}

function unavailable(errors: readonly string[]): HttpError {
  return new HttpError(
    503,
    'unavailable',
    'The database is unavailable; what is not stored stays in quarantine. Try again later.',
    { headers: { 'Retry-After': '60' }, log: { errors } },
  )
}
