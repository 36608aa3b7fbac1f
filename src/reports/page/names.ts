import type { Dimension } from '../../event/dimensions.ts'
import { nameKeys } from '../../db/reports/campaigns.ts'
import type { CampaignFilter } from '../../db/reports/totals.ts'
import { shorten } from '../../platform/cut-text.ts'
import type { Viewer } from '../../web/viewer.tsx'
import { channelName } from '../../web/channel-name.ts'

const MAX_NAME = 60 // characters

/** What people know by the name of its message. */
const NAMED: readonly Dimension[] = ['messageId', 'broadcastId', 'workflowBlockId']

/** The values of filters in words, by their parameters: names for ids that have one. */
export async function nameFilters(
  db: D1Database,
  filter: CampaignFilter,
  { text, list }: Pick<Viewer, 'text' | 'list'>,
): Promise<Record<string, string>> {
  const words = await Promise.all(
    Object.entries(filter).map(async ([name, values = []]) => {
      const dimension = name as Dimension // one reasoned cast: the keys of a filter
      const names = NAMED.includes(dimension) ? await nameKeys(db, dimension, values) : undefined
      const named = values.map((value) =>
        dimension === 'mediaType' ? channelName(value, text) : (names?.get(value) ?? value),
      )
      return [name, list(named.map((value) => shorten(value, MAX_NAME)))]
    }),
  )
  return Object.fromEntries(words) as Record<string, string>
}
