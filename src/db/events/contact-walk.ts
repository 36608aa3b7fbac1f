import { IDENTIFIERS } from '../../event/identifier.ts'
import type { DataSubject, Identifier } from '../erasure/subject.ts'
import { listIdentifiers } from './identifiers.ts'

const nextAfter = (contact: string) => {
  const events = `(SELECT min(contactId) FROM activity INDEXED BY activity_by_contact WHERE contactId > ${contact})`
  const identifiers = `(SELECT min(contactId) FROM contact_identifiers WHERE contactId > ${contact})`
  return `min(coalesce(${events}, ${identifiers}), coalesce(${identifiers}, ${events}))`
}

/**
 * The next contacts with an event or an identifier, with all their identifiers.
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
      `WITH RECURSIVE contact (id, number) AS (
         SELECT ${nextAfter('CAST(?1 AS INTEGER)')}, 1
         UNION ALL
         SELECT ${nextAfter('contact.id')}, number + 1 FROM contact WHERE id IS NOT NULL AND number < ?2
       )
       SELECT CAST(id AS TEXT) AS contactId FROM contact WHERE id IS NOT NULL`,
    )
    .bind(after, limit)
    .all<{ contactId: string }>()
  const contactIds = results.map(({ contactId }) => contactId)
  const known = await listIdentifiers(db, contactIds)
  return contactIds.map((contactId) => ({
    contactId,
    identifiers: IDENTIFIERS.flatMap((name) =>
      (known.get(contactId)?.[name] ?? []).map((value): Identifier => ({ name, value })),
    ),
  }))
}

/**
 * The contacts of whom the database has no event from before a time.
 *
 * @param erased a contact, and UTC milliseconds
 * @returns by their indexes in the list, whether it has a later one
 */
export async function findWithoutEarlier(
  db: D1Database,
  erased: readonly (readonly [contactId: string, time: number])[],
): Promise<Map<number, boolean>> {
  const events = `SELECT 1 FROM activity INDEXED BY activity_by_contact
    WHERE contactId = CAST(input.value ->> 0 AS INTEGER)`
  const { results } = await db
    .prepare(
      `SELECT input.key AS "index", EXISTS (${events}) AS hasLater FROM json_each(?) AS input
       WHERE NOT EXISTS (
         ${events} AND (occurredAt <= input.value ->> 1 OR receivedAt <= input.value ->> 1)
       )`,
    )
    .bind(JSON.stringify(erased))
    .all<{ index: number; hasLater: 0 | 1 }>()
  return new Map(results.map(({ index, hasLater }) => [index, hasLater === 1]))
}
