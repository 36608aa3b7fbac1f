import { DAY_MS } from '../../event/clock.ts'
import { countMessage } from '../../event/message.ts'
import { quote } from '../columns.ts'
import { recordConfirmed } from '../derived/confirmed.ts'
import { staleHours } from '../derived/hours.ts'
import { NEW_EVENTS } from '../derived/scope.ts'
import { insertIdentifiers } from '../derived/seen-identifiers.ts'
import { insertSuppressions } from '../derived/suppressions.ts'
import { addTotals } from '../derived/totals.ts'
import { markStale } from '../rollups/hours.ts'
import { reviewLater } from '../erasure/review-later.ts'
import {
  isNewErasure,
  readErasedState,
  REQUIRE_VERSION,
  type ErasureState,
} from '../erasure/tombstones.ts'
import { meter } from '../monitor/usage.ts'
import { recordLate } from '../sync/zone-history.ts'
import { bindList, sumRowsWritten } from '../statements.ts'
import { encodeKeys } from '../stored-event.ts'
import { RECORD_LATE } from './late-arrivals.ts'
import { listEventKeys, listSeenIdentifiers, listSuppressedSubjects } from './new-events.ts'
import { openRows } from './open-message.ts'
import { redactMessages } from './redact-messages.ts'
import { INSERT_CAMPAIGNS, INSERT_COLUMNS, makeWriteId, StoredRows } from './stored-row.ts'
import { listUnexpected, recordUnexpected, remember } from './unexpected.ts'

/** The fields that all rows of a message share. */
const MESSAGE_FIELDS = ['receivedAt', 'origin', 'labels']

const QUARANTINE_FIELDS = ['request', 'elementIndex', 'part', 'kind', 'reason', 'sent']

// Any number of rows in one bound parameter, which SQLite takes apart: ?1 messages, ?2 the write id, ?3 the keys of the
// rows' campaigns. A row that is already stored stays unchanged and costs nothing. INSERT OR IGNORE would hide broken
// rows. Materialized, since SQLite would otherwise copy the whole message for every field of every row.
const SAVE_ACTIVITIES = `
  WITH message AS MATERIALIZED (${selectMessage('rows')}),
  known AS MATERIALIZED (
    SELECT input.key AS "index", campaigns.campaign
    FROM json_each(?3) AS input CROSS JOIN campaigns ON campaigns.key = input.value
  )
  INSERT INTO activity (${MESSAGE_FIELDS.join(', ')}, writeId, ${INSERT_COLUMNS.names})
  SELECT ${MESSAGE_FIELDS.join(', ')}, CAST(?2 AS INTEGER),
    ${INSERT_COLUMNS.values('row', (index) => `(SELECT campaign FROM known WHERE known."index" = ${index})`)}
  FROM message, jsonb_each(message.list) AS row
  WHERE true
  ON CONFLICT (occurredAt, id) DO NOTHING`

const SAVE_QUARANTINE = `
  WITH message AS MATERIALIZED (${selectMessage('quarantine')})
  INSERT INTO quarantine (${[...MESSAGE_FIELDS, ...QUARANTINE_FIELDS].map(quote).join(', ')})
  SELECT ${[...MESSAGE_FIELDS, ...QUARANTINE_FIELDS.map((_, index) => `row.value ->> ${index}`)].join(', ')}
  FROM message, jsonb_each(message.list) AS row
  WHERE true
  ON CONFLICT (request, elementIndex, part) DO NOTHING`

function selectMessage(list: string): string {
  const shared = MESSAGE_FIELDS.map((field) => `value ->> '$.${field}' AS ${field}`)
  return `SELECT ${shared.join(', ')}, jsonb_extract(value, '$.${list}') AS list FROM jsonb_each(?1)`
}

const ADD_TOTALS = addTotals(NEW_EVENTS)
const INSERT_SUPPRESSIONS = insertSuppressions(NEW_EVENTS)

/** If more erasures begin during one save, something else is wrong. */
const MAX_NEW_ERASURES = 3

/** The state with which the last transaction was prepared. One with an older state is rejected, and prepared again. */
let known: ErasureState | undefined

/**
 * Stores messages, and updates the derived tables with their new events, in one transaction. It is safe to repeat, and
 * leaves out data of erased subjects.
 *
 * @param texts from `packMessages`, at most 1 MB together unless it is a single one
 * @param asOf the state for which `redactErased` redacted them; undefined if that is still to be done
 * @returns rows written, indexes included
 * @throws what D1 throws; if an erasure began after `asOf`, an error that counts as transient
 */
export async function saveMessages(
  db: D1Database,
  texts: readonly string[],
  asOf?: ErasureState,
): Promise<number> {
  if (asOf) return save(db, texts, asOf)
  for (let erasures = 0; ; erasures++) {
    const state = (known ??= await readErasedState(db))
    try {
      return await save(db, await redactMessages(db, texts, state), state)
    } catch (error) {
      known = undefined
      if (!isNewErasure(error) || erasures === MAX_NEW_ERASURES) throw error
    }
  }
}

/** Messages without data of subjects that have been erased by now. */
export async function redactErased(
  db: D1Database,
  texts: readonly string[],
): Promise<{ texts: readonly string[]; asOf: ErasureState }> {
  const asOf = await readErasedState(db)
  return { texts: await redactMessages(db, texts, asOf), asOf }
}

async function save(db: D1Database, texts: readonly string[], asOf: ErasureState): Promise<number> {
  const statements: D1PreparedStatement[] = []
  const withRows = texts.filter((text) => countMessage(text)?.accepted !== 0)
  const withRejected = texts.filter((text) => countMessage(text)?.rejected !== 0)
  const now = Date.now()
  const events =
    withRows.length > 0 ? prepareEvents(db, withRows, now, makeWriteId(now)) : undefined
  if (events) statements.push(...events.before, events.save, ...events.after)
  if (withRejected.length > 0) {
    statements.push(
      db.prepare(SAVE_QUARANTINE).bind(`[${withRejected.join(',')}]`),
      ...reviewLater(db, withRejected, asOf),
    )
  }
  if (statements.length === 0) return 0
  const results = await db.batch([db.prepare(REQUIRE_VERSION).bind(asOf.version), ...statements])
  const rowsWritten = sumRowsWritten(results)
  if (!events) return rowsWritten
  remember(events.unexpected)
  const stored = results[1 + events.before.length]?.meta.changes ?? 0
  if (stored > 0) meter.recordEvent(events.receivedAt, Date.now())
  // Some were stored before, perhaps from the API, or came from both at the same time.
  const mayConfirm = stored !== events.keys.length || events.fromWebhook.length < withRows.length
  if (!mayConfirm || events.fromWebhook.length === 0) return rowsWritten
  const confirmed = listEventKeys(events.fromWebhook.flatMap(({ rows }) => rows))
  return rowsWritten + (await recordConfirmed(db, confirmed))
}

/** The statements that store events and update the derived tables, only those with something to do. */
export function prepareEvents(
  db: D1Database,
  texts: readonly string[],
  now: number,
  writeId: string,
) {
  const messages = texts.map(openRows)
  const rows = messages.flatMap((message) => message.rows)
  const stored = new StoredRows()
  const list = messages.map(({ receivedAt, origin, labels, rows: own }) => {
    return { receivedAt, origin, labels, rows: own.map((row) => stored.toStored(row)) }
  })
  const campaigns = JSON.stringify(stored.campaigns)
  const keys = listEventKeys(rows)
  const encodedKeys = encodeKeys(keys)
  const times = keys.map(({ occurredAt }) => occurredAt)
  const unexpected = listUnexpected(rows)
  const mayBeLate = times.some((time) => time < now - DAY_MS)
  const fromWebhook = messages.filter(({ origin }) => origin !== 'api')
  const received = fromWebhook.map(({ receivedAt, rows: own }) => {
    return { receivedAt, earliest: Math.min(...own.map(([occurredAt]) => occurredAt)) }
  })
  return {
    keys,
    unexpected,
    fromWebhook,
    /** When the webhook's last event came in: UTC milliseconds. */
    receivedAt:
      received.length > 0 ? Math.max(...received.map(({ receivedAt }) => receivedAt)) : undefined,
    before: [
      ...(mayBeLate ? [db.prepare(RECORD_LATE).bind(encodedKeys)] : []),
      ...recordLate(db, received),
      db.prepare(INSERT_CAMPAIGNS).bind(campaigns),
    ],
    save: db.prepare(SAVE_ACTIVITIES).bind(JSON.stringify(list), writeId, campaigns),
    after: [
      db.prepare(ADD_TOTALS).bind(encodedKeys, writeId),
      ...bindList(db, INSERT_SUPPRESSIONS, listSuppressedSubjects(rows), writeId),
      ...staleHours(db, times, now),
      ...markStale(db, times, now),
      ...insertIdentifiers(db, listSeenIdentifiers(rows)),
      ...recordUnexpected(db, unexpected, now),
    ],
  }
}
