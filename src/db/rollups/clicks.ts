import type { UtmName } from '../../event/link.ts'
import { inList, valuesOf, where, type Condition } from '../events/filter.ts'
import {
  campaignConditions,
  inPeriod,
  KINDS,
  scanTotals,
  sumOf,
  type CampaignFilter,
  type Period,
} from '../reports/totals.ts'
import { MAX_ROLLED_UP, scanNewest, toFullHours } from './scan.ts'

/** What clicks are counted by: the link, or one of its UTM parameters. */
export type ClickTarget = 'link' | UtmName

/** By what lines are sorted, largest first: with machines or without. */
export const CLICK_ORDERS = {
  people: 'people',
  clicks: 'clicks',
  peopleWithoutMachines: 'people - machinePeople',
  clicksWithoutMachines: 'clicks - machineClicks',
} as const

export type ClickOrder = keyof typeof CLICK_ORDERS

/** The cursor of a line: the next page begins after it. */
export type ClickCursor = { volume: number; key: string }

export type ClickQuery = {
  target: ClickTarget
  filter: CampaignFilter
  /** Widened to full hours. */
  period: Period
  order: ClickOrder
  /** A part of the link or value, in any case of Latin letters. */
  search: string | undefined
  limit: number
  after: ClickCursor | undefined
}

/** Clicks, and the people who clicked, counted once per delivery at their first click on this link or value. */
export type ClickLine = {
  /** The normalized link, or the value of the UTM parameter. */
  name: string
  clicks: number
  people: number
  /** Of those clicks and people, the ones that are only machines. */
  machineClicks: number
  machinePeople: number
}

/** Lines; `complete` is false if there was more to count than one report reads. */
export type ClickPage = {
  lines: ClickLine[]
  next: ClickCursor | null
  rowsScanned: number
  complete: boolean
}

const SUMS = ['clicks', 'people', 'machineClicks', 'machinePeople'] as const

/** A page of links, or of the values of a UTM parameter, with their clicks. */
export async function listClicks(db: D1Database, query: ClickQuery): Promise<ClickPage> {
  const { target, filter, period, order, search, limit, after } = query
  const scan = scanNewest(target === 'link' ? 'links' : 'utm', period, filter)
  const isLink = target === 'link'
  const ofName: Condition[] = isLink ? [] : [{ sql: `value ->> 1 = ?`, values: [target] }]
  const first = isLink ? 1 : 2 // the index of the key in a row
  const sums = SUMS.map((name, index) => `sum(value ->> ${first + 1 + index}) AS ${name}`)
  const volume = CLICK_ORDERS[order]
  const chosen: Condition[] = [{ sql: 'clicks > 0', values: [] }]
  if (search !== undefined) {
    chosen.push({ sql: 'instr(lower(name), ?) > 0', values: [search.toLowerCase()] })
  }
  if (after) {
    chosen.push({ sql: `(${volume}, key) < (?, ?)`, values: [after.volume, keyOf(target, after)] })
  }
  const { results } = await db
    .prepare(
      `WITH scanned AS (${scan.sql}), counted AS MATERIALIZED (
         SELECT value ->> ${first} AS key, ${sums.join(', ')} FROM scanned ${where(ofName)} GROUP BY key
       ), named AS (
         SELECT counted.*, ${isLink ? 'url' : 'key'} AS name
         FROM counted ${isLink ? 'JOIN links ON link = key' : ''}
       )
       SELECT *, ${volume} AS volume, (SELECT count(*) FROM scanned) AS rows
       FROM named ${where(chosen)} ORDER BY volume DESC, key DESC LIMIT ${limit + 1}`,
    )
    .bind(...scan.values, ...valuesOf([...ofName, ...chosen]))
    .all<ClickLine & { key: number | string; volume: number; rows: number }>()
  const lines = results.slice(0, limit)
  const last = lines.at(-1)
  const rowsScanned = results[0]?.rows ?? 0
  return {
    lines,
    next: last && results.length > limit ? { volume: last.volume, key: String(last.key) } : null,
    rowsScanned,
    complete: rowsScanned < MAX_ROLLED_UP,
  }
}

/** Links have numbers. */
const keyOf = (target: ClickTarget, { key }: ClickCursor) => (target === 'link' ? Number(key) : key)

/** People who clicked anything, counted once per delivery; and those of them who are only machines. */
export async function countClickers(
  db: D1Database,
  filter: CampaignFilter,
  period: Period,
): Promise<{ people: number; machines: number }> {
  const conditions = [
    ...campaignConditions(filter),
    { sql: `activityStatus = 'CLICKED'`, values: [] },
    inList('hardBounce', [`${KINDS.all}`, `${KINDS.machines}`]),
  ]
  const hours = toFullHours(period)
  const scan = scanTotals({
    columns: `hardBounce, ${sumOf('contacts', hours)} AS contacts`,
    join: `totals ON ${inPeriod(hours)}`,
    conditions,
  })
  const { results } = await db
    .prepare(`SELECT hardBounce, sum(contacts) AS contacts FROM (${scan}) GROUP BY hardBounce`)
    .bind(...valuesOf(conditions))
    .all<{ hardBounce: number; contacts: number }>()
  const contactsOf = (kind: number) =>
    results.find(({ hardBounce }) => hardBounce === kind)?.contacts ?? 0
  return { people: contactsOf(KINDS.all), machines: contactsOf(KINDS.machines) }
}
