import { quote } from '../columns.ts'
import { entryKeyOf } from '../deliveries.ts'
import { ADD_REMOVED } from '../erasures.ts'
import type { Position } from '../list.ts'
import { NAMES } from '../names.ts'
import { MEMBER_NAMES } from '../person-members.ts'
import { recognize, toPerson } from '../person.ts'
import { deleteEvents, forgetLate, freezeHours } from '../take-out.ts'
import type { Step, Taken } from './step.ts'

const STEP_EVENTS = 500
const STEP_LOOKED = 5_000
const MAX_ENTRIES = 10_000 // of a target, which is one value

/** What happened or came in until then: what they did later is not to be forgotten. */
const IS_BEFORE = '(occurredAt <= ?2 OR receivedAt <= ?2)'

/** Some events of the contacts. */
export async function eraseActivity({ db, number, erasedAt, target }: Step): Promise<Taken> {
  const { results: keys } = await db
    .prepare(
      `SELECT occurredAt, id FROM activity INDEXED BY activity_by_contact
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

type Nameless = Position & Record<string, string | number | null>

// Only where it may tell of someone, as there may be much of it. LIKE knows no upper and lower case.
const MENTIONED = MEMBER_NAMES.map((name) => `activity.extra LIKE '%"${name}":%'`).join(' OR ')
const COLUMNS = ['occurredAt', 'id', 'iid', ...NAMES]
  .map((name) => `activity.${quote(name)}`)
  .concat(`CASE WHEN ${MENTIONED} THEN activity.extra END AS extra`)

/** The next events that name no contact, as far as they carry one of the names. */
export async function eraseNameless(step: Step): Promise<Taken> {
  const { db, number, erasedAt, target } = step
  const [occurredAt = -8_640_000_000_000_000, id = ''] = target.cursor ?? []
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS.join(', ')}, activity.occurredAt <= ?2 OR activity.receivedAt <= ?2 AS isBefore
       FROM (
         SELECT occurredAt, id FROM activity INDEXED BY activity_by_contact
         WHERE contactId IS NULL AND (occurredAt, id) > (?1, ?3)
         ORDER BY occurredAt, id LIMIT ${STEP_LOOKED}
       ) CROSS JOIN activity USING (occurredAt, id)`,
    )
    .bind(occurredAt, erasedAt, id)
    .all<Nameless>()
  const isTheirs = recognize(target)
  const theirs = results.filter(
    (row) => row['isBefore'] === 1 && isTheirs(toPerson(null, (name) => row[name], row['extra'])),
  )
  const entries = theirs.flatMap(({ iid, occurredAt: time }) =>
    typeof iid === 'string' && iid !== '' ? [`${entryKeyOf(iid)}:@${time}`] : [],
  )
  const last = results.at(-1)
  return {
    next: {
      ...target,
      ...(last && results.length === STEP_LOOKED
        ? { cursor: [last.occurredAt, last.id] }
        : ({ stage: 'deliveries', cursor: null } as const)),
      entries: [...target.entries, ...entries].slice(0, MAX_ENTRIES),
    },
    changes: erase(db, number, theirs),
  }
}

function erase(db: D1Database, number: number, keys: readonly Position[]): D1PreparedStatement[] {
  if (keys.length === 0) return []
  return [
    freezeHours(db, keys),
    deleteEvents(db, keys),
    db.prepare(ADD_REMOVED).bind(number, 'activity'),
    forgetLate(db, keys),
  ]
}
