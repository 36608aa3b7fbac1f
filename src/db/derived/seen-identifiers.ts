import { exactNumber, type ExactNumber } from '../../event/exact-number.ts'
import { normalizeIdentifier, type IdentifierName } from '../../event/identifier.ts'
import { quote, valueOf } from '../columns.ts'
import { toSubject } from '../erasure/subject.ts'
import { MENTIONS_SUBJECT } from '../erasure/subject-members.ts'
import { IDENTIFIERS } from '../../event/identifier.ts'
import { readPages } from '../read-pages.ts'
import { bindList, runAll } from '../statements.ts'
import type { EventKey } from '../stored-event.ts'

/** An identifier of an event's contact; `original` is empty if it was sent normalized. */
export type SeenIdentifier = [
  contactId: number | ExactNumber,
  name: IdentifierName,
  key: string,
  original: string,
  ...of: [occurredAt: number, id: string],
]

// A longer text is not an identifier, and would double the size of the event.
const MAX_LENGTH = 8_000
/** Per event: a contact with more is not a person. */
const MAX_OF_EVENT = 100

/** Collects the identifiers of contacts in events, each once. */
export class SeenIdentifiers {
  readonly list: SeenIdentifier[] = []
  readonly #known = new Set<string>()

  /**
   * @param valueOf the value of a column of the event
   * @param extra the value of this column: it has identifiers that were sent with an undocumented type
   */
  add(
    contactId: number | ExactNumber,
    { occurredAt, id }: EventKey,
    valueOf: (name: IdentifierName) => unknown,
    extra: unknown,
  ): void {
    const digits = typeof contactId === 'object' ? contactId.rawJSON : contactId
    const { identifiers } = toSubject(contactId, valueOf, extra)
    for (const { name, value } of identifiers.slice(0, MAX_OF_EVENT)) {
      if (value.length > MAX_LENGTH) continue
      const known = `${digits} ${name} ${value}`
      if (this.#known.has(known)) continue
      this.#known.add(known)
      // In SQLite's functions, a text ends at a NUL.
      const key = value.includes('\0') ? undefined : normalizeIdentifier(name, value)
      if (key === undefined || key.length > MAX_LENGTH) continue
      this.list.push([contactId, name, key, value === key ? '' : value, occurredAt, id])
    }
  }
}

const INSERT = insert('true')
// Some of these events may have been deleted since they were read.
const INSERT_OF_STORED = insert(`EXISTS (
  SELECT 1 FROM activity WHERE occurredAt = seen.value ->> 4 AND id = unhex(seen.value ->> 5)
)`)

function insert(condition: string): string {
  const columns = [0, 1, 2, 3].map((index) => `seen.value ->> ${index}`)
  return `
    INSERT INTO contact_identifiers (contactId, name, key, original)
    SELECT ${columns.join(', ')} FROM jsonb_each(?1) AS seen WHERE ${condition}
    ON CONFLICT (contactId, name, key, original) DO NOTHING`
}

/** Inserts the identifiers in new events, in the transaction that stores the events. */
export function insertIdentifiers(
  db: D1Database,
  seen: readonly SeenIdentifier[],
): D1PreparedStatement[] {
  return bindList(
    db,
    INSERT,
    seen.map((each) => each.slice(0, 4)),
  )
}

type Row = EventKey & { contactId: string; extra: string | null } & Record<
    IdentifierName,
    string | null
  >

const COLUMNS = ['occurredAt', ...IDENTIFIERS]
  .map(quote)
  .concat(
    `${valueOf('id')} AS id`,
    `CASE WHEN ${MENTIONS_SUBJECT} THEN extra END AS extra`,
    'CAST(contactId AS TEXT) AS contactId',
  )
  .join(', ')

/**
 * Inserts the identifiers in stored events of a period. JavaScript reads them, as SQLite cannot normalize them.
 *
 * @param since,until UTC milliseconds; `until` is not included
 * @param size the number of events to read at a time
 */
export async function insertIdentifiersAgain(
  db: D1Database,
  { since, until }: { since: number; until: number },
  size: number,
): Promise<void> {
  const sql = `
    SELECT ${COLUMNS} FROM activity
    WHERE occurredAt >= ?1 AND occurredAt < ?2 AND (occurredAt, activity.id) > (?3, unhex(?4))
      AND contactId IS NOT NULL
    ORDER BY occurredAt, activity.id LIMIT ${size}`
  const readAfter = async ({ occurredAt, id }: EventKey) =>
    (await db.prepare(sql).bind(since, until, occurredAt, id).all<Row>()).results
  for await (const rows of readPages(since, size, readAfter)) {
    await runAll(db, bindList(db, INSERT_OF_STORED, collect(rows)))
  }
}

/** The identifiers in stored events of contacts. @param contactIds decimal digits  @param limit of the events */
export async function readSeenIdentifiers(
  db: D1Database,
  contactIds: readonly string[],
  limit: number,
): Promise<readonly SeenIdentifier[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM activity INDEXED BY activity_by_contact
       WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?)) LIMIT ${limit}`,
    )
    .bind(JSON.stringify(contactIds))
    .all<Row>()
  return collect(results)
}

function collect(rows: readonly Row[]): readonly SeenIdentifier[] {
  const seen = new SeenIdentifiers()
  for (const row of rows) {
    seen.add(exactNumber(row.contactId), row, (name) => row[name], row.extra)
  }
  return seen.list
}
