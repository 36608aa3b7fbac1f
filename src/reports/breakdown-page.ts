import * as z from 'zod'
import { ORDERS, type GroupCursor, type GroupQuery } from '../db/reports/rank-groups.ts'
import { findKeys } from '../db/reports/campaigns.ts'
import { listBreakdown, type GroupPage } from '../db/reports/breakdown.ts'
import { text } from '../http/query-fields.ts'

const MAX_SEARCH = 200

const groupCursor = z.string().transform((given, context): GroupCursor => {
  const [, rate, volume, newest, key] =
    /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(.*)$/s.exec(given) ?? []
  if (key === undefined) {
    context.addIssue('has to be the "next" of the page before, as it came')
    return z.NEVER
  }
  return { rate: Number(rate), volume: Number(volume), newest: Number(newest), key }
})

/** Which lines of a report are asked for, and in what order. */
export function groupFields() {
  return {
    sort: z
      .enum(ORDERS, { error: `has to be one of ${ORDERS.join(', ')}` })
      .default('newest')
      .meta({
        description:
          '`newest`: the last to begin first; `largest`: the most contacts delivered to first; otherwise the highest rate first, and of equal rates the one over more contacts. Lines without a rate come last.',
      }),
    search: text.max(MAX_SEARCH, `has to have at most ${MAX_SEARCH} characters`).optional().meta({
      description:
        'Lines that go by this, in any case: a part of the name, a tag or the sender of a message, or the whole id; of channels, senders and tags a part of it. Looks at the newest 10,000 campaigns.',
    }),
    cursor: groupCursor.optional().meta({ description: 'The `next` of the page before.' }),
  }
}

/** A place as `cursor` takes it; it begins with what groups are ordered by. */
export function formatGroupCursor({ rate, volume, newest, key }: GroupCursor): string {
  return `${rate}.${volume}.${newest}.${key}`
}

/** A page of groups, and whether all was looked at for it that there is. */
export type FoundGroups = GroupPage & {
  /** False where there are more campaigns than are searched. */
  isSearched: boolean
}

/** A page of groups that go by a text, if one is given. */
export async function findGroups(
  db: D1Database,
  { filter, ...question }: GroupQuery,
  search: string | undefined,
): Promise<FoundGroups> {
  const { dimension } = question
  const found = search === undefined ? undefined : await findKeys(db, dimension, search)
  const page = await listBreakdown(db, {
    ...question,
    filter: found ? { ...filter, [dimension]: both(filter[dimension], found.keys) } : filter,
  })
  return { ...page, isSearched: found?.complete ?? true }
}

/** The values that are asked for, and were found. Of integers, `7` is what `007` is. */
function both(asked: readonly string[] | undefined, found: readonly string[]): readonly string[] {
  if (!asked) return found
  const wanted = new Set(asked.map(plain))
  return found.filter((key) => wanted.has(plain(key)))
}

function plain(value: string): string {
  return /^-?\d+$/.test(value) ? String(BigInt(value)) : value
}
