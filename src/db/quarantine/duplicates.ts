import { encodeItemKeys, type QuarantineKey } from './changes.ts'
import type { StoredItem } from './list.ts'

// Values that two elements with the same meaning share, if one program wrote both; null if the text is not JSON, such
// as the first part of a long one.
const IDENTITY = `CASE WHEN json_valid(sent) THEN json_array(sent ->> '$.iid', sent ->> '$.activityStatus',
  sent ->> '$.activityDateTime', sent ->> '$.contactId', sent ->> '$.clickEventLink') END`

/**
 * Other elements of the same requests that may be the same event (by delivery, status, time, contact and link), except
 * those with the same text.
 */
export async function findDuplicates(
  db: D1Database,
  keys: readonly QuarantineKey[],
): Promise<StoredItem[]> {
  if (keys.length === 0) return []
  const { results } = await db
    .prepare(
      `WITH queried AS MATERIALIZED (
         SELECT request, elementIndex, kind, sent, ${IDENTITY} AS identity
         FROM json_each(?1) AS key CROSS JOIN quarantine
           ON request = key.value ->> 0 AND elementIndex = key.value ->> 1
         WHERE part = 0
       ),
       requests AS MATERIALIZED (SELECT DISTINCT request FROM queried WHERE identity IS NOT NULL)
       SELECT kind, request, elementIndex, reason, receivedAt, origin, labels, sent
       FROM requests CROSS JOIN quarantine USING (request)
       WHERE part = 0 AND kind IN ('element', 'bytes')
         AND (request, ${IDENTITY}) IN (SELECT request, identity FROM queried)
         AND (request, kind, sent) NOT IN (SELECT request, kind, sent FROM queried)`,
    )
    .bind(encodeItemKeys(keys))
    .all<StoredItem>()
  return results
}
