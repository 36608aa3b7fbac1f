import { quote, valueOf } from '../columns.ts'
import { ADD_REMOVED, type Step, type Taken } from './erasures.ts'
import type { Position } from '../stored-activity.ts'
import { NAMES } from '../events/identifiers.ts'
import { MENTIONS_SUBJECT } from '../events/mentions.ts'
import { recognize, toSubject, type DataSubject } from './subject.ts'
import { deleteEvents, deleteLate, lockTotals } from './delete-events.ts'

const STEP_EVENTS = 500
const STEP_SCANNED = 5_000

/** What happened or came in until then: what they did later is not to be forgotten. */
const IS_BEFORE = '(occurredAt <= ?2 OR receivedAt <= ?2)'

/** Some events of the contacts. */
export async function eraseActivity({ db, number, erasedAt, target }: Step): Promise<Taken> {
  const { results: keys } = await db
    .prepare(
      `SELECT occurredAt, ${valueOf('id')} AS id FROM activity INDEXED BY activity_by_contact
       WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?1)) AND ${IS_BEFORE}
       LIMIT ${STEP_EVENTS}`,
    )
    .bind(JSON.stringify(target.contactIds), erasedAt)
    .all<Position>()
  return {
    next: keys.length === STEP_EVENTS ? target : { ...target, stage: 'nameless', cursor: null },
    changes: erase(db, number, keys),
  }
}

/** An event that names no contact, with what tells whom it is about. */
type Nameless = Position & { receivedAt: number } & Record<string, string | number | null>

const COLUMNS = ['occurredAt', 'receivedAt', ...NAMES]
  .map((name) => `activity.${quote(name)}`)
  .concat(
    `${valueOf('id')} AS id`,
    `CASE WHEN ${MENTIONS_SUBJECT} THEN activity.extra END AS extra`,
  )

/** The next events that name no contact, and whom each is about. @param after null at the beginning */
export async function listNameless(
  db: D1Database,
  after: Position | null,
  limit: number,
): Promise<{ row: Nameless; person: DataSubject }[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS.join(', ')} FROM (
         SELECT occurredAt, id FROM activity INDEXED BY activity_nameless
         WHERE contactId IS NULL AND (occurredAt, id) > (?1, unhex(?2))
         ORDER BY occurredAt, id LIMIT ${limit}
       ) CROSS JOIN activity USING (occurredAt, id)`,
    )
    .bind(after?.occurredAt ?? -8_640_000_000_000_000, after?.id ?? '')
    .all<Nameless>()
  return results.map((row) => ({
    row,
    person: toSubject(null, (name) => row[name], row['extra']),
  }))
}

/** The next events that name no contact, as far as they carry one of the names. */
export async function eraseNameless(step: Step): Promise<Taken> {
  const { db, number, erasedAt, target } = step
  const [occurredAt, id] = target.cursor ?? []
  const after = id === undefined ? null : { occurredAt: Number(occurredAt), id: String(id) }
  const found = await listNameless(db, after, STEP_SCANNED)
  const isMatch = recognize(target)
  const theirs = found.flatMap(({ row, person }) => {
    const isBefore = row.occurredAt <= erasedAt || row.receivedAt <= erasedAt
    return isBefore && isMatch(person) ? row : []
  })
  const last = found.at(-1)?.row
  return {
    next: {
      ...target,
      ...(last && found.length === STEP_SCANNED
        ? { cursor: [last.occurredAt, last.id] }
        : ({ stage: 'names', cursor: null } as const)),
    },
    changes: erase(db, number, theirs),
  }
}

function erase(db: D1Database, number: number, keys: readonly Position[]): D1PreparedStatement[] {
  if (keys.length === 0) return []
  return [
    lockTotals(db, keys),
    deleteEvents(db, keys),
    db.prepare(ADD_REMOVED).bind(number, 'activity'),
    deleteLate(db, keys),
  ]
}
