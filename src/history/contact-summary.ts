import {
  chooseBlocks,
  countContactEvents,
  listBlocks,
  listContactKeys,
  MAX_CONTACT_EVENTS,
  MAX_SCANNED_BLOCKS,
  toBlock,
  type Block,
  type StatusCount,
} from '../db/events/contact-events.ts'
import { isSuppressing } from '../db/derived/suppressed-subject.ts'
import { keyText } from '../db/stored-event.ts'
import { findArchived } from './archived.ts'
import type { History } from './history.ts'
import { readMatches } from './read-matches.ts'
import type { Match, Scanned } from './scan.ts'

/** What a contact's events add up to. */
export type ContactSummary = {
  /** The most frequent status first. */
  counts: StatusCount[]
  /** Newest first. */
  blocks: Block[]
  /** Whether all events are included. */
  complete: boolean
  /** If not, those from this time on are, in UTC milliseconds; null if it is any `MAX_CONTACT_EVENTS`. */
  since: number | null
}

/**
 * Counts a contact's events, and finds its blocks.
 *
 * @param contactId decimal digits
 * @throws what D1 throws, and HttpError if the archive cannot be read
 */
export async function summarizeContact(
  history: History,
  contactId: string,
): Promise<ContactSummary> {
  const { db } = history
  const [counts, blocks] = await Promise.all([
    countContactEvents(db, contactId),
    listBlocks(db, contactId),
  ])
  const events = counts.reduce((sum, each) => sum + each.events, 0)
  const stored = { counts, blocks, complete: events < MAX_CONTACT_EVENTS, since: null }
  if (!stored.complete) return stored
  const archived = await findArchived(
    history,
    {
      filter: { parameters: { contactId: [contactId] } },
      limit: MAX_CONTACT_EVENTS,
      after: undefined,
    },
    null,
    ['activityStatus', 'hardBounce'],
  )
  return archived ? addArchived(history, contactId, stored, archived) : stored
}

async function addArchived(
  history: History,
  contactId: string,
  stored: ContactSummary,
  { matches, next }: Scanned,
): Promise<ContactSummary> {
  const isCounted = new Set((await listOverlap(history, contactId, matches)).map(keyText))
  const counts = new Map(stored.counts.map((each) => [each.activityStatus, each.events]))
  for (const match of matches) {
    const status = String(match.cells['activityStatus'])
    if (!isCounted.has(keyText(match))) counts.set(status, (counts.get(status) ?? 0) + 1)
  }
  const blocking = matches.filter(({ cells }) => isSuppressing((name) => cells[name]))
  const chosen = blocking.slice(0, MAX_SCANNED_BLOCKS)
  const found = await readMatches({ matches: chosen, next }, history.work)
  return {
    counts: [...counts]
      .map(([activityStatus, events]) => ({ activityStatus, events }))
      .sort((a, b) => b.events - a.events || (a.activityStatus < b.activityStatus ? -1 : 1)),
    blocks: chooseBlocks([...stored.blocks, ...found.events.map(toBlock)]),
    complete: found.next === null,
    since: found.next?.occurredAt ?? null,
  }
}

/** The keys of stored events that the archive may have, too. */
async function listOverlap({ db }: History, contactId: string, matches: readonly Match[]) {
  const [newest] = matches
  return newest ? listContactKeys(db, contactId, newest.occurredAt) : []
}
