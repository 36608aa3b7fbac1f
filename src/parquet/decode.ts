import type { AsyncBuffer } from 'hyparquet'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { IDENTIFIERS } from '../event/identifier.ts'
import { mentionsSubject } from '../db/erasure/subject-members.ts'
import { readGroups } from './row-groups.ts'

const KEY = ['occurredAt', 'id'] as const
const SUBJECT = ['contactId', ...IDENTIFIERS, 'extra'] as const

/** The columns that identify an event's subject; `extra` is null if it identifies no one. */
export type SubjectColumns = Pick<StoredEvent, (typeof SUBJECT)[number]>

/**
 * The keys of all events of a file, in its order.
 *
 * @throws Error if the file cannot be read, or is not one of the archive
 */
export async function readKeys(file: AsyncBuffer): Promise<EventKey[]> {
  return collect(readGroups(file, KEY))
}

/**
 * The subject of each event of a file, in its order.
 *
 * @throws Error if the file cannot be read, or is not one of the archive
 */
export async function readSubjects(file: AsyncBuffer): Promise<SubjectColumns[]> {
  return collect(withoutIdleExtras(readGroups(file, SUBJECT)))
}

/**
 * The subject and times of each event of a file, in its order.
 *
 * @throws Error if the file cannot be read, or is not one of the archive
 */
export async function readDatedSubjects(
  file: AsyncBuffer,
): Promise<(SubjectColumns & { occurredAt: number; receivedAt: number })[]> {
  const columns = [...SUBJECT, 'occurredAt', 'receivedAt'] as const
  return collect(withoutIdleExtras(readGroups(file, columns)))
}

/**
 * All events of a file, each as it was encoded: a file of an older release has null in newer columns.
 *
 * @throws Error if the file cannot be read, is not one of the archive, or has columns of a newer release, which
 * rewriting the file would lose
 */
export async function readRows(file: AsyncBuffer): Promise<StoredEvent[]> {
  return collect(readGroups(file))
}

/** Drops every `extra` that identifies no one: they may be long, and those of all groups are in memory together. */
async function* withoutIdleExtras<Row extends { extra: string | null }>(
  groups: AsyncIterable<Row[]>,
): AsyncGenerator<Row[]> {
  for await (const group of groups) {
    for (const row of group) if (row.extra !== null && !mentionsSubject(row.extra)) row.extra = null
    yield group
  }
}

async function collect<Item>(groups: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const group of groups) for (const item of group) items.push(item)
  return items
}
