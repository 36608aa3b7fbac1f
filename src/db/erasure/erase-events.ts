import { IDENTIFIERS } from '../../event/identifier.ts'
import { quote, valueOf } from '../columns.ts'
import { MAX_TIME, type EventKey } from '../stored-event.ts'
import { markStale } from '../rollups/hours.ts'
import { deleteEvents, deleteLate, lockTotals } from './delete-events.ts'
import { ADD_REMOVED, type Step, type StepResult } from './erasures.ts'
import { MENTIONS_SUBJECT } from './subject-members.ts'
import { subjectMatcher, toSubject, type DataSubject } from './subject.ts'

const STEP_EVENTS = 500
const STEP_SCANNED = 5_000

/** Whether an event occurred or came in before the erasure (?2): later ones are not erased. */
const IS_BEFORE = '(occurredAt <= ?2 OR receivedAt <= ?2)'

/** Erases some events of the contacts. */
export async function eraseEvents({ db, number, erasedAt, target }: Step): Promise<StepResult> {
  const { results: keys } = await db
    .prepare(
      `SELECT occurredAt, ${valueOf('id')} AS id FROM activity INDEXED BY activity_by_contact
       WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?1)) AND ${IS_BEFORE}
       LIMIT ${STEP_EVENTS}`,
    )
    .bind(JSON.stringify(target.contactIds), erasedAt)
    .all<EventKey>()
  return {
    next: keys.length === STEP_EVENTS ? target : { ...target, stage: 'nameless', cursor: null },
    changes: erase(db, number, keys),
  }
}

/** An event without a contact, with its identifiers. */
type Nameless = EventKey & { receivedAt: number } & Record<string, string | number | null>

const COLUMNS = ['occurredAt', 'receivedAt', ...IDENTIFIERS]
  .map((name) => `activity.${quote(name)}`)
  .concat(
    `${valueOf('id')} AS id`,
    `CASE WHEN ${MENTIONS_SUBJECT} THEN activity.extra END AS extra`,
  )

/** The next events without a contact, and the data subject of each. @param after null at the beginning */
export async function listNameless(
  db: D1Database,
  after: EventKey | null,
  limit: number,
): Promise<{ row: Nameless; subject: DataSubject }[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS.join(', ')} FROM (
         SELECT occurredAt, id FROM activity INDEXED BY activity_nameless
         WHERE contactId IS NULL AND (occurredAt, id) > (?1, unhex(?2))
         ORDER BY occurredAt, id LIMIT ${limit}
       ) CROSS JOIN activity USING (occurredAt, id)`,
    )
    .bind(after?.occurredAt ?? -MAX_TIME, after?.id ?? '')
    .all<Nameless>()
  return results.map((row) => ({
    row,
    subject: toSubject(null, (name) => row[name], row['extra']),
  }))
}

/** Erases those of the next events without a contact that have one of the identifiers. */
export async function eraseNameless(step: Step): Promise<StepResult> {
  const { db, number, erasedAt, target } = step
  const [occurredAt, id] = target.cursor ?? []
  const after = id === undefined ? null : { occurredAt: Number(occurredAt), id: String(id) }
  const found = await listNameless(db, after, STEP_SCANNED)
  const isMatch = subjectMatcher(target)
  const keys = found.flatMap(({ row, subject }) => {
    const isBefore = row.occurredAt <= erasedAt || row.receivedAt <= erasedAt
    return isBefore && isMatch(subject) ? row : []
  })
  const last = found.at(-1)?.row
  return {
    next:
      last && found.length === STEP_SCANNED
        ? { ...target, cursor: [last.occurredAt, last.id] }
        : { ...target, stage: 'engagement', cursor: null },
    changes: erase(db, number, keys),
  }
}

function erase(db: D1Database, number: number, keys: readonly EventKey[]): D1PreparedStatement[] {
  if (keys.length === 0) return []
  return [
    lockTotals(db, keys),
    deleteEvents(db, keys),
    db.prepare(ADD_REMOVED).bind(number, 'activity'),
    deleteLate(db, keys),
    ...markStale(
      db,
      keys.map(({ occurredAt }) => occurredAt),
      Date.now(),
    ),
  ]
}
