import { NAMES, listNames } from './identifiers.ts'
import type { Name, DataSubject } from '../erasure/subject.ts'

const nextAfter = (contact: string) => {
  const events = `(SELECT min(contactId) FROM activity INDEXED BY activity_by_contact WHERE contactId > ${contact})`
  const names = `(SELECT min(contactId) FROM contact_identifiers WHERE contactId > ${contact})`
  return `min(coalesce(${events}, ${names}), coalesce(${names}, ${events}))`
}

/**
 * The next contacts that there is an event or a name of, with their names.
 *
 * @param after decimal digits
 */
export async function listContacts(
  db: D1Database,
  after: string,
  limit: number,
): Promise<(DataSubject & { contactId: string })[]> {
  const { results } = await db
    .prepare(
      `WITH RECURSIVE contact (id, place) AS (
         SELECT ${nextAfter('CAST(?1 AS INTEGER)')}, 1
         UNION ALL
         SELECT ${nextAfter('contact.id')}, place + 1 FROM contact WHERE id IS NOT NULL AND place < ?2
       )
       SELECT CAST(id AS TEXT) AS contactId FROM contact WHERE id IS NOT NULL`,
    )
    .bind(after, limit)
    .all<{ contactId: string }>()
  const contactIds = results.map(({ contactId }) => contactId)
  const known = await listNames(db, contactIds)
  return contactIds.map((contactId) => ({
    contactId,
    names: NAMES.flatMap((name) =>
      (known.get(contactId)?.[name] ?? []).map((value): Name => ({ name, value })),
    ),
  }))
}

/**
 * Which contacts have come back since a time, and there is nothing of them from before.
 *
 * @param given a contact, and UTC milliseconds
 * @returns the places of those in the list
 */
export async function findReturned(
  db: D1Database,
  given: readonly (readonly [contactId: string, time: number])[],
): Promise<Set<number>> {
  const theirs = `SELECT 1 FROM activity INDEXED BY activity_by_contact
    WHERE contactId = CAST(given.value ->> 0 AS INTEGER)`
  const { results } = await db
    .prepare(
      `SELECT given.key AS place FROM json_each(?) AS given WHERE EXISTS (${theirs}) AND NOT EXISTS (
         ${theirs} AND (occurredAt <= given.value ->> 1 OR receivedAt <= given.value ->> 1)
       )`,
    )
    .bind(JSON.stringify(given))
    .all<{ place: number }>()
  return new Set(results.map(({ place }) => place))
}
