import { parseExactly } from '../../event/exact-number.ts'
import { PARAMETERS, TYPES } from '../../event/parameters.ts'
import { valueOf } from '../columns.ts'
import { encodeKeys, keyText, type EventKey, type StoredEvent } from '../stored-event.ts'
import { COLUMNS } from './select-events.ts'

/** The first source of stored events, webhook or API, by `keyText`. Reads one row per event. */
export async function findOrigins(
  db: D1Database,
  keys: readonly EventKey[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map()
  const { results } = await db
    .prepare(
      `SELECT activity.occurredAt, lower(hex(activity.id)) AS id, origin FROM json_each(?) AS input CROSS JOIN activity
       ON activity.occurredAt = input.value ->> 0 AND activity.id = unhex(input.value ->> 1)`,
    )
    .bind(encodeKeys(keys))
    .all<EventKey & { origin: string }>()
  return new Map(results.map((row) => [keyText(row), row.origin]))
}

/**
 * The stored events of some moments that belong to one of some deliveries, or to none. Reads every row of these
 * moments.
 */
export async function listOfMoments(
  db: D1Database,
  moments: readonly number[],
  iids: readonly (string | undefined)[],
): Promise<StoredEvent[]> {
  if (moments.length === 0) return []
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM activity CROSS JOIN campaigns USING (campaign)
       WHERE occurredAt IN (SELECT value FROM json_each(?1))
         AND trim(coalesce(${valueOf('iid')}, '')) IN (SELECT value FROM json_each(?2))`,
    )
    .bind(JSON.stringify([...new Set(moments)]), JSON.stringify([...new Set(['', ...iids])]))
    .all<StoredEvent>()
  return results
}

/** The element that was sent for a stored event; an integer beyond 2^53 as its digits. */
export function toElement(event: StoredEvent): Record<string, unknown> {
  const extra = event.extra ?? '{}'
  const members = Object.entries(parseExactly(extra) as object)
  for (const { name, type } of PARAMETERS) {
    const cell = event[name]
    if (cell === null) continue
    if (TYPES[type] === TYPES.bool) members.push([name, cell !== 0])
    else members.push([name, type === 'array of strings' ? JSON.parse(String(cell)) : cell])
  }
  return Object.fromEntries(members)
}
