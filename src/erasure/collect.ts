import { PARAMETERS } from '../event/parameters.ts'
import { IDENTIFIERS } from '../event/identifier.ts'
import { cellToJson } from '../db/columns.ts'
import { listSuppressions } from '../db/derived/suppressions.ts'
import { toSuppressed } from '../db/erasure/erase-derived.ts'
import { listNameless } from '../db/erasure/erase-events.ts'
import { listWholeItems } from '../db/erasure/redact-items.ts'
import { redact } from '../db/erasure/redact.ts'
import { toSubject, type DataSubject } from '../db/erasure/subject.ts'
import { listAt } from '../db/events/select-events.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import type { QuarantineKey } from '../db/quarantine/changes.ts'
import { listArchived } from '../history/archived.ts'
import { continueHistory, type History } from '../history/history.ts'
import { listHistory } from '../history/list.ts'
import type { Matcher } from '../history/matcher.ts'
import { formatCursor } from '../http/cursor.ts'
import { formatId } from '../http/item-id.ts'

// One page is in memory at a time.
const PAGE_EVENTS = 500
const PAGE_ROWS = 5_000
const PAGE_CHARACTERS = 4_000_000

/** The data subject whose data is collected. */
export type Collected = {
  /** Decimal digits. */
  contactId: string
  isMatch: (subject: DataSubject) => boolean
}

/** The contact's events as JSON, page by page, newest first. */
export async function* collectEvents(
  history: History,
  { contactId }: Collected,
): AsyncGenerator<string[]> {
  const filter = { parameters: { contactId: [contactId] } }
  let after: EventKey | undefined
  do {
    const page = await listHistory(continueHistory(history), filter, PAGE_EVENTS, after)
    yield page.events.map(eventToJson)
    after = page.next ?? undefined
  } while (after)
}

/** The events with an identifier of the contact and without a contact as JSON, page by page. */
export async function* collectNameless(
  history: History,
  { isMatch }: Collected,
): AsyncGenerator<string[]> {
  const found = new Set<string>()
  for (let last: EventKey | null = null, isEnd = false; !isEnd;) {
    const page: Awaited<ReturnType<typeof listNameless>> = await listNameless(
      history.db,
      last,
      PAGE_ROWS,
    )
    const keys = page.flatMap(({ row, subject }) => (isMatch(subject) ? row : []))
    for (const key of keys) found.add(formatCursor(key))
    for (let start = 0; start < keys.length; start += PAGE_EVENTS) {
      const events = await listAt(history.db, keys.slice(start, start + PAGE_EVENTS))
      yield events.map(eventToJson)
    }
    last = page.at(-1)?.row ?? null
    isEnd = page.length < PAGE_ROWS
  }
  for await (const events of listArchivedNameless(history, isMatch)) {
    // An event that is moved meanwhile is in both places.
    yield events.filter((event) => !found.has(formatCursor(event))).map(eventToJson)
  }
}

async function* listArchivedNameless(
  history: History,
  isMatch: Collected['isMatch'],
): AsyncGenerator<StoredEvent[]> {
  const nameless: Matcher = {
    columns: [...IDENTIFIERS, 'contactId', 'extra'],
    test: (row) =>
      row['contactId'] === null && isMatch(toSubject(null, (name) => row[name], row['extra'])),
  }
  let after: EventKey | undefined
  do {
    const query = { filter: { parameters: {} }, limit: PAGE_EVENTS, after, nameless }
    const page = await listArchived(continueHistory(history), query, null)
    yield page?.events ?? []
    after = page?.next ?? undefined
  } while (after)
}

/** The suppressions of the contact as JSON, page by page. */
export async function* collectSuppressions(
  db: D1Database,
  { isMatch }: Collected,
): AsyncGenerator<string[]> {
  for (let after = 0, isMore = true; isMore;) {
    const page = await listSuppressions(db, {}, after, PAGE_ROWS)
    yield page.suppressions
      .filter((each) => isMatch(toSuppressed(each)))
      .map(({ reason, mediaType, address, addressType, statusDescription, occurredAt, id }) =>
        JSON.stringify({
          reason,
          mediaType,
          address,
          addressType,
          statusDescription,
          occurredAt,
          activityId: formatCursor({ occurredAt, id }),
        }),
      )
    after = page.next
    isMore = page.isMore
  }
}

/** The quarantined items that mention the contact as JSON, page by page. */
export async function* collectQuarantined(
  db: D1Database,
  { isMatch }: Collected,
): AsyncGenerator<string[]> {
  for (let after: QuarantineKey | null = null, isOver = false; !isOver;) {
    const page: Awaited<ReturnType<typeof listWholeItems>> = await listWholeItems(
      db,
      after,
      PAGE_CHARACTERS,
    )
    yield page.items.flatMap((item) => {
      const { kind, reason, receivedAt, origin, sent } = item
      const left = redact(kind, sent, isMatch)
      if (left === sent) return []
      const own = { id: formatId(item), reason, receivedAt, origin }
      return JSON.stringify({ ...own, sent: left === null ? sent : null })
    })
    after = page.items.at(-1) ?? null
    isOver = page.isEnd || !after
  }
}

/** An event with the element as Yespo sent it: a parameter of an undocumented type is in `extra`, as it was sent. */
function eventToJson(event: StoredEvent): string {
  const { receivedAt, occurredAt, origin, labels, extra } = event
  const own = JSON.stringify({ id: formatCursor(event), occurredAt, receivedAt, origin })
  const others = extra === null ? {} : (JSON.parse(extra) as object)
  const sent = PARAMETERS.flatMap(({ name }) => {
    const cell = event[name]
    if (cell === null || Object.hasOwn(others, name)) return []
    return `"${name}":${cellToJson(name, cell)}`
  })
  // As text, since numbers may have more digits than JavaScript's.
  if (Object.keys(others).length > 0) sent.push((extra ?? '').trim().slice(1, -1))
  return `${own.slice(0, -1)},"labels":${labels ?? '{}'},"sent":{${sent}}}`
}
