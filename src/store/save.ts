import { DAY_MS } from '../activity/clock.ts'
import { findArrivals } from './arrivals.ts'
import { listArrived, listSeenNames, readArrivedRows } from './arrived.ts'
import { noteBrought } from './brought.ts'
import { quote, ROW_COLUMNS } from './columns.ts'
import { FORGET_ARRIVALS, newStamp, REGISTER_ARRIVALS } from './deliveries.ts'
import { DERIVE } from './derive.ts'
import { isNews, NOBODY_SINCE, readErasedState, type ErasedState } from './erased.ts'
import { lookAgainLater } from './erase/look-later.ts'
import { forgetErased } from './forget.ts'
import { staleHours } from './hours.ts'
import { NOTE_LATE } from './late.ts'
import { countMessage, isFromApi, readReceivedAt } from './message.ts'
import { INSERT_NAMES } from './names.ts'
import { listUnexpected, noteUnexpected, remember } from './unexpected.ts'

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

/** After so many erasures in the middle of one save, something else is wrong. */
const MAX_NEWS = 3

/** What the last transaction saw; a later one that sees otherwise is refused, and looks again. */
let known: ErasedState | undefined

/**
 * Stores what messages hold and counts what of it is new, all or nothing. Saving again changes nothing;
 * what is about someone who was forgotten is left out.
 *
 * @param texts as `packMessages` made them, at most 1 MB together unless it is a single one
 * @param asOf what `leaveOutErased` saw when it made them; undefined where they are to be looked through
 * @returns rows written, indexes included
 * @throws what D1 throws; and where someone was forgotten after `asOf`, what counts as transient
 */
export async function saveMessages(
  db: D1Database,
  texts: readonly string[],
  asOf?: ErasedState,
): Promise<number> {
  if (asOf) return save(db, texts, asOf)
  for (let news = 0; ; news++) {
    const state = (known ??= await readErasedState(db))
    try {
      return await save(db, await forgetErased(db, texts, state), state)
    } catch (error) {
      known = undefined
      if (!isNews(error) || news === MAX_NEWS) throw error
    }
  }
}

/** What is left of messages without what is about someone who was forgotten by now. */
export async function leaveOutErased(
  db: D1Database,
  texts: readonly string[],
): Promise<{ texts: readonly string[]; asOf: ErasedState }> {
  const asOf = await readErasedState(db)
  return { texts: await forgetErased(db, texts, asOf), asOf }
}

async function save(db: D1Database, texts: readonly string[], asOf: ErasedState): Promise<number> {
  const statements: D1PreparedStatement[] = []
  const withRows = texts.filter((text) => countMessage(text)?.accepted !== 0)
  const withRejected = texts.filter((text) => countMessage(text)?.rejected !== 0)
  const rows = withRows.length > 0 ? await saveRows(db, withRows) : undefined
  if (rows) statements.push(...rows.before, rows.save, ...rows.after)
  if (withRejected.length > 0) {
    statements.push(
      db.prepare(SAVE_QUARANTINE).bind(join(withRejected)),
      ...lookAgainLater(db, withRejected, asOf),
    )
  }
  if (statements.length === 0) return 0
  const results = await db.batch([db.prepare(NOBODY_SINCE).bind(asOf.version), ...statements])
  remember(rows?.unexpected ?? [])
  const written = results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
  const saved = rows && results[1 + rows.before.length]?.meta.changes
  if (!rows || saved === rows.events.length) return written
  // Some were there already, from the API perhaps.
  const ofWebhook = withRows.filter((text) => !isFromApi(text))
  return (
    written +
    (ofWebhook.length > 0 ? await noteBrought(db, listArrived(readArrivedRows(ofWebhook))) : 0)
  )
}

async function saveRows(db: D1Database, texts: readonly string[]) {
  const stamp = await makeStamp(db, texts)
  const rows = readArrivedRows(texts)
  const events = listArrived(rows)
  const names = listSeenNames(rows)
  const unexpected = listUnexpected(rows)
  const arrived = JSON.stringify(events)
  const mayBeLate = events.some(([occurredAt]) => occurredAt < Date.now() - DAY_MS)
  return {
    events,
    unexpected,
    before: [
      ...(mayBeLate ? [db.prepare(NOTE_LATE).bind(arrived)] : []),
      db.prepare(REGISTER_ARRIVALS).bind(arrived, stamp),
    ],
    save: db.prepare(SAVE_ACTIVITIES).bind(join(texts)),
    after: [
      ...DERIVE.map((sql) => db.prepare(sql).bind(stamp)),
      ...staleHours(
        db,
        events.map(([occurredAt]) => occurredAt),
        Date.now(),
      ),
      ...(names.length > 0 ? [db.prepare(INSERT_NAMES).bind(JSON.stringify(names))] : []),
      ...noteUnexpected(db, unexpected, Date.now()),
      db.prepare(FORGET_ARRIVALS),
    ],
  }
}

/** What only the API tells of leaves it as it was, when the webhook brought something last. */
async function makeStamp(db: D1Database, texts: readonly string[]): Promise<string> {
  const ofWebhook = texts.filter((text) => !isFromApi(text))
  if (ofWebhook.length > 0) return newStamp(Math.max(...ofWebhook.map(readReceivedAt)))
  const { lastReceivedAt } = await findArrivals(db)
  return newStamp(lastReceivedAt ?? 0, true)
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
