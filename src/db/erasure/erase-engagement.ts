import { DAY_MS } from '../../event/clock.ts'
import { FIRST_PAGE } from '../engagement/fold.ts'
import type { Step, StepResult } from './erasures.ts'
import type { DataSubject } from './subject.ts'

const STEP_CONTACTS = 20

/** That of a contact, the one after it, and the first one of a channel, which may be empty. */
const STEP_PAGES = 3

// ?1 the contacts, ?2 the time of the erasure: what is later stays.
const IS_ERASED = (contactId: string) =>
  `CAST(${contactId} AS INTEGER) IN (SELECT CAST(value AS INTEGER) FROM json_each(?1))`

const MAY_HAVE = (column: string) =>
  `EXISTS (SELECT 1 FROM json_each(?1) AS erased WHERE instr(${column}, erased.value) > 0)`

/**
 * The array of a column without what is to be erased.
 *
 * @param contactId,times,before where an element has its contact and its two times, and what comes before these
 * @param limit the time of the erasure, in the unit of the times
 */
function withoutErased(
  column: string,
  contactId: number,
  before: readonly number[],
  limit: string,
): string {
  const times = [before.length, before.length + 1].map((index) => `row.value ->> ${index}`)
  const later = times.map((time) => `iif(${time} > ${limit}, ${time}, NULL)`)
  const isErased = IS_ERASED(`row.value ->> ${contactId}`)
  const kept = [...before.map((index) => `row.value -> ${index}`), ...later].join(', ')
  return `(
    SELECT json_group_array(json(iif(${isErased}, json_array(${kept}), row.value)))
    FROM json_each(${column}) AS row
    WHERE NOT ${isErased} OR coalesce(${later.join(', ')}) IS NOT NULL
  )`
}

const ERASED_DAY = `(?2 / ${DAY_MS})`

const STATEMENTS = [
  `UPDATE engagement SET contacts = ${withoutErased('contacts', 0, [0], ERASED_DAY)}
   WHERE (mediaType, firstContactId) IN (
     SELECT mediaType, (
       SELECT max(firstContactId) FROM engagement AS page
       WHERE page.mediaType = channels.mediaType AND firstContactId <= CAST(erased.value AS INTEGER)
     )
     FROM json_each(?1) AS erased CROSS JOIN (SELECT DISTINCT mediaType FROM engagement) AS channels
   ) AND ${MAY_HAVE('contacts')}`,
  `UPDATE engagement_parts SET contacts = ${withoutErased('contacts', 1, [0, 1], ERASED_DAY)}
   WHERE ${MAY_HAVE('contacts')}`,
  `UPDATE rollups SET counts = ${withoutErased('counts', 0, [0, 1], '?2')}
   WHERE kind = 'contacts' AND ${MAY_HAVE('counts')}`,
] as const

// But for the first pages of channels, none is empty.
const DELETE_EMPTY = `
  DELETE FROM engagement WHERE octet_length(contacts) = 2 AND firstContactId > ${FIRST_PAGE}`

/** Erases some of the contacts from `engagement`, and from what is to be folded into it. */
export async function eraseEngagement({ db, erasedAt, target }: Step): Promise<StepResult> {
  const start = Number(target.cursor?.[0] ?? 0)
  const end = start + STEP_CONTACTS
  const contactIds = target.contactIds.slice(start, end)
  return {
    next:
      end < target.contactIds.length
        ? { ...target, cursor: [end] }
        : { ...target, stage: 'identifiers', cursor: null },
    changes: contactIds.length === 0 ? [] : eraseContacts(db, contactIds, erasedAt),
  }
}

function eraseContacts(
  db: D1Database,
  contactIds: readonly string[],
  erasedAt: number,
): D1PreparedStatement[] {
  const text = JSON.stringify(contactIds)
  const statements = STATEMENTS.map((sql) => db.prepare(sql).bind(text, erasedAt))
  return [...statements, db.prepare(DELETE_EMPTY)]
}

/** A contact of `engagement`, and the end of its oldest day there: UTC milliseconds. */
type Engaged = { row: { contactId: string; until: number }; subject: DataSubject }

/** The contacts of a channel, in order of their IDs. @param after the previous one: decimal digits */
export async function listEngaged(
  db: D1Database,
  mediaType: string,
  after: string,
  limit: number,
): Promise<Engaged[]> {
  const { results } = await db
    .prepare(
      `SELECT CAST(contactId AS TEXT) AS contactId,
         (min(coalesce(deliveredOn, engagedOn), coalesce(engagedOn, deliveredOn)) + 1) * ${DAY_MS} AS until
       FROM (
         SELECT row.value ->> 0 AS contactId, row.value ->> 1 AS deliveredOn, row.value ->> 2 AS engagedOn
         FROM (
           SELECT contacts FROM engagement WHERE mediaType = ?1 AND firstContactId >= coalesce((
             SELECT max(firstContactId) FROM engagement
             WHERE mediaType = ?1 AND firstContactId <= CAST(?2 AS INTEGER)
           ), ${FIRST_PAGE}) ORDER BY firstContactId LIMIT ${STEP_PAGES}
         ) CROSS JOIN json_each(contacts) AS row
       ) AS listed
       WHERE listed.contactId > CAST(?2 AS INTEGER) ORDER BY listed.contactId LIMIT ${limit}`,
    )
    .bind(mediaType, after)
    .all<{ contactId: string; until: number }>()
  return results.map((row) => ({
    row,
    subject: { contactId: row.contactId, identifiers: [] },
  }))
}

/** The channel after another in `engagement`; null after the last. */
export async function findNextChannel(db: D1Database, mediaType: string): Promise<string | null> {
  return db
    .prepare('SELECT min(mediaType) AS mediaType FROM engagement WHERE mediaType > ?')
    .bind(mediaType)
    .first<string>('mediaType')
}
