import { compareNewestFirst, type EventKey, type StoredEvent } from '../db/stored-event.ts'
import { countCharacters } from '../parquet/encode.ts'
import { readAhead, readEvents } from './groups.ts'
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
  const files = [...Map.groupBy(matches, ({ group }) => group.key).values()] // by their newest match
  const events: StoredEvent[] = []
  let characters = 0
  let read = 0
  while (read < files.length && !(read > 0 && (characters > MAX_CHARACTERS || work.isSpent))) {
    const batch = files.slice(read, read + work.parallel)
    const found = await Promise.all(batch.map((some) => readFile(some, work)))
    for (const event of found.flat()) {
      events.push(event)
      characters += countCharacters(event)
    }
    read += batch.length
  }
  const unread = files[read]?.[0]
  const complete = unread ? events.filter((event) => compareNewestFirst(event, unread) < 0) : events
  return fit(complete.sort(compareNewestFirst), unread !== undefined, next)
}

/** The events of matches in one file. */
async function readFile(matches: readonly Match[], work: Work): Promise<StoredEvent[]> {
  const rows = [...Map.groupBy(matches, ({ group }) => group)]
  const groups = rows.map(([group]) => group)
  const key = groups[0]?.key ?? ''
  const ahead = await orUnavailable(key, readAhead(groups, undefined))
  const events: StoredEvent[] = []
  for (const [index, group] of ahead.entries()) {
    const found = (rows[index]?.[1] ?? []).map(({ row }) => row)
    work.addEvents(group.rows, found.length)
    events.push(...(await orUnavailable(key, readEvents(group, found))))
  }
  return events
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
