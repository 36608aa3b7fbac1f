import { PARAMETERS } from '../../event/parameters.ts'
import { everyDigit, INTEGERS, quote, valueOf } from '../columns.ts'
import { encodeKeys, type EventKey, type StoredEvent } from '../stored-event.ts'

/** The maximum bytes of a text that is always selected. Longer ones are rare, and selected if there is room. */
const MAX_TEXT_BYTES = 2_000
/** Characters of a longer text, if only its beginning is selected. */
const BEGINNING = 600

const NAMES = ['occurredAt', 'id', 'receivedAt', 'origin', 'labels', 'extra'].concat(
  PARAMETERS.map(({ name }) => name),
)
const TYPES = new Map<string, string>(PARAMETERS.map(({ name, type }) => [name, type]))
/** The columns that may be long. */
const TEXTS = NAMES.filter(
  (name) => ['labels', 'extra'].includes(name) || /string/.test(TYPES.get(name) ?? ''),
)

const asSent = (name: string) => `${valueOf(name)} AS ${quote(name)}`
const exact = (name: string) => (INTEGERS.has(name) ? everyDigit(name) : asSent(name))
const isLong = (name: string) => `octet_length(${quote(name)}) > ${MAX_TEXT_BYTES}`
const selectTexts = (select: (name: string) => string) =>
  NAMES.map((name) => (TEXTS.includes(name) ? select(name) : exact(name))).join(', ')

/** The columns of a `StoredEvent`, as a statement selects them from `activity` and `campaigns`. */
export const COLUMNS = NAMES.map(exact).join(', ')

/** An event on a page; `longBytes` is the size of all its texts if some are long, otherwise 0. */
export type PageRow = StoredEvent & { longBytes: number }

const BYTES = TEXTS.map((name) => `coalesce(octet_length(${quote(name)}), 0)`).join(' + ')

/** The columns of a `PageRow`, without long texts. SQLite knows the length of a text without reading it. */
export const WITHOUT_LONG = `
  ${selectTexts((name) => `CASE WHEN NOT ${isLong(name)} THEN ${valueOf(name)} END AS ${quote(name)}`)},
  CASE WHEN ${TEXTS.map(isLong).join(' OR ')} THEN ${BYTES} ELSE 0 END AS longBytes`

/** The columns of a `PageRow`, with the beginnings of long texts; without long JSON, which cannot be cut. */
export const BEGINNINGS = `
  ${selectTexts((name) => {
    const isText = TYPES.get(name) === 'string'
    const cut = isText ? ` ELSE substr(${quote(name)}, 1, ${BEGINNING})` : ''
    return `CASE WHEN NOT ${isLong(name)} THEN ${valueOf(name)}${cut} END AS ${quote(name)}`
  })},
  0 AS longBytes`

/** The stored events with some keys, in no order. */
export function listAt(db: D1Database, keys: readonly EventKey[]): Promise<StoredEvent[]> {
  return selectAt(db, COLUMNS, keys)
}

/** Some columns of the stored events with some keys, in no order. */
export async function selectAt<Row>(
  db: D1Database,
  columns: string,
  keys: readonly EventKey[],
): Promise<Row[]> {
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(
      `SELECT ${columns}
       FROM (SELECT value ->> 0 AS occurredAt, unhex(value ->> 1) AS id FROM json_each(?)) AS input
       CROSS JOIN activity USING (occurredAt, id) CROSS JOIN campaigns USING (campaign)`,
    )
    .bind(encodeKeys(keys))
    .all<Row>()
  return results
}

/** A stored event; null if none has this key. */
export async function findEvent(
  db: D1Database,
  { occurredAt, id }: EventKey,
): Promise<StoredEvent | null> {
  const sql = `
    SELECT ${COLUMNS} FROM activity CROSS JOIN campaigns USING (campaign)
    WHERE occurredAt = ?1 AND activity.id = unhex(?2)`
  return db.prepare(sql).bind(occurredAt, id).first<StoredEvent>()
}
