import { Buffer } from 'node:buffer'
import type { PreparedEvent } from '../../receive/prepare.ts'
import { Refusal } from '../../refusal.ts'
import { storeMessages, type Outcome } from '../../store/attempt.ts'
import { packMessages, type Arrival } from '../../store/message.ts'
import type { SetAsideKey } from '../../store/quarantine-changes.ts'
import type { StoredSetAside } from '../../store/quarantine.ts'

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
export type Replayed = PreparedEvent & { arrival: Arrival; element: SetAsideKey }

const DATABASE_LIMIT_MS = 20_000

/**
 * Stores events at once, without the queue. Each is stored then, or was there already, or is about someone
 * who was forgotten; what the database does not take of them is set aside as a message.
 *
 * @throws Refusal 503 if the database does not take them now: some may be stored, which does no harm
 */
export async function storeReplayed(
  db: D1Database,
  events: readonly Replayed[],
): Promise<{ stored: Replayed[]; setAside: Replayed[] }> {
  const texts = events.flatMap(({ arrival, row }) => packMessages(arrival, [row], []))
  const outcomes = await storeTexts(db, texts)
  const { setAside = [], stored = [] } = Object.groupBy(events, (_, place) =>
    outcomes[place] === 'set aside' ? 'setAside' : 'stored',
  )
  return { stored, setAside }
}

/** Stores messages. @throws Refusal 503 where one of them is neither stored nor set aside */
export async function storeTexts(db: D1Database, texts: readonly string[]): Promise<Outcome[]> {
  if (texts.length === 0) return []
  const items = texts.map((text) => ({ text, lastTry: true }))
  const { outcomes, faults } = await storeMessages(db, items, DATABASE_LIMIT_MS)
  if (outcomes.includes('failed')) throw refuseForNow(faults)
  return outcomes
}

/** A body of elements of one kind, as they were sent. */
export function bodyOf({ kind }: StoredSetAside, texts: readonly string[]): Uint8Array {
  return Buffer.from(`[${texts.join()}]`, kind === 'bytes' ? 'latin1' : 'utf8')
}

/** How something that was set aside came. */
export function arrivalOf({ receivedAt, origin, labels }: StoredSetAside): Arrival {
  return { receivedAt, origin, labels }
}

function refuseForNow(faults: readonly string[]): Refusal {
  return new Refusal(
    503,
    'unavailable',
    'The database does not take the events right now; what is not stored stays set aside. Try again later.',
    { headers: { 'Retry-After': '60' }, log: { faults } },
  )
}
