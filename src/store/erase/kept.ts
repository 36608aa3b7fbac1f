import { everyDigit } from '../columns.ts'
import { ADD_REMOVED, type Target } from '../erasures.ts'
import { NAMES } from '../names.ts'
import { recognize, toPerson, type Person } from '../person.ts'
import type { Step } from './step.ts'

const MAX_PAGES = 1_000 // of some 8,000 characters
const MAX_COMPARED = 200_000 // pages times what is looked for in each
const STEP_SUPPRESSIONS = 5_000
const MAX_REMAINING = 500

type Page = { page: number; contacts: string }

/** Which of the next deliveries went to them. */
export async function eraseDeliveries({ db, number, target }: Step): Promise<Target> {
  const [after = -1] = target.cursor ?? []
  const wanted = [...target.contactIds.map((contactId) => `:${contactId}`), ...target.entries]
  const most = Math.max(1, Math.min(MAX_PAGES, Math.floor(MAX_COMPARED / (wanted.length + 1))))
  const [found, end] = await db.batch<Page & { last: number | null; pages: number }>([
    db
      .prepare(
        `SELECT page, contacts FROM (
           SELECT page, contacts FROM deliveries WHERE page > ?1 ORDER BY page LIMIT ${most}
         ) AS deliveries
         WHERE EXISTS (SELECT 1 FROM json_each(?2) WHERE instr(deliveries.contacts, value) > 0)`,
      )
      .bind(after, JSON.stringify(wanted)),
    db
      .prepare(
        `SELECT max(page) AS last, count(*) AS pages FROM (SELECT page FROM deliveries WHERE page > ?1 ORDER BY page LIMIT ${most})`,
      )
      .bind(after),
  ])
  for (const page of found?.results ?? []) {
    if (!(await clearPage(db, number, page, target))) return target // it grew meanwhile: look again
  }
  const last = end?.results[0]?.last ?? null
  return last === null ? { ...target, stage: 'names', cursor: null } : { ...target, cursor: [last] }
}

/** @returns false where the page has changed since it was read */
async function clearPage(
  db: D1Database,
  number: number,
  { page, contacts }: Page,
  { contactIds, entries }: Target,
): Promise<boolean> {
  const theirs = new Set(contactIds)
  const nameless = new Set(entries)
  const left = contacts.split(';').filter((part) => {
    const entry = part.replace(/,$/, '') // what was appended at once has commas in between
    return !theirs.has(entry.slice(entry.lastIndexOf(':') + 1)) && !nameless.has(entry)
  })
  const text = left.join(';')
  if (text === contacts) return true
  const [changed] = await db.batch([
    db
      .prepare('UPDATE deliveries SET contacts = ?1 WHERE page = ?2 AND contacts = ?3')
      .bind(text, page, contacts),
    db.prepare(ADD_REMOVED).bind(number, 'deliveryPages'),
  ])
  return changed?.meta.changes !== 0
}

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
export async function eraseNames({ db, number, target }: Step): Promise<Target> {
  const contactIds = JSON.stringify(target.contactIds)
  await db.batch([
    db.prepare(DELETE_NAMES).bind(contactIds),
    db.prepare(ADD_REMOVED).bind(number, 'names'),
  ])
  return {
    ...target,
    stage: target.keepsSuppressions ? 'quarantine' : 'suppressions',
    cursor: null,
  }
}

type Suppressed = {
  number: number
  address: string | null
  addressType: string | null
  contactId: number | string | null
  externalCustomerId: string | null
}

/** Them among the next that are not to be written to any more. */
export async function eraseSuppressions(step: Step): Promise<Target> {
  const { db, number, erasedAt, target } = step
  const [after = 0] = target.cursor ?? []
  const { results } = await db
    .prepare(
      `SELECT number, address, addressType, ${everyDigit('contactId')}, externalCustomerId
       FROM suppressions WHERE number > ? ORDER BY number LIMIT ${STEP_SUPPRESSIONS}`,
    )
    .bind(after)
    .all<Suppressed>()
  const isTheirs = recognize(target)
  const theirs = results.filter((row) => isTheirs(toSuppressed(row)))
  if (theirs.length > 0) {
    const numbers = JSON.stringify(theirs.map((row) => row.number))
    await db.batch([
      db
        .prepare(
          `DELETE FROM suppressions
           WHERE number IN (SELECT value FROM json_each(?1)) AND (occurredAt <= ?2 OR NOT EXISTS (
             SELECT 1 FROM activity
             WHERE activity.occurredAt = suppressions.occurredAt AND activity.id = suppressions.id
           ))`,
        )
        .bind(numbers, erasedAt),
      db.prepare(ADD_REMOVED).bind(number, 'suppressions'),
    ])
  }
  const last = results.at(-1)
  return last && results.length === STEP_SUPPRESSIONS
    ? { ...target, cursor: [last.number] }
    : { ...target, stage: 'quarantine', cursor: null }
}

function toSuppressed({ address, addressType, contactId, externalCustomerId }: Suppressed): Person {
  return toPerson(contactId, (name) => {
    if (name === 'externalCustomerId') return externalCustomerId
    return name === addressType ? address : null
  })
}
