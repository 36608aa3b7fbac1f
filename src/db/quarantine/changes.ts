import { bindList, runAll } from '../statements.ts'
import type { ListedItem } from './list.ts'

/** The key of a quarantined item. */
export type QuarantineKey = { request: string; elementIndex: number }

/** An item with the same text as another one, `like`, of the same request. */
export type SameText = QuarantineKey & { like: number }

const PARTS_AT_ONCE = 100 // far below what D1 returns

const KEYS = `keys AS MATERIALIZED (
  SELECT key AS "index", value ->> 0 AS request, value ->> 1 AS elementIndex FROM json_each(?1)
)`

/** The full text of each item, in order; empty if it has been deleted meanwhile. */
export async function readWhole(db: D1Database, items: readonly ListedItem[]): Promise<string[]> {
  const texts = items.map(() => '')
  const lastPart = Math.max(-1, ...items.map((item) => item.lastPart))
  for (let part = 0; part <= lastPart; part += PARTS_AT_ONCE) {
    const { results } = await db
      .prepare(
        `WITH ${KEYS} SELECT "index", sent FROM keys CROSS JOIN quarantine USING (request, elementIndex)
         WHERE part >= ?2 AND part < ?3 ORDER BY "index", part`,
      )
      .bind(encodeItemKeys(items), part, part + PARTS_AT_ONCE)
      .all<{ index: number; sent: string }>()
    for (const { index, sent } of results) texts[index] = (texts[index] ?? '') + sent
  }
  return texts
}

/**
 * All items of the same requests with the same texts, including the given ones, in order. Pass only one of several keys
 * with the same text.
 */
export async function findSameTexts(
  db: D1Database,
  keys: readonly QuarantineKey[],
): Promise<SameText[]> {
  if (keys.length === 0) return []
  // Scans each request once, and compares long texts part by part.
  const lastPart = (of: string) =>
    `(SELECT max(part) FROM quarantine WHERE request = same.request AND elementIndex = ${of}.elementIndex)`
  const { results } = await db
    .prepare(
      `WITH ${KEYS},
       queried AS MATERIALIZED (
         SELECT request, elementIndex, kind, sent
         FROM keys CROSS JOIN quarantine USING (request, elementIndex) WHERE part = 0
       ),
       requests AS MATERIALIZED (SELECT DISTINCT request FROM queried)
       SELECT same.request, same.elementIndex, queried.elementIndex AS like
       FROM requests CROSS JOIN quarantine AS same ON same.request = requests.request AND same.part = 0
       CROSS JOIN queried
         ON queried.request = same.request AND queried.sent = same.sent AND queried.kind = same.kind
       WHERE same.elementIndex = queried.elementIndex OR (
         ${lastPart('same')} = ${lastPart('queried')} AND NOT EXISTS (
           SELECT 1 FROM quarantine AS own CROSS JOIN quarantine AS other
             ON other.request = own.request AND other.elementIndex = same.elementIndex
               AND other.part = own.part
           WHERE own.request = same.request AND own.elementIndex = queried.elementIndex
             AND own.part > 0 AND other.sent <> own.sent
         )
       )
       ORDER BY same.request, same.elementIndex`,
    )
    .bind(encodeItemKeys(keys))
    .all<SameText>()
  return results
}

/** Deletes items with all their parts. */
export async function removeItems(db: D1Database, keys: readonly QuarantineKey[]): Promise<void> {
  const pairs = keys.map(({ request, elementIndex }) => [request, elementIndex])
  await runAll(db, bindList(db, DELETE_ITEMS, pairs))
}

/** Deletes items. Binds ?1, encoded keys. */
export const DELETE_ITEMS = `
  DELETE FROM quarantine
  WHERE (request, elementIndex) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`

/** Changes the reasons of items. */
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

/** Keys as a JSON list of pairs, which statements read with `value ->> 0` and `value ->> 1`. */
export function encodeItemKeys(keys: readonly QuarantineKey[]): string {
  return JSON.stringify(keys.map(({ request, elementIndex }) => [request, elementIndex]))
}
