import * as z from 'zod'
import { DIRECTIONS, ORDERS, type GroupCursor, type GroupQuery } from '../db/reports/rank-groups.ts'
import { findKeys } from '../db/reports/campaigns.ts'
import { listBreakdown, type GroupPage } from '../db/reports/breakdown.ts'
import { invalidParameter } from '../http/parse-query.ts'
import { cursorOf, searched, volume } from '../http/query-fields.ts'

const groupCursor = cursorOf(
  /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(.*)$/s,
  ([rate, volume, newest, key = '']): GroupCursor => ({
    rate: Number(rate),
    volume: Number(volume),
    newest: Number(newest),
    key,
  }),
)

/** The query parameters that choose and sort the lines of a report. */
export function groupFields() {
  return {
    sort: z
      .enum(ORDERS, { error: `must be one of ${ORDERS.join(', ')}` })
      .default('newest')
      .meta({
        description:
          '`newest`: last started first; `largest`: most contacts delivered to first; `steps`: blocks of a `workflowId` first to last, by the average time since its start; otherwise by a rate, and of equal rates the one of more contacts first. Lines without a rate come last.',
      }),
    direction: z
      .enum(DIRECTIONS, { error: `must be one of ${DIRECTIONS.join(', ')}` })
      .default('highest')
      .meta({ description: 'Of a `sort` by a rate: which one is first.' }),
    min: volume.optional().meta({
      description:
        'Leaves out lines whose rate has a smaller denominator, or with `largest`, that were delivered to fewer contacts. Needs one of these as `sort`.',
    }),
    search: searched.optional().meta({
      description:
        'Lines that match, in any case: a part of the name, a tag or the sender of a message, or the full ID; a part of a channel, sender or tag. Searches the newest 10,000 campaigns.',
    }),
    cursor: groupCursor.optional().meta({ description: 'The `next` of the previous page.' }),
  }
}

/**
 * The question that the fields of `groupFields` ask.
 * @throws HttpError 400 for a least volume of lines that have none
 */
export function toGroupQuery(
  { sort, direction, min, cursor }: z.output<z.ZodObject<ReturnType<typeof groupFields>>>,
  scope: Pick<GroupQuery, 'dimension' | 'filter' | 'period' | 'limit'>,
): GroupQuery {
  const isOfWorkflow = scope.dimension === 'workflowBlockId' && scope.filter.workflowId
  if (sort === 'steps' && !isOfWorkflow) {
    throw invalidParameter('sort', 'can be `steps` only for the blocks of a `workflowId`')
  }
  if (min !== undefined && (sort === 'newest' || sort === 'steps')) {
    throw invalidParameter('min', 'needs a rate or `largest` as “sort”')
  }
  return { ...scope, order: sort, direction, min: min ?? 0, after: cursor }
}

/** A cursor as text; it begins with the sort keys of groups. */
export function formatGroupCursor({ rate, volume, newest, key }: GroupCursor): string {
  return `${rate}.${volume}.${newest}.${key}`
}

/** A page of groups, and whether all campaigns were searched for it. */
export type FoundGroups = GroupPage & {
  /** False if there are more campaigns than are searched. */
  isSearched: boolean
  /** Selects all campaigns that match, those of other pages, too. */
  filter: GroupQuery['filter']
}

/** A page of groups that match a search, if one is given. */
export async function findGroups(
  db: D1Database,
  { filter, ...question }: GroupQuery,
  search: string | undefined,
): Promise<FoundGroups> {
  const { dimension } = question
  const found = search === undefined ? undefined : await findKeys(db, dimension, search)
  const matching = found
    ? { ...filter, [dimension]: intersect(filter[dimension], found.keys) }
    : filter
  const page = await listBreakdown(db, { ...question, filter: matching })
  return { ...page, isSearched: found?.complete ?? true, filter: matching }
}

/** The values of the filter that were found. For integers, `007` equals `7`. */
function intersect(
  filter: readonly string[] | undefined,
  found: readonly string[],
): readonly string[] {
  if (!filter) return found
  const allowed = new Set(filter.map(plain))
  return found.filter((key) => allowed.has(plain(key)))
}

function plain(value: string): string {
  return /^-?\d+$/.test(value) ? String(BigInt(value)) : value
}
