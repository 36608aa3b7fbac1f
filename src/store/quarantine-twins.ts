import { canonicalJson } from '../activity/canonical-json.ts'
import { EXTRAS_OF_API } from '../activity/identity.ts'
import { isExactNumber, parseExactly } from '../activity/exact-number.ts'
import type { Activity } from '../activity/normalize.ts'
import { everyDigit, INTEGERS, quote, ROW_COLUMNS, toRow, type Cell } from './columns.ts'
import type { Position } from './list.ts'
import type { SetAsideKey } from './quarantine-changes.ts'
import type { StoredSetAside } from './quarantine.ts'

const KEYS_AT_ONCE = 10_000 // in one parameter, far below what D1 takes

const CONTENT = ROW_COLUMNS.filter((name) => name !== 'occurredAt' && name !== 'id')

// What makes an event of a delivery, as far as SQLite can tell; null where it cannot. What is in parts
// is no JSON by its first one.
const IDENTITY = `CASE WHEN json_valid(sent) THEN CASE WHEN json_type(sent, '$.iid') = 'text'
  THEN json_array(sent ->> '$.iid', sent ->> '$.activityStatus', sent ->> '$.activityDateTime',
    sent ->> '$.clickEventLink') END END`

/**
 * The other elements of the same requests that say they are the same event (delivery, status, time and
 * link), with all that was sent; those that are the same text are left out.
 */
export async function findTwins(
  db: D1Database,
  keys: readonly SetAsideKey[],
): Promise<StoredSetAside[]> {
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(
      `WITH asked AS MATERIALIZED (
         SELECT request, elementIndex, kind, sent, ${IDENTITY} AS identity
         FROM json_each(?1) AS key CROSS JOIN quarantine
           ON request = key.value ->> 0 AND elementIndex = key.value ->> 1
         WHERE part = 0
       ),
       requests AS MATERIALIZED (SELECT DISTINCT request FROM asked WHERE identity IS NOT NULL)
       SELECT kind, request, elementIndex, reason, receivedAt, origin, labels, sent
       FROM requests CROSS JOIN quarantine USING (request)
       WHERE part = 0 AND kind IN ('element', 'bytes')
         AND (request, ${IDENTITY}) IN (SELECT request, identity FROM asked)
         AND (request, kind, sent) NOT IN (SELECT request, kind, sent FROM asked)`,
    )
    .bind(JSON.stringify(keys.map(({ request, elementIndex }) => [request, elementIndex])))
    .all<StoredSetAside>()
  return results
}

/** All that an activity says, as text that is the same for the same. */
export function contentOf(activity: Activity): string {
  const [, , ...cells] = toRow(activity)
  return writeContent(CONTENT.map((_, place) => cells[place] ?? null))
}

/** What is stored at some places, by `placeName`, as `contentOf` writes it. */
export async function readContents(
  db: D1Database,
  places: readonly Position[],
): Promise<Map<string, string>> {
  const columns = CONTENT.map((name) => (INTEGERS.has(name) ? everyDigit(name) : quote(name)))
  const contents = new Map<string, string>()
  for (let start = 0; start < places.length; start += KEYS_AT_ONCE) {
    const asked = places.slice(start, start + KEYS_AT_ONCE)
    const { results } = await db
      .prepare(
        `SELECT occurredAt, activity.id, ${columns.join(', ')} FROM json_each(?1) AS asked CROSS JOIN activity
         ON occurredAt = asked.value ->> 0 AND activity.id = asked.value ->> 1`,
      )
      .bind(JSON.stringify(asked.map(({ occurredAt, id }) => [occurredAt, id])))
      .all<Position & Record<string, string | number | null>>()
    for (const row of results) {
      contents.set(placeName(row), writeContent(CONTENT.map((name) => row[name] ?? null)))
    }
  }
  return contents
}

/** Where an event is stored, as the key of a map. */
export function placeName({ occurredAt, id }: Position): string {
  return `${occurredAt} ${id}`
}

/** The order of the members of `extra` says nothing, nor does what Yespo's API adds. */
function writeContent([extra = null, ...cells]: Cell[]): string {
  const members = typeof extra === 'string' ? Object.entries(parseExactly(extra) as object) : []
  const sent = members.filter(([name]) => !EXTRAS_OF_API.includes(name))
  const texts = cells.map((cell) =>
    isExactNumber(cell) ? cell.rawJSON : (cell?.toString() ?? null),
  )
  return JSON.stringify([canonicalJson(Object.fromEntries(sent)), ...texts])
}
