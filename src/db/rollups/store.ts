import { quartersOf } from '../columns.ts'
import { KINDS } from '../reports/totals.ts'
import type { Rollup } from './roll-up.ts'

/** The kinds of rows in the table `rollups`. */
export const ROLLUP_KINDS = [
  'links',
  'utm',
  'providers',
  'causes',
  'delays',
  'steps',
  'contacts',
  'pulse',
  'machines',
] as const

export type RollupKind = (typeof ROLLUP_KINDS)[number]

const QUARTERS = (['events', 'contacts'] as const).flatMap((count, position) =>
  quartersOf(count).map((name, quarter) => ({
    name,
    sum: `sum((row.value ->> ${3 + position}) * (row.value ->> 2 = ${quarter}))`,
  })),
)

const NEXT_PART = (kind: string) =>
  `(SELECT coalesce(max(part) + 1, 0) FROM rollups WHERE kind = ${kind} AND hour = ?1)`

/**
 * Deletes what the rollup of an hour has stored.
 *
 * @param guard a condition in SQL: otherwise nothing is deleted
 */
export function clearRollup(db: D1Database, hour: number, guard: string): D1PreparedStatement[] {
  const ofMachines = `
    DELETE FROM totals WHERE (campaign, hour, activityStatus, hardBounce) IN (
      SELECT row.value ->> 0, ?1, row.value ->> 1, ${KINDS.machines}
      FROM rollups CROSS JOIN json_each(counts) AS row WHERE kind = 'machines' AND rollups.hour = ?1
    ) AND ${guard}`
  const kinds = ROLLUP_KINDS.map((kind) => `'${kind}'`).join(', ')
  const own = `DELETE FROM rollups WHERE kind IN (${kinds}) AND hour = ?1 AND ${guard}`
  return [ofMachines, own].map((sql) => db.prepare(sql).bind(hour))
}

/**
 * Stores a part of the rollup of an hour.
 *
 * @param guard a condition in SQL: otherwise nothing is stored
 */
export function storeRollup(
  db: D1Database,
  hour: number,
  rollup: Rollup,
  guard: string,
): D1PreparedStatement[] {
  const { links, machines, otherHours: _others, ...others } = rollup
  const rows = Object.entries({ machines, ...others }).filter(([, counts]) => counts.length > 0)
  const statements: D1PreparedStatement[] = []
  if (links.length > 0) {
    const text = JSON.stringify(links)
    statements.push(db.prepare(insertLinks(guard)).bind(text))
    statements.push(db.prepare(insertLinkCounts(guard)).bind(hour, text))
  }
  if (rows.length > 0) {
    statements.push(db.prepare(insertCounts(guard)).bind(hour, JSON.stringify(rows)))
  }
  if (machines.length > 0) {
    statements.push(db.prepare(addMachines(guard)).bind(hour, JSON.stringify(machines)))
  }
  return statements
}

const insertLinks = (guard: string) => `
  INSERT INTO links (url) SELECT DISTINCT value ->> 1 FROM json_each(?1) WHERE ${guard}
  ON CONFLICT (url) DO NOTHING`

const insertLinkCounts = (guard: string) => `
  INSERT INTO rollups (kind, hour, part, counts)
  SELECT 'links', ?1, ${NEXT_PART(`'links'`)}, json_group_array(
    json_array(value ->> 0, (SELECT link FROM links WHERE url = value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5)
  ) FROM json_each(?2) WHERE ${guard} HAVING count(*) > 0`

const insertCounts = (guard: string) => `
  INSERT INTO rollups (kind, hour, part, counts)
  SELECT value ->> 0, ?1, ${NEXT_PART('value ->> 0')}, value ->> 1 FROM json_each(?2) WHERE ${guard}`

const addMachines = (guard: string) => `
  INSERT INTO totals (campaign, hour, activityStatus, hardBounce, ${QUARTERS.map(({ name }) => name).join(', ')})
  SELECT row.value ->> 0, ?1, row.value ->> 1, ${KINDS.machines}, ${QUARTERS.map(({ sum }) => sum).join(', ')}
  FROM json_each(?2) AS row WHERE ${guard} GROUP BY row.value ->> 0, row.value ->> 1
  ON CONFLICT (campaign, hour, activityStatus, hardBounce) DO UPDATE SET
    ${QUARTERS.map(({ name }) => `${name} = ${name} + excluded.${name}`).join(', ')}`
