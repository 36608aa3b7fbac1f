import { DAY_MS } from '../../event/clock.ts'
import {
  listEventKeys,
  listSeenIdentifiers,
  listSuppressedSubjects,
  openRows,
} from './new-events.ts'
import { recordConfirmed } from '../derived/confirmed.ts'
import { INSERT_CAMPAIGNS } from './campaigns.ts'
import { addTotals } from '../derived/totals.ts'
import { quote } from '../columns.ts'
import {
  isNewErasure,
  NOBODY_SINCE,
  readErasedState,
  type ErasedState,
} from '../erasure/tombstones.ts'
import { reviewLater } from '../erasure/review-later.ts'
import { leaveOutTombstones } from './leave-out-erased.ts'
import { bindGroups } from '../chunk-by-size.ts'
import { NEW_EVENTS } from '../derived/scope.ts'
import { staleHours } from '../derived/hours.ts'
import { RECORD_LATE } from './late.ts'
import { countMessage, isFromApi } from '../../event/message.ts'
import { insertIdentifiers } from '../derived/insert-identifiers.ts'
import { newSavedBy } from './saved-by.ts'
import { INSERT_COLUMNS, StoredRows } from './stored-row.ts'
import { insertSuppressions } from '../derived/suppressions.ts'
import { listUnexpected, recordUnexpected, remember } from './unexpected.ts'
import { meter } from '../monitor/usage.ts'

/** The fields that all rows of a message share. */
const MESSAGE_FIELDS = ['receivedAt', 'origin', 'labels']

const QUARANTINE_FIELDS = ['request', 'elementIndex', 'part', 'kind', 'reason', 'sent']

// Any number of rows with one bound parameter, taken apart by SQLite: ?1 messages, ?2 the transaction, ?3 the keys
// of the rows' campaigns. A row that is there already is left as it is and costs nothing. Not INSERT OR IGNORE: that
// hides broken rows. Materialized, since SQLite would otherwise copy the whole message for every field of every row.
const SAVE_ACTIVITIES = `
  WITH message AS MATERIALIZED (${selectMessage('rows')}),
  known AS MATERIALIZED (
    SELECT given.key AS place, campaigns.campaign
    FROM json_each(?3) AS given CROSS JOIN campaigns ON campaigns.key = given.value
  )
  INSERT INTO activity (${MESSAGE_FIELDS.join(', ')}, savedBy, ${INSERT_COLUMNS.names})
  SELECT ${MESSAGE_FIELDS.join(', ')}, CAST(?2 AS INTEGER),
    ${INSERT_COLUMNS.values('row', (place) => `(SELECT campaign FROM known WHERE known.place = ${place})`)}
  FROM message, jsonb_each(message.list) AS row
  WHERE true
  ON CONFLICT (occurredAt, id) DO NOTHING`

const SAVE_QUARANTINE = `
  WITH message AS MATERIALIZED (${selectMessage('quarantine')})
  INSERT INTO quarantine (${[...MESSAGE_FIELDS, ...QUARANTINE_FIELDS].map(quote).join(', ')})
  SELECT ${[...MESSAGE_FIELDS, ...QUARANTINE_FIELDS.map((_, place) => `row.value ->> ${place}`)].join(', ')}
  FROM message, jsonb_each(message.list) AS row
  WHERE true
  ON CONFLICT (request, elementIndex, part) DO NOTHING`

function selectMessage(list: string): string {
  const shared = MESSAGE_FIELDS.map((field) => `value ->> '$.${field}' AS ${field}`)
  return `SELECT ${shared.join(', ')}, jsonb_extract(value, '$.${list}') AS list FROM jsonb_each(?1)`
}

const ADD_TOTALS = addTotals(NEW_EVENTS)
const INSERT_SUPPRESSIONS = insertSuppressions(NEW_EVENTS)

/** After so many erasures in the middle of one save, something else is wrong. */
const MAX_NEW_ERASURES = 3

/** What the last transaction saw; a later one that sees otherwise is refused, and looks again. */
let known: ErasedState | undefined

/**
 * Stores what messages hold and counts what of it is new, all or nothing. Saving again changes nothing;
 * what is about someone who was forgotten is left out.
 *
 * @param texts as `packMessages` made them, at most 1 MB together unless it is a single one
 * @param asOf what `redactErased` saw when it made them; undefined where they are to be looked through
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
      return await save(db, await leaveOutTombstones(db, texts, state), state)
    } catch (error) {
      known = undefined
      if (!isNewErasure(error) || news === MAX_NEW_ERASURES) throw error
    }
  }
}

/** What is left of messages without what is about someone who was forgotten by now. */
export async function redactErased(
  db: D1Database,
  texts: readonly string[],
): Promise<{ texts: readonly string[]; asOf: ErasedState }> {
  const asOf = await readErasedState(db)
  return { texts: await leaveOutTombstones(db, texts, asOf), asOf }
}

async function save(db: D1Database, texts: readonly string[], asOf: ErasedState): Promise<number> {
  const statements: D1PreparedStatement[] = []
  const withRows = texts.filter((text) => countMessage(text)?.accepted !== 0)
  const withRejected = texts.filter((text) => countMessage(text)?.rejected !== 0)
  const events = withRows.length > 0 ? saveEvents(db, withRows) : undefined
  if (events) statements.push(...events.before, events.save, ...events.after)
  if (withRejected.length > 0) {
    statements.push(
      db.prepare(SAVE_QUARANTINE).bind(join(withRejected)),
      ...reviewLater(db, withRejected, asOf),
    )
  }
  if (statements.length === 0) return 0
  const results = await db.batch([db.prepare(NOBODY_SINCE).bind(asOf.version), ...statements])
  remember(events?.unexpected ?? [])
  const written = results.reduce((sum, { meta }) => sum + meta.rows_written, 0)
  if (!events) return written
  const stored = results[1 + events.before.length]?.meta.changes ?? 0
  if (stored > 0) meter.recordEvent(events.receivedAt, Date.now())
  // Some were there already, from the API perhaps, or came from both at once.
  if (stored === events.arrived.length && !withRows.some(isFromApi)) return written
  const ofWebhook = withRows.filter((text) => !isFromApi(text))
  if (ofWebhook.length === 0) return written
  const rows = ofWebhook.flatMap((text) => openRows(text).rows)
  return written + (await recordConfirmed(db, listEventKeys(rows)))
}

/** The statements that store events and count what is new of them; each only where it has something to do. */
function saveEvents(db: D1Database, texts: readonly string[]) {
  const savedBy = newSavedBy()
  const messages = texts.map(openRows)
  const rows = messages.flatMap((message) => message.rows)
  const stored = new StoredRows()
  const list = messages.map(({ receivedAt, origin, labels, rows: own }) => {
    return { receivedAt, origin, labels, rows: own.map((row) => stored.toStored(row)) }
  })
  const campaigns = JSON.stringify(stored.campaigns)
  const arrived = listEventKeys(rows)
  const keys = JSON.stringify(arrived)
  const names = listSeenIdentifiers(rows)
  const whom = listSuppressedSubjects(rows)
  const unexpected = listUnexpected(rows)
  const mayBeLate = arrived.some(([occurredAt]) => occurredAt < Date.now() - DAY_MS)
  const received = messages.flatMap(({ origin, receivedAt }) =>
    origin === 'api' ? [] : receivedAt,
  )
  return {
    arrived,
    unexpected,
    /** When the last of the webhook's came in: UTC milliseconds. */
    receivedAt: received.length > 0 ? Math.max(...received) : undefined,
    before: [
      ...(mayBeLate ? [db.prepare(RECORD_LATE).bind(keys)] : []),
      db.prepare(INSERT_CAMPAIGNS).bind(campaigns),
    ],
    save: db.prepare(SAVE_ACTIVITIES).bind(JSON.stringify(list), savedBy, campaigns),
    after: [
      db.prepare(ADD_TOTALS).bind(keys, savedBy),
      ...bindGroups(
        db,
        INSERT_SUPPRESSIONS,
        whom.map((each) => JSON.stringify(each)),
        savedBy,
      ),
      ...staleHours(
        db,
        arrived.map(([occurredAt]) => occurredAt),
        Date.now(),
      ),
      ...insertIdentifiers(db, names),
      ...recordUnexpected(db, unexpected, Date.now()),
    ],
  }
}

function join(texts: readonly string[]): string {
  return `[${texts.join(',')}]`
}
