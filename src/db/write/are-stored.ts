import { openMessage } from './open-message.ts'

// Whether a message has a row that is not in the tables.
const MISSING = `
  WITH message AS MATERIALIZED (
    SELECT jsonb_extract(value, '$.rows') AS rows, jsonb_extract(value, '$.quarantine') AS rejected
    FROM jsonb_each(?1)
  )
  SELECT
    EXISTS (
      SELECT 1 FROM message, jsonb_each(message.rows) AS row WHERE NOT EXISTS (
        SELECT 1 FROM activity
        WHERE occurredAt = row.value ->> 0 AND activity.id = unhex(row.value ->> 1)
      )
    ) OR EXISTS (
      SELECT 1 FROM message, jsonb_each(message.rejected) AS row WHERE NOT EXISTS (
        SELECT 1 FROM quarantine
        WHERE request = row.value ->> 0 AND elementIndex = row.value ->> 1 AND part = row.value ->> 2
      )
    ) AS isMissing`

/**
 * Whether all rows of messages are stored. That has to be asked after an error, as the transaction may have been
 * committed nevertheless.
 *
 * @throws what D1 throws, also if a text is not a message
 */
export async function areStored(db: D1Database, texts: readonly string[]): Promise<boolean> {
  if (texts.some((text) => openMessage(text) === undefined)) return false
  const row = await db
    .prepare(MISSING)
    .bind(`[${texts.join(',')}]`)
    .first<{ isMissing: 0 | 1 }>()
  return row?.isMissing === 0
}
