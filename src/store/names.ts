import { quote } from './columns.ts'
import { FRESH_EVENTS, type Source } from './fresh.ts'
import { spell } from './spell.ts'

/** The parameters that a contact is known by; the first three can be looked up. */
export const NAMES = ['email', 'sms', 'externalCustomerId', 'webpush', 'mobilepush'] as const

// A longer one is no name, and would weigh twice as much beside the event.
const MAX_BYTES = 8_000

/** All the names that a contact was seen under, by parameter. */
export type ContactNames = { [Name in (typeof NAMES)[number]]?: string[] }

/** Of each contact: who has more is no person. */
const MAX_NAMES = 1_000

/**
 * The contacts that were seen under one of the values.
 *
 * @param name `email`, `sms` or `externalCustomerId`
 * @param anyCase whether `A@example.com` is found by `a@example.com`
 * @returns decimal digits, at most `limit` of them and one more
 */
export async function findContactIds(
  db: D1Database,
  name: string,
  values: readonly string[],
  limit: number,
  anyCase = false,
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT CAST(contactId AS TEXT) AS contactId
       FROM json_each(?1) AS wanted
       CROSS JOIN contact_names INDEXED BY contact_names_by_value
         ON contact_names.value = wanted.value COLLATE NOCASE AND name = ?2
       WHERE name IN ('email', 'sms', 'externalCustomerId')
         ${anyCase ? '' : 'AND contact_names.value = wanted.value COLLATE BINARY'}
       LIMIT ${limit + 1}`,
    )
    .bind(JSON.stringify(values), name)
    .all<{ contactId: string }>()
  return results.map(({ contactId }) => contactId)
}

/** Of addresses alone that are not ASCII, and may be spelled alike. */
const MAX_ALIKE = 5_000

const MAX_PATTERN_DIGITS = 24 // D1 takes patterns of 50 bytes

// The digits in their order, and no others.
const IS_PHONE = `value LIKE ?2 AND length(value) - length(${[...'0123456789'].reduce(
  (text, digit) => `replace(${text}, '${digit}', '')`,
  'value',
)}) = ?3`

/**
 * The contacts that were seen under a name, however it is spelled. It goes through all names: about a
 * second for a million of them, which only an erasure is worth.
 *
 * @param name `email`, `sms` or `externalCustomerId`
 * @returns decimal digits, at most `limit` of them and one more
 */
export async function findContactIdsBySpelling(
  db: D1Database,
  name: string,
  value: string,
  limit: number,
): Promise<string[]> {
  const spelled = spell(name, value)
  if (spelled === undefined) return []
  if (name !== 'email' && name !== 'sms') return findContactIds(db, name, [value], limit)
  const [condition, ...values] = name === 'sms' ? likePhone(spelled) : likeAddress(spelled)
  const { results } = await db
    .prepare(
      `SELECT DISTINCT CAST(contactId AS TEXT) AS contactId, value
       FROM contact_names INDEXED BY contact_names_by_value
       WHERE name IN ('email', 'sms', 'externalCustomerId') AND name = ?1 AND ${condition}
       LIMIT ${MAX_ALIKE + limit}`,
    )
    .bind(name, ...values)
    .all<{ contactId: string; value: string }>()
  const found = results.filter((row) => spell(name, row.value) === spelled)
  return [...new Set(found.map(({ contactId }) => contactId))].slice(0, limit + 1)
}

function likePhone(digits: string): [condition: string, ...values: (string | number)[]] {
  const pattern = `%${[...digits.slice(0, MAX_PATTERN_DIGITS)].join('%')}%`
  return [IS_PHONE, pattern, digits.length]
}

/** By the longest piece that is ASCII, as SQLite knows no upper and lower case of all else. */
function likeAddress(address: string): [condition: string, ...values: (string | number)[]] {
  const pieces = address.match(/[ -~]+/g) ?? []
  const longest = pieces.reduce((best, each) => (each.length > best.length ? each : best), '')
  const isOther = longest === address ? '' : ` AND value GLOB '*[^ -~]*'`
  return [`instr(lower(value), ?2) > 0${isOther}`, longest]
}

/** The names that contacts were seen under. */
export async function listNames(
  db: D1Database,
  contactIds: readonly string[],
): Promise<Map<string, ContactNames>> {
  const { results } = await db
    .prepare(
      `SELECT CAST(contactId AS TEXT) AS contactId, name, contact_names.value
       FROM json_each(?1) AS wanted
       CROSS JOIN contact_names ON contactId = CAST(wanted.value AS INTEGER)
       LIMIT ${MAX_NAMES * contactIds.length}`,
    )
    .bind(JSON.stringify(contactIds))
    .all<{ contactId: string; name: (typeof NAMES)[number]; value: string }>()
  const contacts = new Map<string, ContactNames>()
  for (const { contactId, name, value } of results) {
    const names = contacts.get(contactId) ?? {}
    names[name] = [...(names[name] ?? []), value]
    contacts.set(contactId, names)
  }
  return contacts
}

/** Takes note of the names that a contact is seen under. */
export function insertNames(source: Source): string {
  const name = NAMES.map((each) => `WHEN '${each}' THEN event.${quote(each)}`).join(' ')
  return `
    WITH ${source}
    INSERT INTO contact_names (contactId, name, value)
    SELECT contactId, name, value FROM (
      SELECT event.contactId, known.value AS name, CASE known.value ${name} END AS value
      FROM ${FRESH_EVENTS} CROSS JOIN json_each('${JSON.stringify(NAMES)}') AS known
      WHERE event.contactId IS NOT NULL
    )
    WHERE octet_length(value) BETWEEN 1 AND ${MAX_BYTES} AND instr(value, char(0)) = 0
    ON CONFLICT (contactId, name, value) DO NOTHING`
}
