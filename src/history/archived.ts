import { listReadable, MAX_READABLE, type Contacts, type Period } from '../db/archive/readable.ts'
import { findCampaignSpans, isAboutCampaigns, type Span } from '../db/events/campaign-hours.ts'
import type { Filter } from '../db/events/filter.ts'
import { findContactIds } from '../db/events/identifiers.ts'
import { lookupOf, MAX_SCANS } from '../db/events/scan-plan.ts'
import { MAX_TIME, type EventKey, type StoredEvent } from '../db/stored-event.ts'
import type { History } from './history.ts'
import { hasId, matcherOf, type Matcher } from './matcher.ts'
import { endOf, lastBefore, newerOf, type Part } from './merge.ts'
import { readMatches } from './read-matches.ts'
import { scanFiles, type Scanned } from './scan.ts'

/** The rows of `totals` that are read to find the hours of campaigns. */
const MAX_TOTALS = 1_000

/**
 * The query of a page; `after` is the `next` of the previous one, `id` that of the only event to find. With `nameless`,
 * only events without a contact are found, of those that it matches.
 */
export type ArchiveQuery = {
  filter: Filter
  limit: number
  after: EventKey | undefined
  id?: string
  nameless?: Matcher
}

/**
 * A page of archived events.
 *
 * @param end only events up to and including this one matter; null if all do
 * @returns undefined if no file can have any
 * @throws what D1 throws, and HttpError 503 `archive_unavailable` if a file cannot be read
 */
export async function listArchived(
  history: History,
  query: ArchiveQuery,
  end: EventKey | null,
): Promise<Part | undefined> {
  const scanned = await findArchived(history, query, end, [])
  return scanned && readMatches(scanned, history.work)
}

/** Whether the archive may have events of a filter that are older than another one. */
export async function hasArchived(
  { db, bucket }: History,
  filter: Filter,
  after: EventKey,
): Promise<boolean> {
  if (!bucket) return false
  const period = toPeriod(filter, after, null)
  return (await listReadable(db, period, await contactsOf(db, filter))).length > 0
}

/** The same as `listArchived`, with only some columns. */
export async function findArchived(
  { db, bucket, work }: History,
  { filter, limit, after, id, nameless }: ArchiveQuery,
  end: EventKey | null,
  columns: readonly (keyof StoredEvent)[],
): Promise<Scanned | undefined> {
  const period = toPeriod(filter, after, end)
  if (!bucket || period.first > period.last) return undefined
  const contacts = nameless ? { ids: [], nameless: true } : await contactsOf(db, filter)
  const files = await listReadable(db, period, contacts)
  if (files.length === 0) return undefined
  const { spans, reached } = await findSpans(db, filter, after, limit, period, contacts)
  const floor = files.length < MAX_READABLE ? -Infinity : (files.at(-1)?.lastAt ?? -Infinity)
  const matcher = nameless ?? (id === undefined ? matcherOf(filter) : hasId(id))
  const query = { spans, contacts, after, matcher, columns, limit }
  const scanned = await scanFiles(bucket, files, floor, query, work)
  return { ...scanned, next: newerOf(scanned.next, reached) }
}

function toPeriod(
  { since = -MAX_TIME, until = MAX_TIME }: Filter,
  after: EventKey | undefined,
  end: EventKey | null,
): Period {
  return {
    first: Math.max(since, end?.occurredAt ?? -MAX_TIME),
    last: Math.min(until - 1, after ? lastBefore(after) : MAX_TIME),
  }
}

/** The contacts whose events a filter matches; undefined if they are not known. */
async function contactsOf(db: D1Database, filter: Filter): Promise<Contacts | undefined> {
  const { contactId } = filter.parameters
  if (contactId) return { ids: contactId, nameless: false }
  const name = lookupOf(filter)
  if (!name) return undefined
  const ids = await findContactIds(db, name, filter.parameters[name] ?? [], MAX_SCANS)
  return ids.length <= MAX_SCANS ? { ids, nameless: true } : undefined
}

/** The parts of a period that may have events of a filter, complete from `reached` on; null if all of them are. */
async function findSpans(
  db: D1Database,
  filter: Filter,
  after: EventKey | undefined,
  limit: number,
  { first, last }: Period,
  contacts: Contacts | undefined,
): Promise<{ spans: readonly Span[]; reached: EventKey | null }> {
  if (!contacts && isAboutCampaigns(filter)) {
    const within = { ...filter, since: first }
    const found = await findCampaignSpans(db, within, after, limit + 1, MAX_TOTALS)
    if (found) {
      return { spans: found.spans, reached: found.reached === null ? null : endOf(found.reached) }
    }
  }
  return { spans: [{ since: first, until: last + 1 }], reached: null }
}
