import { IDENTIFIERS, type IdentifierName } from '../../event/identifier.ts'
import type { ContactIdentifiers } from './identifiers.ts'

/** Identifiers that one search reads: some 100 ms. */
const MAX_SEARCHED = 60_000
const MAX_VALUE = 2_000 // characters
const MAX_OF_CONTACT = 100
const FIRST = '-9223372036854775808'

/** The contacts in order of ID, each with its identifiers that match; `next` is the last one that was searched. */
export type IdentifierMatches = {
  contacts: { contactId: string; names: ContactIdentifiers }[]
  /** Decimal digits; null if all contacts were searched. */
  next: string | null
}

/** The fewest characters to search for. */
export const MIN_PIECE = 3

/** What a piece of an identifier may be written as: SQLite ignores case in ASCII alone. */
function toPatterns(piece: string): { texts: string[]; digits: string } {
  const text = piece.normalize('NFKC').trim()
  const lower = text.toLowerCase()
  const capital = lower.charAt(0).toUpperCase() + lower.slice(1)
  const texts = [lower, capital, text.toUpperCase()].map((each) =>
    each.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  )
  const digits = /^[+\d\s()./-]+$/.test(text) ? text.replace(/\D/g, '') : ''
  return { texts: [...new Set(texts)], digits: digits.length >= MIN_PIECE ? digits : '' }
}

/**
 * Searches email addresses, phone numbers and customer IDs for a piece, in any case. Reads a bounded number of them.
 *
 * @param after the `next` of the search before; null for the beginning
 */
export async function searchIdentifiers(
  db: D1Database,
  piece: string,
  after: string | null,
  limit: number,
): Promise<IdentifierMatches> {
  const { texts, digits } = toPatterns(piece)
  const [one = '', two = one, three = one] = texts
  const inTexts = [3, 4, 5]
    .slice(0, texts.length)
    .map((index) => `instr(written, ?${index}) > 0`)
    .join(' OR ')
  const { results } = await db
    .prepare(
      `WITH ahead AS MATERIALIZED (
         SELECT (
           SELECT contactId FROM contact_identifiers WHERE contactId > CAST(?1 AS INTEGER)
           ORDER BY contactId LIMIT 1 OFFSET ${MAX_SEARCHED}
         ) AS beyond, (
           SELECT contactId FROM contact_identifiers WHERE contactId > CAST(?1 AS INTEGER) ORDER BY contactId LIMIT 1
         ) AS first
       ), bounds AS MATERIALIZED (
         -- Whole contacts: the one that is cut comes next, unless it alone is too much.
         SELECT CASE WHEN beyond IS NULL THEN NULL WHEN beyond = first THEN beyond ELSE beyond - 1 END AS last FROM ahead
       )
       SELECT CAST(contactId AS TEXT) AS contactId, (SELECT CAST(last AS TEXT) FROM bounds) AS last, found FROM (
         SELECT contactId, json_group_array(json_array(name, substr(value, 1, ${MAX_VALUE}))) AS found FROM (
           SELECT contactId, name, key, iif(original = '', key, original) AS value,
             lower(key || char(10) || original) AS written
           FROM contact_identifiers
           WHERE contactId > CAST(?1 AS INTEGER) AND contactId <= coalesce((SELECT last FROM bounds), 9223372036854775807)
             AND name IN ('email', 'sms', 'externalCustomerId')
         )
         WHERE ${inTexts} OR name = 'sms' AND ?2 <> '' AND instr(key, ?2) > 0
         GROUP BY contactId ORDER BY contactId LIMIT ?6
       )
       UNION ALL SELECT NULL, (SELECT CAST(last AS TEXT) FROM bounds), NULL`,
    )
    .bind(after ?? FIRST, digits, one, two, three, limit + 1)
    .all<{ contactId: string | null; last: string | null; found: string | null }>()
  const contacts = results.flatMap(({ contactId, found }) =>
    contactId === null ? [] : { contactId, names: toNames(found ?? '[]') },
  )
  const shown = contacts.slice(0, limit)
  const isCut = contacts.length > limit
  return { contacts: shown, next: (isCut ? shown.at(-1)?.contactId : results.at(-1)?.last) ?? null }
}

function toNames(found: string): ContactIdentifiers {
  const rows = (JSON.parse(found) as [IdentifierName, string][]).slice(0, MAX_OF_CONTACT)
  const names: ContactIdentifiers = {}
  for (const name of IDENTIFIERS) {
    const values = rows.filter(([each]) => each === name).map(([, value]) => value)
    if (values.length > 0) names[name] = values
  }
  return names
}
