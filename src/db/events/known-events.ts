import { parseExactly } from '../../event/exact-number.ts'
import { PARAMETERS, TYPES } from '../../event/parameters.ts'
import { valueOf } from '../columns.ts'
import { COLUMNS } from './list.ts'
import type { Position, StoredActivity } from '../stored-activity.ts'

/** A place as the key of a map. */
export function placeName({ occurredAt, id }: Position): string {
  return `${occurredAt} ${id}`
}

/** What confirmed the events that are stored at some places first, by `placeName`. One row read a place. */
export async function findOrigins(
  db: D1Database,
  places: readonly Position[],
): Promise<Map<string, string>> {
  if (places.length === 0) return new Map()
  const { results } = await db
    .prepare(
      `SELECT activity.occurredAt, lower(hex(activity.id)) AS id, origin FROM json_each(?) AS asked CROSS JOIN activity
       ON activity.occurredAt = asked.value ->> 0 AND activity.id = unhex(asked.value ->> 1)`,
    )
    .bind(JSON.stringify(places.map(({ occurredAt, id }) => [occurredAt, id])))
    .all<Position & { origin: string }>()
  return new Map(results.map((row) => [placeName(row), row.origin]))
}

/**
 * All that is stored of some moments and says that it is of one of some deliveries, or does not say of which.
 * Reads every row of these moments.
 */
export async function listOfMoments(
  db: D1Database,
  moments: readonly number[],
  iids: readonly (string | undefined)[],
): Promise<StoredActivity[]> {
  if (moments.length === 0) return []
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM activity CROSS JOIN campaigns USING (campaign)
       WHERE occurredAt IN (SELECT value FROM json_each(?1))
         AND trim(coalesce(${valueOf('iid')}, '')) IN (SELECT value FROM json_each(?2))`,
    )
    .bind(JSON.stringify([...new Set(moments)]), JSON.stringify([...new Set(['', ...iids])]))
    .all<StoredActivity>()
  return results
}

/** The element that was sent, from what is stored; an integer beyond 2^53 as its digits. */
export function toElement(activity: StoredActivity): Record<string, unknown> {
  const extra = activity.extra ?? '{}'
  const members = Object.entries(parseExactly(extra) as object)
  for (const { name, type } of PARAMETERS) {
    const cell = activity[name]
    if (cell === null) continue
    if (TYPES[type] === TYPES.bool) members.push([name, cell !== 0])
    else members.push([name, type === 'array of strings' ? JSON.parse(String(cell)) : cell])
  }
  return Object.fromEntries(members)
}
