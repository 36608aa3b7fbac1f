import { normalizeIdentifier, type IdentifierName } from '../../event/identifier.ts'

/** The identifiers of a contact as sent, by parameter. */
export type ContactIdentifiers = { [Name in IdentifierName]?: string[] }

/** Per contact: one with more is not a person. */
const MAX_IDENTIFIERS = 1_000

/** Bytes of identifiers, per contact and per result. */
const MAX_BYTES = 100_000
const MAX_BYTES_OF_ALL = 1_000_000

/** The identifiers of a contact, as many as there is room for. */
export type SomeIdentifiers = { names: ContactIdentifiers; complete: boolean }

/** The keys under which identifiers are stored; those that identify no one have none. */
export function keysOfIdentifier(name: string, values: readonly string[]): string[] {
  return values.flatMap((value) => normalizeIdentifier(name, value) ?? [])
}

/** The contacts with one of the keys ?1 (JSON) of the identifier ?2, in SQL; further conditions may follow. */
export const WITH_IDENTIFIER = `
  FROM json_each(?1) AS input
  CROSS JOIN contact_identifiers INDEXED BY contact_identifiers_by_key
    ON contact_identifiers.key = input.value AND name = ?2
  WHERE name IN ('email', 'sms', 'externalCustomerId')`

/**
 * The contacts with one of some identifiers, which need not be normalized.
 *
 * @param name `email`, `sms` or `externalCustomerId`
 * @returns contact IDs in decimal digits, at most `limit` + 1
 */
export async function findContactIds(
  db: D1Database,
  name: string,
  values: readonly string[],
  limit: number,
): Promise<string[]> {
  const keys = keysOfIdentifier(name, values)
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(
      `SELECT DISTINCT CAST(contactId AS TEXT) AS contactId ${WITH_IDENTIFIER} LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(keys), name)
    .all<{ contactId: string }>()
  return results.map(({ contactId }) => contactId)
}

/** The identifiers of contacts to show: a bounded number of bytes. */
export async function listSomeIdentifiers(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, SomeIdentifiers>> {
  const { results } = await db
    .prepare(
      `SELECT input.value AS contactId, (
         SELECT json_group_array(json_array(name, CASE WHEN bytes <= ?2 THEN value END)) FROM (
           SELECT name, value, octet_length(value) AS own,
             sum(octet_length(value)) OVER (ROWS UNBOUNDED PRECEDING) AS bytes
           FROM (
             SELECT name, iif(original = '', key, original) AS value FROM contact_identifiers
             WHERE contactId = CAST(input.value AS INTEGER)
             ORDER BY contact_identifiers.name, key, original LIMIT ${MAX_IDENTIFIERS + 1}
           )
         ) WHERE bytes - own <= ?2 -- the first without room is without its text
       ) AS found
       FROM json_each(?1) AS input`,
    )
    .bind(JSON.stringify(contactIds), Math.min(MAX_BYTES, MAX_BYTES_OF_ALL / contactIds.length))
    .all<{ contactId: string; found: string }>()
  const contacts = new Map<string, SomeIdentifiers>()
  for (const { contactId, found } of results) {
    const rows = JSON.parse(found) as [name: IdentifierName, value: string | null][]
    const names: ContactIdentifiers = {}
    const fitting = rows.slice(0, MAX_IDENTIFIERS).filter(([, value]) => value !== null)
    for (const [name, value] of fitting) if (value !== null) (names[name] ??= []).push(value)
    if (rows.length === 0) continue
    contacts.set(contactId, { names, complete: fitting.length === rows.length })
  }
  return contacts
}

/** All identifiers of contacts. */
export async function listIdentifiers(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, ContactIdentifiers>> {
  const { results } = await db
    .prepare(
      `SELECT CAST(contactId AS TEXT) AS contactId, name, iif(original = '', contact_identifiers.key, original) AS value
       FROM json_each(?1) AS input
       CROSS JOIN contact_identifiers ON contactId = CAST(input.value AS INTEGER)
       LIMIT ${MAX_IDENTIFIERS * contactIds.length}`,
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
