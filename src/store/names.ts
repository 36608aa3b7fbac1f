import { IDENTIFIERS, normalizeIdentifier, type IdentifierName } from '../activity/identifier.ts'

/** The parameters that a contact is known by; the first three can be looked up. */
export const NAMES = IDENTIFIERS

/** All the identifiers that a contact was seen under, as they were sent, by parameter. */
export type ContactNames = { [Name in IdentifierName]?: string[] }

/** Of each contact: who has more is no person. */
const MAX_NAMES = 1_000

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
       CROSS JOIN contact_names INDEXED BY contact_names_by_key 
         ON contact_names.key = wanted.value AND name = ?2
       WHERE name IN ('email', 'sms', 'externalCustomerId')
       LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(keys), name)
    .all<{ contactId: string }>()
  return results.map(({ contactId }) => contactId)
}

/** The identifiers that contacts were seen under. */
export async function listNames(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, ContactNames>> {
  const { results } = await db
    .prepare(
      `SELECT CAST(contactId AS TEXT) AS contactId, name, iif(spelling = '', contact_names.key, spelling) AS value
       FROM json_each(?1) AS wanted
       CROSS JOIN contact_names ON contactId = CAST(wanted.value AS INTEGER)
       LIMIT ${MAX_NAMES * contactIds.length}`,
    )
    .bind(JSON.stringify(contactIds))
    .all<{ contactId: string; name: IdentifierName; value: string }>()
  const contacts = new Map<string, ContactNames>()
  for (const { contactId, name, value } of results) {
    const names = contacts.get(contactId) ?? {}
    names[name] = [...(names[name] ?? []), value]
    contacts.set(contactId, names)
  }
  return contacts
}

/** Takes note of the identifiers that contacts are seen under. Binds ?1, the JSON of a `SeenName` list. */
export const INSERT_NAMES = insertNames('true')

/** The same for events that were read before: it leaves those out that were taken out since. */
export const INSERT_NAMES_OF_STORED = insertNames(`EXISTS (
  SELECT 1 FROM activity WHERE occurredAt = seen.value ->> 4 AND id = unhex(seen.value ->> 5)
)`)

function insertNames(condition: string): string {
  const columns = [0, 1, 2, 3].map((place) => `seen.value ->> ${place}`)
  return `
    INSERT INTO contact_names (contactId, name, key, spelling)
    SELECT ${columns.join(', ')} FROM jsonb_each(?1) AS seen WHERE ${condition}
    ON CONFLICT (contactId, name, key, spelling) DO NOTHING`
}
