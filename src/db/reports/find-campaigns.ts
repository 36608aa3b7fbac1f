import { canonicalChannel } from '../../event/channel.ts'
import { quote } from '../columns.ts'
import { keyOf, type Dimension } from './totals.ts'

/** Campaigns that one search looks at, the newest. */
const MAX_SEARCHED = 10_000

const MAX_TEXT = 300 // of a name; nobody looks for the end of a longer one

/** What a message is known by, beside its id. */
const NAMES = ['messageName', 'messageTag', 'from'] as const

/** What is compared: names where people do not know the key by heart, otherwise the key. */
const COMPARED: Readonly<Record<Dimension, readonly string[]>> = {
  messageId: NAMES,
  broadcastId: NAMES,
  workflowId: NAMES,
  mediaType: ['mediaType'],
  from: ['from'],
  messageTag: ['messageTag'],
}

/** Values of a dimension, as text; `complete` is false where older campaigns were not looked at. */
export type FoundKeys = { keys: string[]; complete: boolean }

/**
 * The messages, broadcasts, … that go by a text: a part of a name, tag or sender in any case, or
 * the whole of an id. Compared here: SQLite's LIKE knows upper and lower case of Latin letters only.
 */
export async function findKeys(
  db: D1Database,
  dimension: Dimension,
  search: string,
): Promise<FoundKeys> {
  const texts = COMPARED[dimension].map((name) => `substr(${quote(name)}, 1, ${MAX_TEXT})`)
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
  const wanted = dimension === 'mediaType' ? canonicalChannel(search) : fold(search).trim()
  const has = (text: string | null) => text !== null && fold(text).includes(wanted)
  const found =
    dimension === 'messageTag'
      ? rows.flatMap(([tags]) => tags.split(',').map(trimSpaces)).filter((tag) => tag && has(tag))
      : rows.filter(([key, ...names]) => key === wanted || names.some(has)).map(([key]) => key)
  return { keys: [...new Set(found)], complete: more === null }
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}

/** As `trim()` of SQLite does, which tells tags apart. */
function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '')
}
