import { canonicalChannel } from '../../event/channel.ts'
import { DIMENSION_OF, type Dimension } from '../../event/dimensions.ts'
import { quote } from '../columns.ts'
import { keyOf } from './totals.ts'

/** The number of newest campaigns that a search reads. */
const MAX_SEARCHED = 10_000

const MAX_TEXT = 300 // of a name: the end of a longer one is not searched

/** The number of newest campaigns to read for their channels: they have every channel in use. */
const MAX_NEWEST = 300

/** A longer list would be of no use. */
const MAX_CHANNELS = 30

/** Values of a dimension, as text; `complete` is false if older campaigns were not searched. */
export type FoundKeys = { keys: string[]; complete: boolean }

/**
 * The messages, broadcasts, … that match a text: a part of a name, tag or sender in any case, or the whole of an id.
 * Compared in JavaScript, since SQLite's LIKE ignores case in Latin letters only.
 */
export async function findKeys(
  db: D1Database,
  dimension: Dimension,
  search: string,
): Promise<FoundKeys> {
  const texts = (DIMENSION_OF.get(dimension)?.searched ?? []).map(
    (name) => `substr(${quote(name)}, 1, ${MAX_TEXT})`,
  )
  const newest = `SELECT * FROM campaigns ORDER BY campaign DESC LIMIT ${MAX_SEARCHED}`
  const [rows, more] = await Promise.all([
    db
      .prepare(
        `SELECT ${keyOf(dimension)}, ${texts.join(', ')} FROM (${newest})
         WHERE ${quote(dimension)} IS NOT NULL`,
      )
      .raw<[string, ...(string | null)[]]>(),
    db.prepare(`SELECT 1 FROM campaigns LIMIT 1 OFFSET ${MAX_SEARCHED}`).first(),
  ])
  const query = dimension === 'mediaType' ? canonicalChannel(search) : fold(search).trim()
  const matches = (text: string | null) => text !== null && fold(text).includes(query)
  const found =
    dimension === 'messageTag'
      ? rows
          .flatMap(([tags]) => tags.split(',').map(trimSpaces))
          .filter((tag) => tag && matches(tag))
      : rows.filter(([key, ...names]) => key === query || names.some(matches)).map(([key]) => key)
  return { keys: [...new Set(found)], complete: more === null }
}

/** A message by which a campaign is known. */
export type FoundMessage = {
  /** Decimal digits. */
  messageId: string
  messageName: string | null
  mediaType: string | null
  /** Whether the text is its whole name, or the ID of it, its broadcast or its workflow. */
  isExact: boolean
}

/**
 * The messages of the newest campaigns that a text names: part of a name, in any case, or the whole of an ID.
 *
 * @returns newest first, each once
 */
export async function findMessages(db: D1Database, search: string): Promise<FoundMessage[]> {
  const rows = await db
    .prepare(
      `SELECT CAST(messageId AS TEXT), substr(messageName, 1, ${MAX_TEXT}), mediaType,
         CAST(broadcastId AS TEXT), CAST(workflowId AS TEXT)
       FROM (SELECT * FROM campaigns ORDER BY campaign DESC LIMIT ${MAX_SEARCHED})
       WHERE messageId IS NOT NULL`,
    )
    .raw<[string, string | null, string | null, string | null, string | null]>()
  const query = fold(search).trim()
  const found = new Map<string, FoundMessage>()
  for (const [messageId, messageName, mediaType, broadcastId, workflowId] of rows) {
    const name = messageName === null ? '' : fold(messageName).trim()
    const isExact = [name, messageId, broadcastId, workflowId].includes(query)
    if (!isExact && !name.includes(query)) continue
    const newer = found.get(messageId)
    if (newer) newer.isExact ||= isExact
    else found.set(messageId, { messageId, messageName, mediaType, isExact })
  }
  return [...found.values()]
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}

/** Trims like SQLite's `trim()`, which separates tags. */
function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '')
}

/** The channels of the newest campaigns, each in a single spelling. */
export async function listChannels(db: D1Database): Promise<string[]> {
  // As one value: with DISTINCT, the rows would be billed twice.
  const found = await db
    .prepare(
      `SELECT json_group_array(DISTINCT mediaType) AS channels FROM (
         SELECT mediaType FROM campaigns ORDER BY campaign DESC LIMIT ${MAX_NEWEST}
       ) WHERE mediaType <> ''`,
    )
    .first<string>('channels')
  // One reasoned cast: the statement made it.
  const channels = JSON.parse(found ?? '[]') as string[]
  return channels.sort().slice(0, MAX_CHANNELS)
}

/** A message and its newest name. */
export type ListedMessage = { messageId: string; messageName: string | null }

/** The messages of a channel that began last, newest first. @param mediaType its spelling; null for all channels */
export async function listMessages(
  db: D1Database,
  mediaType: string | null,
  limit: number,
): Promise<ListedMessage[]> {
  const { results } = await db
    .prepare(
      `SELECT CAST(messageId AS TEXT) AS messageId, messageName, max(campaign) AS newest
       FROM campaigns WHERE messageId IS NOT NULL AND (?1 IS NULL OR mediaType = ?1)
       GROUP BY messageId ORDER BY newest DESC LIMIT ?2`,
    )
    .bind(mediaType, limit)
    .all<ListedMessage>()
  return results
}

/** The newest names of what is in a dimension, such as broadcasts, by its values; those without a name are left out. */
export async function nameKeys(
  db: D1Database,
  dimension: Dimension,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const { results } = await db
    .prepare(
      `SELECT ${keyOf(dimension)} AS key, messageName, max(campaign) AS newest FROM campaigns
       WHERE ${keyOf(dimension)} IN (SELECT value FROM json_each(?)) AND trim(messageName) <> ''
       GROUP BY key`,
    )
    .bind(JSON.stringify(keys))
    .all<{ key: string; messageName: string }>()
  return new Map(results.map(({ key, messageName }) => [key, messageName]))
}
