import type { OperateSettings } from '../settings/settings.ts'
import { findNextFile } from '../db/archive/files.ts'
import { findReturned, listContacts } from '../db/events/contact-walk.ts'
import { listNameless } from '../db/erasure/erase-events.ts'
import { listSuppressed } from '../db/erasure/erase-derived.ts'
import { listWholeItems, redactItems } from '../db/erasure/redact-items.ts'
import { eraseAgain, matchErased } from '../db/erasure/erase-again.ts'
import { ErasureKey } from '../db/erasure/tombstones.ts'
import { findErasedIn } from '../archive/find-erased.ts'
import { openKnown } from '../archive/files.ts'
import { markFailed } from '../archive/mark-failed.ts'

/** What is looked through, and how much of it at once. */
export type SearchContext = {
  db: D1Database
  bucket: R2Bucket | undefined
  plan: OperateSettings['plan']
}

/** How much was looked through, of how many erasures someone was found, and where it goes on. */
export type SearchResult = { looked: number; found: number; next: Cursor | null }

type Cursor = readonly (string | number)[]

// A digest takes some 5 microseconds, and the free plan has 10 milliseconds for all.
const AMOUNTS = {
  free: { contacts: 300, rows: 500, pages: 2, characters: 300_000 },
  paid: { contacts: 3_000, rows: 5_000, pages: 20, characters: 4_000_000 },
} as const

/** The contacts that there is an event or a name of. */
export async function searchContacts(
  { db, plan }: SearchContext,
  [after = '-9223372036854775808']: Cursor,
): Promise<SearchResult> {
  const { contacts: limit } = AMOUNTS[plan]
  const contacts = await listContacts(db, String(after), limit)
  const found = await matchErased(db, await ErasureKey.read(db), contacts)
  const given = found.map(
    ({ subject, match }) => [subject.contactId ?? '', match.erasedAt] as const,
  )
  const returned = given.length > 0 ? await findReturned(db, given) : new Set()
  const matches = found.flatMap(({ match }, place) => (returned.has(place) ? [] : match))
  const last = contacts.at(-1)?.contactId
  return {
    looked: contacts.length,
    found: await eraseAgain(db, matches),
    next: last !== undefined && contacts.length === limit ? [last] : null,
  }
}

/** The events that name no contact. */
export async function searchNameless(
  { db, plan }: SearchContext,
  cursor: Cursor,
): Promise<SearchResult> {
  const { rows: limit } = AMOUNTS[plan]
  const [occurredAt, id] = cursor
  const after = id === undefined ? null : { occurredAt: Number(occurredAt), id: String(id) }
  const events = await listNameless(db, after, limit)
  const rows = new Map(events.map(({ row, subject }) => [subject, row]))
  const found = await matchErased(
    db,
    await ErasureKey.read(db),
    events.map(({ subject }) => subject),
  )
  const matches = found.flatMap(({ subject, match }) => {
    const { occurredAt: time = Infinity, receivedAt = Infinity } = rows.get(subject) ?? {}
    return time <= match.erasedAt || receivedAt <= match.erasedAt ? match : []
  })
  const last = events.at(-1)?.row
  return {
    looked: events.length,
    found: await eraseAgain(db, matches),
    next: last && events.length === limit ? [last.occurredAt, last.id] : null,
  }
}

/** Those who are not to be written to any more. Where that was to be kept, it is nothing to erase. */
export async function searchSuppressed(
  { db, plan }: SearchContext,
  [after = 0]: Cursor,
): Promise<SearchResult> {
  const { rows: limit } = AMOUNTS[plan]
  const suppressed = await listSuppressed(db, Number(after), limit)
  const rows = new Map(suppressed.map(({ row, subject }) => [subject, row]))
  const found = await matchErased(
    db,
    await ErasureKey.read(db),
    suppressed.map(({ subject }) => subject),
  )
  const matches = found.flatMap(({ subject, match }) =>
    (rows.get(subject)?.occurredAt ?? Infinity) <= match.erasedAt ? match : [],
  )
  return {
    looked: suppressed.length,
    found: await eraseAgain(db, matches, 'suppressions'),
    next: suppressed.length === limit ? [suppressed.at(-1)?.row.number ?? 0] : null,
  }
}

/** What was set aside: there they are taken out at once. */
export async function searchQuarantine(
  { db, plan }: SearchContext,
  cursor: Cursor,
): Promise<SearchResult> {
  const [request, elementIndex] = cursor
  const after =
    request === undefined ? null : { request: String(request), elementIndex: Number(elementIndex) }
  const { items, isEnd } = await listWholeItems(db, after, AMOUNTS[plan].characters)
  const { changes, last, gone } = await redactItems(db, items)
  if (changes.length > 0) await db.batch(changes)
  const isOver = !last || (isEnd && last === items.at(-1))
  return {
    looked: items.length,
    found: gone,
    next: isOver ? null : [last.request, last.elementIndex],
  }
}

/** The next file of the archive. What is wrong with one is told by the status. */
export async function searchArchive(
  { db, bucket }: SearchContext,
  [day = -8_640_000_000_000_000, file = 0]: Cursor,
): Promise<SearchResult> {
  const next = bucket && (await findNextFile(db, { day: Number(day), file: Number(file) }))
  if (!bucket || !next) return { looked: 0, found: 0, next: null }
  const cursor = [next.day, next.file]
  if (next.state === 'begun' || next.events === 0) return { looked: 0, found: 0, next: cursor }
  try {
    const content = await openKnown(bucket, next)
    const matches = await findErasedIn(db, await ErasureKey.read(db), content)
    return { looked: next.events, found: await eraseAgain(db, matches), next: cursor }
  } catch (error) {
    await markFailed(db, next, error, [])
    return { looked: 0, found: 0, next: cursor }
  }
}
