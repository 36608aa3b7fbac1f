import { everyDigit } from '../columns.ts'
import { ADD_REMOVED } from '../erasures.ts'
import { NAMES } from '../names.ts'
import { recognize, toPerson, type Person } from '../person.ts'
import type { Step, Taken } from './step.ts'

const STEP_SUPPRESSIONS = 5_000
const MAX_REMAINING = 500

// Those stay that they have been seen under since.
const SENT = NAMES.map((name) => `WHEN '${name}' THEN event.${name}`).join(' ')
const DELETE_NAMES = `
  DELETE FROM contact_names
  WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?1)) AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT ${NAMES.join(', ')} FROM activity INDEXED BY activity_by_contact
      WHERE activity.contactId = contact_names.contactId LIMIT ${MAX_REMAINING}
    ) AS event
    WHERE CASE name ${SENT} END = iif(spelling = '', key, spelling)
  )`

/** Their names. */
export async function eraseNames({ db, number, target }: Step): Promise<Taken> {
  const contactIds = JSON.stringify(target.contactIds)
  const stage = target.keepsSuppressions ? 'quarantine' : 'suppressions'
  return {
    next: { ...target, stage, cursor: null },
    changes: [
      db.prepare(DELETE_NAMES).bind(contactIds),
      db.prepare(ADD_REMOVED).bind(number, 'names'),
    ],
  }
}

type Suppressed = {
  number: number
  occurredAt: number
  address: string | null
  addressType: string | null
  contactId: number | string | null
  externalCustomerId: string | null
}

/** The next that are not to be written to any more, and who they are. @param after the number of one */
export async function listSuppressed(
  db: D1Database,
  after: number,
  limit: number,
): Promise<{ row: Suppressed; person: Person }[]> {
  const { results } = await db
    .prepare(
      `SELECT number, occurredAt, address, addressType, ${everyDigit('contactId')}, externalCustomerId
       FROM suppressions WHERE number > ? ORDER BY number LIMIT ${limit}`,
    )
    .bind(after)
    .all<Suppressed>()
  return results.map((row) => ({ row, person: toSuppressed(row) }))
}

/** Them among the next that are not to be written to any more. */
export async function eraseSuppressions(step: Step): Promise<Taken> {
  const { db, number, erasedAt, target } = step
  const [after = 0] = target.cursor ?? []
  const found = await listSuppressed(db, Number(after), STEP_SUPPRESSIONS)
  const isTheirs = recognize(target)
  const theirs = found.filter(({ person }) => isTheirs(person))
  const numbers = JSON.stringify(theirs.map(({ row }) => row.number))
  const last = found.at(-1)
  return {
    next:
      last && found.length === STEP_SUPPRESSIONS
        ? { ...target, cursor: [last.row.number] }
        : { ...target, stage: 'quarantine', cursor: null },
    changes:
      theirs.length === 0
        ? []
        : [
            db.prepare(DELETE_SUPPRESSIONS).bind(numbers, erasedAt),
            db.prepare(ADD_REMOVED).bind(number, 'suppressions'),
          ],
  }
}

// What is dated later goes, too, unless its event is there: that stays.
const DELETE_SUPPRESSIONS = `
  DELETE FROM suppressions
  WHERE number IN (SELECT value FROM json_each(?1)) AND (occurredAt <= ?2 OR NOT EXISTS (
    SELECT 1 FROM activity
    WHERE activity.occurredAt = suppressions.occurredAt AND activity.id = suppressions.id
  ))`

function toSuppressed({ address, addressType, contactId, externalCustomerId }: Suppressed): Person {
  return toPerson(contactId, (name) => {
    if (name === 'externalCustomerId') return externalCustomerId
    return name === addressType ? address : null
  })
}
