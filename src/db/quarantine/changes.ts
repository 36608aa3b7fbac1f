import type { ListedItem } from './list.ts'

/** What tells an element from all others that were set aside. */
export type QuarantineKey = { request: string; elementIndex: number }

/** An element that is the same text as another one, `like`, of the same request. */
export type SameText = QuarantineKey & { like: number }

// What is read at once, and what is named in one statement: each stays far below what D1 takes.
const PARTS_AT_ONCE = 100
const KEYS_AT_ONCE = 10_000

const KEYS = `keys AS MATERIALIZED (
  SELECT key AS place, value ->> 0 AS request, value ->> 1 AS elementIndex FROM json_each(?1)
)`

/** All that was sent of each element, in their order; empty where it is gone meanwhile. */
export async function readWhole(
  db: D1Database,
  elements: readonly ListedItem[],
): Promise<string[]> {
  const texts = elements.map(() => '')
  const lastPart = Math.max(-1, ...elements.map((element) => element.lastPart))
  for (let part = 0; part <= lastPart; part += PARTS_AT_ONCE) {
    const { results } = await db
      .prepare(
        `WITH ${KEYS} SELECT place, sent FROM keys CROSS JOIN quarantine USING (request, elementIndex)
         WHERE part >= ?2 AND part < ?3 ORDER BY place, part`,
      )
      .bind(encodeKeys(elements), part, part + PARTS_AT_ONCE)
      .all<{ place: number; sent: string }>()
    for (const { place, sent } of results) texts[place] = (texts[place] ?? '') + sent
  }
  return texts
}

/**
 * The elements of the same requests that are just the same texts, themselves among them, by request and
 * place. What is asked for should name each text once.
 */
export async function findSameTexts(
  db: D1Database,
  keys: readonly QuarantineKey[],
): Promise<SameText[]> {
  if (keys.length === 0) return []
  // Each request is gone through once; what is long is compared part by part.
  const lastPart = (of: string) =>
    `(SELECT max(part) FROM quarantine WHERE request = same.request AND elementIndex = ${of}.elementIndex)`
  const { results } = await db
    .prepare(
      `WITH ${KEYS},
       asked AS MATERIALIZED (
         SELECT request, elementIndex, kind, sent
         FROM keys CROSS JOIN quarantine USING (request, elementIndex) WHERE part = 0
       ),
       requests AS MATERIALIZED (SELECT DISTINCT request FROM asked)
       SELECT same.request, same.elementIndex, asked.elementIndex AS like
       FROM requests CROSS JOIN quarantine AS same ON same.request = requests.request AND same.part = 0
       CROSS JOIN asked
         ON asked.request = same.request AND asked.sent = same.sent AND asked.kind = same.kind
       WHERE same.elementIndex = asked.elementIndex OR (
         ${lastPart('same')} = ${lastPart('asked')} AND NOT EXISTS (
           SELECT 1 FROM quarantine AS mine CROSS JOIN quarantine AS theirs
             ON theirs.request = mine.request AND theirs.elementIndex = same.elementIndex
               AND theirs.part = mine.part
           WHERE mine.request = same.request AND mine.elementIndex = asked.elementIndex
             AND mine.part > 0 AND theirs.sent <> mine.sent
         )
       )
       ORDER BY same.request, same.elementIndex`,
    )
    .bind(encodeKeys(keys))
    .all<SameText>()
  return results
}

/** Deletes elements, all parts of each. */
export async function removeItems(db: D1Database, keys: readonly QuarantineKey[]): Promise<void> {
  const statements: D1PreparedStatement[] = []
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    statements.push(
      db
        .prepare(
          `WITH ${KEYS} DELETE FROM quarantine
           WHERE (request, elementIndex) IN (SELECT request, elementIndex FROM keys)`,
        )
        .bind(encodeKeys(keys.slice(start, start + KEYS_AT_ONCE))),
    )
  }
  if (statements.length > 0) await db.batch(statements)
}

/** Says why elements are set aside, where that is another reason than before. */
export async function correctReasons(
  db: D1Database,
  corrected: readonly (QuarantineKey & { reason: string })[],
): Promise<void> {
  if (corrected.length === 0) return
  const values = corrected.map((each) => [each.request, each.elementIndex, each.reason])
  await db
    .prepare(
      `UPDATE quarantine SET reason = corrected.value ->> 2 FROM json_each(?) AS corrected
       WHERE request = corrected.value ->> 0 AND elementIndex = corrected.value ->> 1
         AND reason <> corrected.value ->> 2`,
    )
    .bind(JSON.stringify(values))
    .run()
}

function encodeKeys(keys: readonly QuarantineKey[]): string {
  return JSON.stringify(keys.map(({ request, elementIndex }) => [request, elementIndex]))
}
