import { keyOfFile } from '../db/archive/files.ts'
import type { ReadableFile } from '../db/archive/readable.ts'
import { compareNewestFirst, type EventKey, type StoredEvent } from '../db/stored-event.ts'
import type { Cell } from '../parquet/chunk.ts'
import { mayHave, openGroups, readAhead, readCells, type Group, type Sought } from './groups.ts'
import { endOf, lastBefore } from './merge.ts'
import type { Matcher } from './matcher.ts'
import { orUnavailable } from './unavailable.ts'
import { tooLarge, type Work } from './work.ts'

type Column = keyof StoredEvent

/** Of a row that is not sought, in terms of the time that it takes. */
const CELLS_A_ROW = 1

/** What a scan looks for. */
export type ScanQuery = Sought & {
  /** Only older events are found. */
  after: EventKey | undefined
  matcher: Matcher
  /** The columns to return, in addition to the key and those of the matcher; none if all of them are read later. */
  columns: readonly Column[]
  limit: number
}

/** A match: some of its columns, and where the others are. */
export type Match = Found & { group: Group }

/** The same within a group. */
type Found = EventKey & { cells: Readonly<Record<string, Cell>>; row: number }

/** Matches, newest first: all of them up to and including `next`; null if these are all. */
export type Scanned = { matches: Match[]; next: EventKey | null }

/**
 * Scans files for the newest events that match, in order of their newest events, until no other file can have a newer
 * one. If the work is too much for one call, it ends earlier; but never before it has read everything of some moment.
 *
 * @param files in any order
 * @param floor there may be other files with events up to this time; -Infinity if there are none
 * @throws what R2 throws, Error if a file cannot be read, and HttpError if it is far too much work
 */
export async function scanFiles(
  bucket: R2Bucket,
  files: readonly ReadableFile[],
  floor: number,
  query: ScanQuery,
  work: Work,
): Promise<Scanned> {
  const queue = files
    .map((file) => ({ file, last: lastIn(file, query) }))
    .filter(({ last }) => last !== -Infinity)
    .sort((a, b) => b.last - a.last)
  const top = queue[0]?.last ?? Infinity
  if (floor >= top) throw tooLarge()
  const newest = new Newest(query.limit)
  for (let read = 0; ; read += work.parallel) {
    const barrier = Math.max(floor, queue[read]?.last ?? -Infinity)
    const isEnough = newest.isFullBefore(barrier) || (barrier < top && work.isSpent)
    if (isEnough || read >= queue.length) return newest.upTo(barrier)
    const batch = queue.slice(read, read + work.parallel)
    const found = await Promise.all(batch.map(({ file }) => scanFile(bucket, file, query, work)))
    for (const matches of found) for (const match of matches) newest.add(match)
  }
}

/** The last moment of the spans at which a file may have an event: UTC milliseconds, or -Infinity. */
function lastIn({ firstAt, lastAt }: ReadableFile, { spans, after }: ScanQuery): number {
  const newest = after ? Math.min(lastAt, lastBefore(after)) : lastAt
  const ends = spans.flatMap(({ since, until }) => {
    const last = Math.min(newest, until - 1)
    return last >= Math.max(firstAt, since) ? last : []
  })
  return Math.max(-Infinity, ...ends)
}

async function scanFile(
  bucket: R2Bucket,
  file: ReadableFile,
  query: ScanQuery,
  work: Work,
): Promise<Match[]> {
  return orUnavailable(keyOfFile(file), findMatches(bucket, file, query, work))
}

async function findMatches(
  bucket: R2Bucket,
  file: ReadableFile,
  query: ScanQuery,
  work: Work,
): Promise<Match[]> {
  const all = await openGroups(bucket, file, work)
  const names: Column[] = ['occurredAt', 'id', ...query.matcher.columns, ...query.columns]
  const chosen = all.filter((group) => mayHave(group, query))
  // Of a contact whose events are read later, nearly all is wanted. Else it is little: the rest is not kept in memory.
  const isAll = query.contacts !== undefined && query.columns.length === 0
  const groups = await readAhead(chosen, isAll ? undefined : names)
  const kept = isAll ? groups : chosen
  const newest = new Newest(query.limit + 1) // one more shows that there are others
  for (const [index, group] of groups.entries()) {
    const matches = await scanGroup(group, names, query, work)
    for (const match of matches) newest.add({ ...match, group: kept[index] ?? group })
  }
  return newest.upTo(-Infinity).matches
}

async function scanGroup(
  group: Group,
  names: readonly Column[],
  query: ScanQuery,
  work: Work,
): Promise<Found[]> {
  const rows = await findRows(group, query)
  work.addCells(group.rows * CELLS_A_ROW + rows.length * names.length)
  if (rows.length === 0) return []
  const columns = await readCells(group, names, rows)
  const { after, matcher } = query
  return rows.flatMap((row, index): Found[] => {
    const cells: Record<string, Cell> = {}
    for (const [name, column] of columns) cells[name] = column[index] ?? null
    const key = { occurredAt: Number(cells['occurredAt']), id: String(cells['id']) }
    if (after && compareNewestFirst(key, after) <= 0) return []
    return matcher.test(cells) ? [{ ...key, cells, row }] : []
  })
}

/** The rows of a group in the spans, and of the contacts. */
async function findRows(group: Group, { spans, contacts }: ScanQuery): Promise<number[]> {
  const columns = await readCells(group, contacts ? ['occurredAt', 'contactId'] : ['occurredAt'])
  const ids = new Set<string | null>(contacts?.ids.map((id) => String(BigInt(id))))
  if (contacts?.nameless) ids.add(null)
  const contactIds = columns.get('contactId') ?? []
  const rows: number[] = []
  for (const [row, time] of (columns.get('occurredAt') ?? []).entries()) {
    const contactId = contactIds[row] ?? null
    const isSought = !contacts || ids.has(contactId === null ? null : String(contactId))
    const occurredAt = Number(time)
    const isInTime = spans.some(({ since, until }) => occurredAt >= since && occurredAt < until)
    if (isSought && isInTime) rows.push(row)
  }
  return rows
}

/** The newest of some matches. */
class Newest {
  readonly #limit: number
  #matches: Match[] = []
  /** An older match is not one of them: UTC milliseconds. */
  #first = -Infinity

  constructor(limit: number) {
    this.#limit = limit
  }

  add(match: Match): void {
    if (match.occurredAt < this.#first) return
    this.#matches.push(match)
    if (this.#matches.length > 2 * this.#limit + 1_000) this.#sort()
  }

  /** Whether there are enough matches that are newer than a time. */
  isFullBefore(time: number): boolean {
    this.#sort()
    const last = this.#matches[this.#limit - 1]
    return last !== undefined && last.occurredAt > time
  }

  /** All matches that are newer than a time, as many as were looked for. */
  upTo(time: number): Scanned {
    this.#sort()
    const complete = this.#matches.filter(({ occurredAt }) => occurredAt > time)
    const matches = complete.slice(0, this.#limit)
    const last = matches.at(-1)
    const next = time === -Infinity ? null : endOf(time + 1)
    if (!last || complete.length <= this.#limit) return { matches, next }
    return { matches, next: { occurredAt: last.occurredAt, id: last.id } }
  }

  /** Sorts them, and keeps one more than were looked for, which shows that there are more. */
  #sort(): void {
    this.#matches.sort(compareNewestFirst)
    this.#matches.length = Math.min(this.#matches.length, this.#limit + 1)
    if (this.#matches.length > this.#limit)
      this.#first = this.#matches.at(-1)?.occurredAt ?? -Infinity
  }
}
