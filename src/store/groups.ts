import { everyDigit, INTEGERS, quote } from './columns.ts'
import { CAMPAIGN_COLUMNS } from './campaigns.ts'
import { chooseGroups, type GroupPosition, type GroupQuestion } from './choose-groups.ts'
import { valuesOf, where } from './filter.ts'
import {
  campaignConditions,
  campaignsBy,
  hoursOf,
  MAX_TOTALS,
  sumOf,
  type Count,
} from './totals.ts'

/** A message, broadcast, workflow …, as the newest of its campaigns describes it. */
export type Group = {
  /** Its value in the dimension; an integer as decimal digits. */
  key: string
  campaign: { readonly [Name in (typeof CAMPAIGN_COLUMNS)[number]]: string | number | null }
  /** The hours of its first and last event in the period: UTC milliseconds. */
  firstHour: number
  lastHour: number
  counts: Count[]
}

/** Groups; `isWhole` is false where there was more to count than is looked at for one question. */
export type GroupPage = {
  groups: Group[]
  next: GroupPosition | null
  rowsLookedAt: number
  isWhole: boolean
}

/** The columns of a campaign as text, where a number could lose digits. */
const DESCRIPTION = CAMPAIGN_COLUMNS.map((name) =>
  INTEGERS.has(name) ? everyDigit(name) : quote(name),
)

/** A page of groups with all their counts in a period. */
export async function listGroups(db: D1Database, question: GroupQuestion): Promise<GroupPage> {
  const { limit } = question
  const choice = await chooseGroups(db, question)
  const chosen = choice.keys.slice(0, limit)
  const last = chosen.at(-1)
  const next = choice.keys.length > limit && last ? toPosition(last) : null
  if (chosen.length === 0) return { groups: [], next, rowsLookedAt: choice.rows, isWhole: true }
  const { groups, rows } = await countGroups(db, question, chosen)
  const rowsLookedAt = choice.rows + rows
  const isCut = rows >= MAX_TOTALS
  if (!isCut) return { groups, next, rowsLookedAt, isWhole: choice.rows < MAX_TOTALS }
  // The last one that was looked at may have more; where it is the only one, it is told as it is.
  const whole = groups.length > 1 ? groups.slice(0, -1) : groups
  const lastWhole = chosen.find(({ key }) => key === whole.at(-1)?.key)
  return {
    groups: whole,
    next: lastWhole ? toPosition(lastWhole) : null,
    rowsLookedAt,
    isWhole: groups.length > 1 && choice.rows < MAX_TOTALS,
  }
}

function toPosition({ size, newest, key }: GroupPosition): GroupPosition {
  return { size, newest, key }
}

/** The counts of chosen groups, in their order, as far as `MAX_TOTALS` reaches. */
async function countGroups(
  db: D1Database,
  { dimension, filter, period }: GroupQuestion,
  chosen: readonly GroupPosition[],
): Promise<{ groups: Group[]; rows: number }> {
  const conditions = campaignConditions(filter, dimension)
  const keys = JSON.stringify(chosen.map(({ key }) => key))
  const members = `
    SELECT wanted.key AS place, campaigns.*
    FROM json_each(?) AS wanted
    JOIN ${campaignsBy(dimension)} ON ${quote(dimension)} = ${INTEGERS.has(dimension) ? 'CAST(wanted.value AS INTEGER)' : 'wanted.value'}
    ${where(conditions)}`
  const values = [keys, ...valuesOf(conditions)]
  const [descriptions, counts] = await db.batch<Record<string, string | number | null>>([
    db
      .prepare(
        `SELECT place, max(campaign) AS newest, ${DESCRIPTION.join(', ')} FROM (${members}) GROUP BY place`,
      )
      .bind(...values),
    db
      .prepare(
        `WITH members AS MATERIALIZED (SELECT place, campaign FROM (${members}) ORDER BY place, campaign)
         SELECT place, activityStatus, hardBounce, sum(events) AS events, sum(contacts) AS contacts,
           min(hour) AS firstHour, max(hour) AS lastHour, count(*) AS rows
         FROM (
           SELECT place, totals.activityStatus, hardBounce, hour,
             ${sumOf('events', period)} AS events, ${sumOf('contacts', period)} AS contacts
           FROM members CROSS JOIN totals ON totals.campaign = members.campaign AND ${hoursOf(period)}
           LIMIT ${MAX_TOTALS}
         )
         WHERE events <> 0 OR contacts <> 0
         GROUP BY place, activityStatus, hardBounce
         ORDER BY place`,
      )
      .bind(...values),
  ])
  const groups = new Map<number, Group>()
  let rows = 0
  for (const row of counts?.results ?? []) {
    const place = Number(row['place'])
    const description = descriptions?.results.find((each) => each['place'] === place)
    rows += Number(row['rows'])
    const group = groups.get(place) ?? {
      key: chosen[place]?.key ?? '',
      campaign: description as Group['campaign'],
      firstHour: Infinity,
      lastHour: -Infinity,
      counts: [],
    }
    group.firstHour = Math.min(group.firstHour, Number(row['firstHour']))
    group.lastHour = Math.max(group.lastHour, Number(row['lastHour']))
    group.counts.push(toCount(row))
    groups.set(place, group)
  }
  return { groups: [...groups.values()], rows }
}

function toCount(row: Record<string, string | number | null>): Count {
  return {
    activityStatus: String(row['activityStatus']),
    hardBounce: Number(row['hardBounce']),
    events: Number(row['events']),
    contacts: Number(row['contacts']),
  }
}
