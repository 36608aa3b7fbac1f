import { canonicalChannel } from '../../event/channel.ts'
import { DIMENSION_OF, type Dimension } from '../../event/dimensions.ts'
import { quote } from '../columns.ts'
import { keyOf } from './totals.ts'

/** Campaigns that one search reads, the newest. */
const MAX_SEARCHED = 10_000

const MAX_TEXT = 300 // of a name; nobody searches for the end of a longer one

/** Campaigns that are read for their channels; the newest have every channel that is in use. */
const MAX_NEWEST = 300

/** More channels are no list to choose from. */
const MAX_CHANNELS = 30

/** Values of a dimension, as text; `complete` is false if older campaigns were not searched. */
export type FoundKeys = { keys: string[]; complete: boolean }

/**
 * The messages, broadcasts, … that match a text: a part of a name, tag or sender in any case, or the whole of an id.
 * Compared here, since SQLite's LIKE knows upper and lower case of Latin letters only.
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

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}

/** As `trim()` of SQLite does, which separates tags. */
function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '')
}

/** The channels of the newest campaigns, each in one spelling. */
export async function listChannels(db: D1Database): Promise<string[]> {
  // As one value: a DISTINCT of rows would be billed as reading them twice.
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
