import type { Archive } from '../archive/commit-changes.ts'
import type { OperateSettings } from '../settings/settings.ts'
import { findNextFile } from '../db/archive/files.ts'
import { listContacts } from '../db/events/contact-walk.ts'
import { listNameless } from '../db/erasure/erase-events.ts'
import { listSuppressed } from '../db/erasure/erase-derived.ts'
import { findNextChannel, listEngaged } from '../db/erasure/erase-engagement.ts'
import { FIRST_PAGE } from '../db/engagement/fold.ts'
import { countUnredacted, listWholeItems, redactItems } from '../db/erasure/redact-items.ts'
import { countLeft, eraseAgain, matchErased, type Match } from '../db/erasure/erase-again.ts'
import type { History } from '../history/history.ts'
import type { DataSubject } from '../db/erasure/subject.ts'
import { ErasureKey } from '../db/erasure/tombstones.ts'
import { formatLookup, leaveOutReturned, parseLookup } from './returned.ts'

export type SearchContext = {
  db: D1Database
  archive: Archive | undefined
  history: History
  plan: OperateSettings['plan']
  /** Whether to erase those who are found, or only to count them. */
  mode: 'erase' | 'check'
}

/** The number of rows scanned and of erasures with a match, and where to continue. */
export type SearchResult = { scanned: number; found: number; next: Cursor | null }

type Cursor = readonly (string | number)[]

/**
 * The number of rows to scan in a step. A digest takes some 5 microseconds, and the free plan allows 10 milliseconds in
 * total.
 */
const LIMITS = {
  free: { contacts: 300, rows: 500, characters: 300_000 },
  paid: { contacts: 3_000, rows: 5_000, characters: 4_000_000 },
} as const

/** Erases those who were found again, or counts them. */
function handle(
  { db, mode }: Pick<SearchContext, 'db' | 'mode'>,
  matches: readonly Match[],
  where?: 'suppressions',
): Promise<number> {
  return mode === 'erase' ? eraseAgain(db, matches, where) : countLeft(db, matches, where)
}

/**
 * Searches the contacts that have an event or an identifier.
 *
 * @param cursor the contact to search after, and a search of the archive that goes on
 */
export async function searchContacts(
  { mode, db, history, plan }: SearchContext,
  [after = '-9223372036854775808', continued = '']: Cursor,
): Promise<SearchResult> {
  const { contacts: limit } = LIMITS[plan]
  const listed = await listContacts(db, String(after), limit)
  const before = parseLookup(String(continued))
  const end = listed.findLastIndex(({ contactId }) => before?.contactIds.includes(contactId)) + 1
  const contacts = end > 0 ? listed.slice(0, end) : listed
  const found = await matchErased(db, await ErasureKey.read(db), contacts)
  const { matches, rest, lookup } = await leaveOutReturned(
    history,
    found,
    end > 0 ? before : undefined,
  )
  const scanned =
    rest === undefined ? contacts.length : contacts.findIndex((each) => each.contactId === rest)
  const last = contacts[scanned - 1]?.contactId ?? after
  const isEnd = scanned === listed.length && listed.length < limit
  return {
    scanned,
    found: await handle({ mode, db }, matches),
    next: isEnd ? null : lookup ? [last, formatLookup(lookup)] : [last],
  }
}

/** Searches the events without a contact. */
export async function searchNameless(
  context: SearchContext,
  [occurredAt, id]: Cursor,
): Promise<SearchResult> {
  const { db, plan } = context
  const { rows: limit } = LIMITS[plan]
  const after = id === undefined ? null : { occurredAt: Number(occurredAt), id: String(id) }
  const events = await listNameless(db, after, limit)
  const matches = await matchRows(
    db,
    events,
    (row, erasedAt) => row.occurredAt <= erasedAt || row.receivedAt <= erasedAt,
  )
  const last = events.at(-1)?.row
  return {
    scanned: events.length,
    found: await handle(context, matches),
    next: last && events.length === limit ? [last.occurredAt, last.id] : null,
  }
}

/** Searches the suppressions, except for erasures that keep them. */
export async function searchSuppressed(
  context: SearchContext,
  [after = 0]: Cursor,
): Promise<SearchResult> {
  const { db, plan } = context
  const { rows: limit } = LIMITS[plan]
  const suppressed = await listSuppressed(db, Number(after), limit)
  const matches = await matchRows(db, suppressed, (row, erasedAt) => row.occurredAt <= erasedAt)
  return {
    scanned: suppressed.length,
    found: await handle(context, matches, 'suppressions'),
    next: suppressed.length === limit ? [suppressed.at(-1)?.row.number ?? 0] : null,
  }
}

/** Searches the contacts in `engagement`, channel by channel: some may have no event or identifier left. */
export async function searchEngaged(
  context: SearchContext,
  [channel = '', after = FIRST_PAGE]: Cursor,
): Promise<SearchResult> {
  const { db, plan } = context
  const { contacts: limit } = LIMITS[plan]
  const mediaType = String(channel)
  const contacts = await listEngaged(db, mediaType, String(after), limit)
  const matches = await matchRows(db, contacts, (row, erasedAt) => row.until <= erasedAt)
  const last = contacts.at(-1)?.row.contactId
  const found = await handle(context, matches)
  if (last !== undefined && contacts.length === limit) {
    return { scanned: limit, found, next: [mediaType, last] }
  }
  const nextChannel = await findNextChannel(db, mediaType)
  return { scanned: contacts.length, found, next: nextChannel === null ? null : [nextChannel] }
}

/** The erasures of the subjects of rows that are older than the erasure. */
async function matchRows<Row>(
  db: D1Database,
  rows: readonly { row: Row; subject: DataSubject }[],
  isBefore: (row: Row, erasedAt: number) => boolean,
): Promise<Match[]> {
  const subjects = new Map(rows.map(({ row, subject }) => [subject, row]))
  const found = await matchErased(db, await ErasureKey.read(db), [...subjects.keys()])
  return found.flatMap(({ subject, match }) => {
    const row = subjects.get(subject)
    return row !== undefined && isBefore(row, match.erasedAt) ? match : []
  })
}

/** Searches the quarantine, and erases subjects there immediately if they are to be erased. */
export async function searchQuarantine(
  context: SearchContext,
  [request, elementIndex]: Cursor,
): Promise<SearchResult> {
  const { db, plan, mode } = context
  const after =
    request === undefined ? null : { request: String(request), elementIndex: Number(elementIndex) }
  const { items, isEnd } = await listWholeItems(db, after, LIMITS[plan].characters)
  if (mode === 'check') {
    const end = items.at(-1)
    return {
      scanned: items.length,
      found: await countUnredacted(db, items),
      next: isEnd || !end ? null : [end.request, end.elementIndex],
    }
  }
  const { changes, last, gone } = await redactItems(db, items)
  if (changes.length > 0) await db.batch(changes)
  const isOver = !last || (isEnd && last === items.at(-1))
  return {
    scanned: items.length,
    found: gone,
    next: isOver ? null : [last.request, last.elementIndex],
  }
}

/** Searches the next file of the archive. If it cannot be read, the status says so, or a check fails. */
export async function searchArchive(
  context: SearchContext,
  [file = 0]: Cursor,
): Promise<SearchResult> {
  const { db, archive, mode } = context
  if (!archive) return { scanned: 0, found: 0, next: null }
  if (file === 0 && mode === 'erase') {
    const { compareWithTable } = await import('../archive/commit-changes.ts')
    await compareWithTable(archive)
  }
  const next = await findNextFile(db, Number(file))
  if (!next) return { scanned: 0, found: 0, next: null }
  const cursor = [next.file]
  if (next.state === 'begun' || next.events === 0) return { scanned: 0, found: 0, next: cursor }
  const { openKnown } = await import('../parquet/open.ts')
  const { markFailed } = await import('../archive/files.ts')
  const { findErasedIn } = await import('../archive/find-erased.ts')
  try {
    const content = await openKnown(archive.bucket, next)
    const matches = await findErasedIn(db, await ErasureKey.read(db), content)
    return { scanned: next.events, found: await handle(context, matches), next: cursor }
  } catch (error) {
    if (mode === 'check') throw error
    await markFailed(db, next, error, [])
    return { scanned: 0, found: 0, next: cursor }
  }
}
