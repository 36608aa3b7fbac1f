import { quartersOf } from '../columns.ts'
import { KINDS } from '../reports/totals.ts'
import type { Rollup } from './roll-up.ts'

/** The kinds of rows in the table `rollups`. */
const ROLLUP_KINDS = [
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

/** Rollups by hour: its beginning in UTC milliseconds. */
export type Rollups = ReadonlyMap<number, Rollup>

/** A condition in SQL for an expression that is an hour: otherwise nothing of the hour changes. */
export type Guard = (hour: string) => string

const QUARTERS = (['events', 'contacts'] as const).flatMap((count, position) =>
  quartersOf(count).map((name, quarter) => ({
    name,
    sum: `sum((row.value ->> ${4 + position}) * (row.value ->> 3 = ${quarter}))`,
  })),
)

/** Deletes what the rollups of some hours have stored. */
export function clearRollups(
  db: D1Database,
  hours: readonly number[],
  guard: Guard,
): D1PreparedStatement[] {
  if (hours.length === 0) return []
  const chosen = `(SELECT value AS hour FROM json_each(?1) WHERE ${guard('value')}) AS chosen`
  const ofMachines = `
    DELETE FROM totals WHERE (campaign, hour, activityStatus, hardBounce) IN (
      SELECT row.value ->> 0, rollups.hour, row.value ->> 1, ${KINDS.machines}
      FROM ${chosen} CROSS JOIN rollups ON kind = 'machines' AND rollups.hour = chosen.hour
      CROSS JOIN json_each(counts) AS row
    )`
  const own = `
    DELETE FROM rollups WHERE (kind, hour) IN (
      SELECT kind.value, chosen.hour FROM ${chosen} CROSS JOIN json_each('${JSON.stringify(ROLLUP_KINDS)}') AS kind
    )`
  return [ofMachines, own].map((sql) => db.prepare(sql).bind(JSON.stringify(hours)))
}

/** Stores rollups; those of hours that have some already are parts of their own. */
export function storeRollups(
  db: D1Database,
  rollups: Rollups,
  guard: Guard,
): D1PreparedStatement[] {
  const rows: [kind: string, hour: number, counts: unknown][] = []
  const links: [hour: number, ...Rollup['links'][number]][] = []
  const machines: [hour: number, ...Rollup['machines'][number]][] = []
  for (const [hour, { links: ofHour, hours: _hours, ...others }] of rollups) {
    links.push(...ofHour.map((row): (typeof links)[number] => [hour, ...row]))
    machines.push(...others.machines.map((row): (typeof machines)[number] => [hour, ...row]))
    for (const [kind, counts] of Object.entries(others)) {
      if (counts.length > 0) rows.push([kind, hour, counts])
    }
  }
  const lists = [
    [insertLinks(guard), links],
    [insertLinkCounts(guard), links],
    [insertCounts(guard), rows],
    [addMachines(guard), machines],
  ] as const
  return lists.flatMap(([sql, list]) =>
    list.length === 0 ? [] : db.prepare(sql).bind(JSON.stringify(list)),
  )
}

const NEXT_PART = (kind: string, hour: string) =>
  `(SELECT coalesce(max(part) + 1, 0) FROM rollups WHERE kind = ${kind} AND hour = ${hour})`

const insertLinks = (guard: Guard) => `
  INSERT INTO links (url) SELECT DISTINCT value ->> 2 FROM json_each(?1) WHERE ${guard('value ->> 0')}
  ON CONFLICT (url) DO NOTHING`

const insertLinkCounts = (guard: Guard) => `
  INSERT INTO rollups (kind, hour, part, counts)
  SELECT 'links', hour, ${NEXT_PART(`'links'`, 'ofLinks.hour')}, counts FROM (
    SELECT value ->> 0 AS hour, json_group_array(json_array(
      value ->> 1, (SELECT link FROM links WHERE url = value ->> 2),
      value ->> 3, value ->> 4, value ->> 5, value ->> 6
    )) AS counts
    FROM json_each(?1) WHERE ${guard('value ->> 0')} GROUP BY hour
  ) AS ofLinks`

const insertCounts = (guard: Guard) => `
  INSERT INTO rollups (kind, hour, part, counts)
  SELECT value ->> 0, value ->> 1, ${NEXT_PART('value ->> 0', 'value ->> 1')}, value ->> 2
  FROM json_each(?1) WHERE ${guard('value ->> 1')}`

const addMachines = (guard: Guard) => `
  INSERT INTO totals (campaign, hour, activityStatus, hardBounce, ${QUARTERS.map(({ name }) => name).join(', ')})
  SELECT row.value ->> 1, row.value ->> 0, row.value ->> 2, ${KINDS.machines}, ${QUARTERS.map(({ sum }) => sum).join(', ')}
  FROM json_each(?1) AS row WHERE ${guard('row.value ->> 0')}
  GROUP BY row.value ->> 0, row.value ->> 1, row.value ->> 2
  ON CONFLICT (campaign, hour, activityStatus, hardBounce) DO UPDATE SET
    ${QUARTERS.map(({ name }) => `${name} = ${name} + excluded.${name}`).join(', ')}`
