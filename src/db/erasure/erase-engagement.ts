import { DAY_MS } from '../../event/clock.ts'
import type { Step, StepResult } from './erasures.ts'

const STEP_CONTACTS = 20

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

/** Erases some of the contacts from `engagement`, and from what is to be folded into it. */
export async function eraseEngagement({ db, erasedAt, target }: Step): Promise<StepResult> {
  const [start = 0] = target.cursor ?? []
  const end = Number(start) + STEP_CONTACTS
  const contactIds = JSON.stringify(target.contactIds.slice(Number(start), end))
  return {
    next:
      end < target.contactIds.length
        ? { ...target, cursor: [end] }
        : { ...target, stage: 'identifiers', cursor: null },
    changes:
      contactIds === '[]'
        ? []
        : STATEMENTS.map((sql) => db.prepare(sql).bind(contactIds, erasedAt)),
  }
}
