import { compareNewestFirst, type EventKey, type StoredEvent } from '../db/stored-event.ts'
import { countCharacters } from '../parquet/encode.ts'
import { readEvents, type Group } from './groups.ts'
import type { Part } from './merge.ts'
import type { Match, Scanned } from './scan.ts'
import { orUnavailable } from './unavailable.ts'
import type { Work } from './work.ts'

/** The maximum characters of the events of a page, unless it is a single event. */
const MAX_CHARACTERS = 4_000_000

/**
 * The events of matches. If they are long, or far apart, there are fewer, and `next` continues after them.
 *
 * @throws what R2 throws, and Error if a file cannot be read
 */
export async function readMatches({ matches, next }: Scanned, work: Work): Promise<Part> {
  const groups = [...Map.groupBy(matches, ({ group }) => group)] // by their newest match
  const events: StoredEvent[] = []
  let characters = 0
  let read = 0
  while (read < groups.length && !(read > 0 && (characters > MAX_CHARACTERS || work.isSpent))) {
    const batch = groups.slice(read, read + work.parallel)
    const found = await Promise.all(batch.map(([group, some]) => readGroup(group, some, work)))
    for (const event of found.flat()) {
      events.push(event)
      characters += countCharacters(event)
    }
    read += batch.length
  }
  const unread = groups[read]?.[1][0]
  const complete = unread ? events.filter((event) => compareNewestFirst(event, unread) < 0) : events
  return fit(complete.sort(compareNewestFirst), unread !== undefined, next)
}

/** The events of a group, all of which are matches. */
async function readGroup(
  group: Group,
  matches: readonly Match[],
  work: Work,
): Promise<StoredEvent[]> {
  work.addEvents(group.rows, matches.length)
  const rows = matches.map(({ row }) => row)
  return orUnavailable(group.key, readEvents(group, rows))
}

/** @param isCut whether others were not read */
function fit(events: StoredEvent[], isCut: boolean, next: EventKey | null): Part {
  let characters = 0
  const end = events.findIndex((event, index) => {
    characters += countCharacters(event)
    return index > 0 && characters > MAX_CHARACTERS
  })
  const fitting = end < 0 ? events : events.slice(0, end)
  const last = isCut || end >= 0 ? fitting.at(-1) : undefined
  return { events: fitting, next: last ? { occurredAt: last.occurredAt, id: last.id } : next }
}
