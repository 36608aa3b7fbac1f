import { exactNumber, type ExactNumber } from '../../event/exact-number.ts'
import { normalizeIdentifier, type IdentifierName } from '../../event/identifier.ts'
import { quote, valueOf } from '../columns.ts'
import type { Position } from '../stored-activity.ts'
import { NAMES } from '../events/identifiers.ts'
import { MENTIONS_SUBJECT } from '../events/mentions.ts'
import { toSubject } from '../erasure/subject.ts'

/** An identifier that an event shows of its contact; `spelling` is empty if it was sent as the key is. */
export type SeenIdentifier = [
  contactId: number | ExactNumber,
  name: IdentifierName,
  key: string,
  spelling: string,
  ...of: [occurredAt: number, id: string],
]

// What is longer is no identifier, and would weigh twice as much beside the event.
const MAX_LENGTH = 8_000
/** Of one event: who has more is no person. */
const MAX_OF_EVENT = 100

/** Collects the identifiers that events show of their contacts, each once. */
export class SeenIdentifiers {
  readonly list: SeenIdentifier[] = []
  readonly #known = new Set<string>()

  /**
   * @param valueOf what the event has in a column
   * @param extra its column: what was sent in another form than it should have is there
   */
  add(
    contactId: number | ExactNumber,
    { occurredAt, id }: Position,
    valueOf: (name: IdentifierName) => unknown,
    extra: unknown,
  ): void {
    const whose = typeof contactId === 'object' ? contactId.rawJSON : contactId
    const { names } = toSubject(contactId, valueOf, extra)
    for (const { name, value } of names.slice(0, MAX_OF_EVENT)) {
      if (value.length > MAX_LENGTH) continue
      const known = `${whose} ${name} ${value}`
      if (this.#known.has(known)) continue
      this.#known.add(known)
      // SQLite's functions see a text end at a NUL.
      const key = value.includes('\0') ? undefined : normalizeIdentifier(name, value)
      if (key === undefined || key.length > MAX_LENGTH) continue
      this.list.push([contactId, name, key, value === key ? '' : value, occurredAt, id])
    }
  }
}

type Row = Position & { contactId: string; extra: string | null } & Record<
    IdentifierName,
    string | null
  >

const COLUMNS = ['occurredAt', ...NAMES]
  .map(quote)
  .concat(`${valueOf('id')} AS id`, `CASE WHEN ${MENTIONS_SUBJECT} THEN extra END AS extra`)
  .join(', ')

/**
 * The identifiers that the next events of a range of time show.
 *
 * @param since,until UTC milliseconds; `until` is not included
 * @param after the place reached before
 * @returns `next` is the place reached, null at the end
 */
export async function readSeenIdentifiers(
  db: D1Database,
  { since, until }: { since: number; until: number },
  after: Position | undefined,
  limit: number,
): Promise<{ seen: readonly SeenIdentifier[]; next: Position | null }> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS}, CAST(contactId AS TEXT) AS contactId FROM activity
       WHERE occurredAt >= ?1 AND occurredAt < ?2 AND (occurredAt, activity.id) > (?3, unhex(?4))
         AND contactId IS NOT NULL
       ORDER BY occurredAt, activity.id LIMIT ${limit}`,
    )
    .bind(since, until, after?.occurredAt ?? since, after?.id ?? '')
    .all<Row>()
  const names = new SeenIdentifiers()
  for (const row of results) {
    names.add(exactNumber(row.contactId), row, (name) => row[name], row.extra)
  }
  const last = results.length === limit ? results.at(-1) : undefined
  return { seen: names.list, next: last ? { occurredAt: last.occurredAt, id: last.id } : null }
}

/** The identifiers that events of contacts show, of at most so many events. @param contactIds decimal digits */
export async function readSeenIdentifiersOf(
  db: D1Database,
  contactIds: readonly string[],
  limit: number,
): Promise<readonly SeenIdentifier[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS}, CAST(contactId AS TEXT) AS contactId FROM activity INDEXED BY activity_by_contact
       WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?)) LIMIT ${limit}`,
    )
    .bind(JSON.stringify(contactIds))
    .all<Row>()
  const names = new SeenIdentifiers()
  for (const row of results) {
    names.add(exactNumber(row.contactId), row, (name) => row[name], row.extra)
  }
  return names.list
}
