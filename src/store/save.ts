import { listArrived } from './arrived.ts'
import { quote, ROW_COLUMNS } from './columns.ts'
import { FORGET_ARRIVALS, FRESH, newStamp, REGISTER_ARRIVALS } from './deliveries.ts'
import { insertCampaigns } from './campaigns.ts'
import { addTotals } from './count.ts'
import { insertNames } from './names.ts'
import { insertSuppressions } from './suppressions.ts'
import { countMessage, readReceivedAt } from './message.ts'

/** The fields that all rows of a message share. */
const MESSAGE_FIELDS = ['receivedAt', 'origin', 'labels']

const QUARANTINE_FIELDS = ['request', 'elementIndex', 'part', 'kind', 'reason', 'sent']

// Any number of rows with one bound parameter, taken apart by SQLite. A row that is there already is
// left as it is and costs nothing. Not INSERT OR IGNORE: that hides broken rows.
const SAVE_ACTIVITIES = insertStatement('activity', ['occurredAt', 'id'], 'rows', ROW_COLUMNS)
const SAVE_QUARANTINE = insertStatement(
  'quarantine',
  ['request', 'elementIndex', 'part'],
  'quarantine',
  QUARANTINE_FIELDS,
)

const DERIVE = [insertCampaigns, addTotals, insertNames, insertSuppressions].map((statement) =>
  statement(FRESH),
)

/**
 * Stores what messages hold and counts what of it is new, all or nothing. Saving again changes nothing.
 *
 * @param texts as `packMessages` made them, at most 1 MB together unless it is a single one
 * @returns rows written, indexes included
 * @throws what D1 throws
 */
export async function saveMessages(db: D1Database, texts: readonly string[]): Promise<number> {
  const statements: D1PreparedStatement[] = []
  const withRows = texts.filter((text) => countMessage(text)?.accepted !== 0)
  const withRejected = texts.filter((text) => countMessage(text)?.rejected !== 0)
  if (withRows.length > 0) {
    const stamp = newStamp(Math.max(...withRows.map(readReceivedAt)))
    const arrived = JSON.stringify(listArrived(withRows))
    statements.push(
      db.prepare(REGISTER_ARRIVALS).bind(arrived, stamp),
      db.prepare(SAVE_ACTIVITIES).bind(join(withRows)),
      ...DERIVE.map((sql) => db.prepare(sql).bind(stamp)),
      db.prepare(FORGET_ARRIVALS),
    )
  }
  if (withRejected.length > 0) statements.push(db.prepare(SAVE_QUARANTINE).bind(join(withRejected)))
  const results = await db.batch(statements)
  return results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
}

function join(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
}

// Materialized, since SQLite would otherwise copy the whole message for every field of every row.
function insertStatement(
  table: string,
  key: readonly string[],
  list: string,
  columns: readonly string[],
): string {
  const names = [...MESSAGE_FIELDS, ...columns].map(quote)
  const shared = MESSAGE_FIELDS.map((field) => `value ->> '$.${field}' AS ${field}`)
  const cells = columns.map((_, place) => `row.value ->> ${place}`)
  return `
    WITH message AS MATERIALIZED (
      SELECT ${shared.join(', ')}, jsonb_extract(value, '$.${list}') AS list FROM jsonb_each(?1)
    )
    INSERT INTO ${table} (${names.join(', ')})
    SELECT ${[...MESSAGE_FIELDS, ...cells].join(', ')}
    FROM message, jsonb_each(message.list) AS row
    WHERE true
    ON CONFLICT (${key.map(quote).join(', ')}) DO NOTHING`
}
