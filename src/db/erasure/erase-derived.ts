import { everyDigit, hasEvent } from '../columns.ts'
import { readSeenIdentifiers } from '../derived/seen-identifiers.ts'
import { isArchived } from '../write/late-arrivals.ts'
import { ADD_REMOVED, type Step, type StepResult } from './erasures.ts'
import { subjectMatcher, toSubject, type DataSubject } from './subject.ts'

const STEP_SUPPRESSIONS = 5_000
const MAX_REMAINING = 2_000 // later events of the contacts: their identifiers are one bound value

// Identifiers in later events stay.
const DELETE_IDENTIFIERS = `
  DELETE FROM contact_identifiers
  WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?1))
    AND (contactId, name, key, original) NOT IN (
      SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?2)
    )`

/** Erases the identifiers of the contacts. */
export async function eraseIdentifiers({ db, number, target }: Step): Promise<StepResult> {
  const contactIds = JSON.stringify(target.contactIds)
  const seen = await readSeenIdentifiers(db, target.contactIds, MAX_REMAINING)
  const kept = JSON.stringify(seen.map((each) => each.slice(0, 4)))
  const stage = target.keepsSuppressions ? 'quarantine' : 'suppressions'
  return {
    next: { ...target, stage, cursor: null },
    changes: [
      db.prepare(DELETE_IDENTIFIERS).bind(contactIds, kept),
      db.prepare(ADD_REMOVED).bind(number, 'identifiers'),
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

/** The next suppressions, and the data subject of each. @param after the number of the previous one */
export async function listSuppressed(
  db: D1Database,
  after: number,
  limit: number,
): Promise<{ row: Suppressed; subject: DataSubject }[]> {
  const { results } = await db
    .prepare(
      `SELECT number, occurredAt, address, addressType, ${everyDigit('contactId')}, externalCustomerId
       FROM suppressions WHERE number > ? ORDER BY number LIMIT ${limit}`,
    )
    .bind(after)
    .all<Suppressed>()
  return results.map((row) => ({ row, subject: toSuppressed(row) }))
}

/** Erases the data subject from the next suppressions. */
export async function eraseSuppressions(step: Step): Promise<StepResult> {
  const { db, number, erasedAt, target } = step
  const [after = 0] = target.cursor ?? []
  const found = await listSuppressed(db, Number(after), STEP_SUPPRESSIONS)
  const isMatch = subjectMatcher(target)
  const matches = found.filter(({ subject }) => isMatch(subject))
  const numbers = JSON.stringify(matches.map(({ row }) => row.number))
  const last = found.at(-1)
  return {
    next:
      last && found.length === STEP_SUPPRESSIONS
        ? { ...target, cursor: [last.row.number] }
        : { ...target, stage: 'quarantine', cursor: null },
    changes:
      matches.length === 0
        ? []
        : [
            db
              .prepare(DELETE_SUPPRESSIONS)
              .bind(numbers, erasedAt, target.lastSuppression ?? Number.MAX_SAFE_INTEGER),
            db.prepare(ADD_REMOVED).bind(number, 'suppressions'),
          ],
  }
}

// One with a later date is deleted, too, if its event is gone; but the event of a newer one may have been archived
// since.
const DELETE_SUPPRESSIONS = `
  DELETE FROM suppressions
  WHERE number IN (SELECT value FROM json_each(?1)) AND (occurredAt <= ?2 OR (
    NOT ${hasEvent('activity', 'suppressions')} AND (number <= ?3 OR NOT ${isArchived('suppressions.occurredAt')})
  ))`

/** The data subject of a suppression. */
export function toSuppressed({
  address,
  addressType,
  contactId,
  externalCustomerId,
}: Omit<Suppressed, 'number' | 'occurredAt'>): DataSubject {
  return toSubject(contactId, (name) => {
    if (name === 'externalCustomerId') return externalCustomerId
    return name === addressType ? address : null
  })
}
