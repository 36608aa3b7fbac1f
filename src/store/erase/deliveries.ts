import { entryOf } from '../deliveries.ts'
import { ADD_REMOVED } from '../erasures.ts'
import type { Step, Taken } from './step.ts'

const MAX_PAGES = 1_000 // of some 8,000 characters
const MAX_COMPARED = 200_000 // pages times what is looked for in each
const MAX_REMAINING = 10_000

// What was appended at once has commas in between.
const ENTRY = `(CASE WHEN part.value LIKE '%,' THEN substr(part.value, 1, length(part.value) - 1) ELSE part.value END)`
// All of an entry but the contact that it ends with.
const HEAD = `rtrim(${ENTRY}, '-0123456789')`

const REMAINING = `remaining AS MATERIALIZED (
  SELECT substr(${entryOf('iid', 'contactId', 'occurredAt')}, 2) AS entry
  FROM activity INDEXED BY activity_by_contact
  WHERE contactId IN (SELECT CAST(value AS INTEGER) FROM json_each(?1)) AND iid <> ''
  LIMIT ${MAX_REMAINING}
)`

// Of ?1 the contacts, of ?2 entries that name none; not what events tell of that are still there. A page may
// grow meanwhile: it is changed in one statement. Its text is an array of JSON but for the commas.
const CLEAR = `
  WITH ${REMAINING}
  UPDATE deliveries SET contacts = coalesce((
    SELECT group_concat(value, ';') FROM (
      SELECT part.value
      FROM json_each('[' || replace(json_quote(deliveries.contacts), ';', '","') || ']') AS part
      WHERE NOT (
        ${ENTRY} IN (SELECT value FROM json_each(?2)) OR (
          ${HEAD} LIKE '%:'
          AND substr(${ENTRY}, length(${HEAD}) + 1) IN (SELECT value FROM json_each(?1))
          AND ${ENTRY} NOT IN (SELECT entry FROM remaining)
        )
      )
      ORDER BY part.key
    )
  ), '')
  WHERE page > ?4 AND page <= ?5
    AND EXISTS (SELECT 1 FROM json_each(?3) WHERE instr(deliveries.contacts, value) > 0)`

/** Which of the next deliveries went to them. */
export async function eraseDeliveries({ db, number, target }: Step): Promise<Taken> {
  const [after = -1] = target.cursor ?? []
  const wanted = [...target.contactIds.map((contactId) => `:${contactId}`), ...target.entries]
  const most = Math.max(1, Math.min(MAX_PAGES, Math.floor(MAX_COMPARED / (wanted.length + 1))))
  const end = await db
    .prepare(
      `SELECT max(page) AS last, count(*) AS pages
       FROM (SELECT page FROM deliveries WHERE page > ?1 ORDER BY page LIMIT ${most})`,
    )
    .bind(after)
    .first<{ last: number | null; pages: number }>()
  const last = end?.last ?? null
  const isEnd = last === null || (end?.pages ?? 0) < most
  return {
    next: isEnd ? { ...target, stage: 'names', cursor: null } : { ...target, cursor: [last] },
    changes: [
      db
        .prepare(CLEAR)
        .bind(
          JSON.stringify(target.contactIds),
          JSON.stringify(target.entries),
          JSON.stringify(wanted),
          after,
          last,
        ),
      db.prepare(ADD_REMOVED).bind(number, 'deliveryPages'),
    ],
  }
}

/** Which contacts the deliveries of the next pages went to, and by which entries. @param after a page */
export async function listDelivered(
  db: D1Database,
  after: number,
  pages: number,
): Promise<{ entries: Map<string, string[]>; last: number | null }> {
  const { results } = await db
    .prepare(`SELECT page, contacts FROM deliveries WHERE page > ? ORDER BY page LIMIT ${pages}`)
    .bind(after)
    .all<{ page: number; contacts: string }>()
  const entries = new Map<string, string[]>()
  for (const { contacts } of results) {
    for (const part of contacts.split(';')) {
      const entry = part.replace(/,$/, '')
      const contactId = /:(-?\d+)$/.exec(entry)?.[1]
      if (contactId === undefined) continue
      const theirs = entries.get(contactId)
      if (theirs) theirs.push(entry)
      else entries.set(contactId, [entry])
    }
  }
  return { entries, last: results.at(-1)?.page ?? null }
}

/** The entries that events tell of which are there, of some contacts. */
export async function listRemaining(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Set<string>> {
  const { results } = await db
    .prepare(`WITH ${REMAINING} SELECT entry FROM remaining`)
    .bind(JSON.stringify(contactIds))
    .all<{ entry: string }>()
  return new Set(results.map(({ entry }) => entry))
}
