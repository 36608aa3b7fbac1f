import { IDENTIFIERS, normalizeIdentifier, type IdentifierName } from '../../event/identifier.ts'

/** The parameters that a contact is known by; the first three can be looked up. */
export const NAMES = IDENTIFIERS

/** All the identifiers that a contact was seen under, as they were sent, by parameter. */
export type ContactIdentifiers = { [Name in IdentifierName]?: string[] }

/** Of each contact: who has more is no person. */
const MAX_NAMES = 1_000

/** Bytes of the identifiers of a contact, and of all contacts of one answer. */
const MAX_BYTES = 100_000
const MAX_BYTES_OF_ALL = 1_000_000

/** The identifiers of a contact that there is room for. */
export type SomeIdentifiers = { names: ContactIdentifiers; complete: boolean }

/**
 * The contacts that were seen under one of some identifiers, however they are written.
 *
 * @param name `email`, `sms` or `externalCustomerId`
 * @returns decimal digits, at most `limit` of them and one more
 */
export async function findContactIds(
  db: D1Database,
  name: string,
  values: readonly string[],
  limit: number,
): Promise<string[]> {
  const keys = values.flatMap((value) => normalizeIdentifier(name, value) ?? [])
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(
      `SELECT DISTINCT CAST(contactId AS TEXT) AS contactId
       FROM json_each(?1) AS wanted
       CROSS JOIN contact_identifiers INDEXED BY contact_identifiers_by_key 
         ON contact_identifiers.key = wanted.value AND name = ?2
       WHERE name IN ('email', 'sms', 'externalCustomerId')
       LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(keys), name)
    .all<{ contactId: string }>()
  return results.map(({ contactId }) => contactId)
}

/** The identifiers that contacts were seen under, fit to be shown: a bounded number of bytes. */
export async function listSomeIdentifiers(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, SomeIdentifiers>> {
  const { results } = await db
    .prepare(
      `SELECT wanted.value AS contactId, (
         SELECT json_group_array(json_array(name, CASE WHEN bytes <= ?2 THEN value END)) FROM (
           SELECT name, value, octet_length(value) AS own,
             sum(octet_length(value)) OVER (ROWS UNBOUNDED PRECEDING) AS bytes
           FROM (
             SELECT name, iif(spelling = '', key, spelling) AS value FROM contact_identifiers
             WHERE contactId = CAST(wanted.value AS INTEGER)
             ORDER BY contact_identifiers.name, key, spelling LIMIT ${MAX_NAMES + 1}
           )
         ) WHERE bytes - own <= ?2 -- the first that there is no room for is without its text
       ) AS found
       FROM json_each(?1) AS wanted`,
    )
    .bind(JSON.stringify(contactIds), Math.min(MAX_BYTES, MAX_BYTES_OF_ALL / contactIds.length))
    .all<{ contactId: string; found: string }>()
  const contacts = new Map<string, SomeIdentifiers>()
  for (const { contactId, found } of results) {
    const rows = JSON.parse(found) as [name: IdentifierName, value: string | null][]
    const names: ContactIdentifiers = {}
    const fitting = rows.slice(0, MAX_NAMES).filter(([, value]) => value !== null)
    for (const [name, value] of fitting) if (value !== null) (names[name] ??= []).push(value)
    if (rows.length > 0)
      contacts.set(contactId, { names, complete: fitting.length === rows.length })
  }
  return contacts
}

/** All the identifiers that contacts were seen under. */
export async function listNames(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, ContactIdentifiers>> {
  const { results } = await db
    .prepare(
      `SELECT CAST(contactId AS TEXT) AS contactId, name, iif(spelling = '', contact_identifiers.key, spelling) AS value
       FROM json_each(?1) AS wanted
       CROSS JOIN contact_identifiers ON contactId = CAST(wanted.value AS INTEGER)
       LIMIT ${MAX_NAMES * contactIds.length}`,
    )
    .bind(JSON.stringify(contactIds))
    .all<{ contactId: string; name: IdentifierName; value: string }>()
  const contacts = new Map<string, ContactIdentifiers>()
  for (const { contactId, name, value } of results) {
    const names = contacts.get(contactId) ?? {}
    names[name] = [...(names[name] ?? []), value]
    contacts.set(contactId, names)
  }
  return contacts
}
