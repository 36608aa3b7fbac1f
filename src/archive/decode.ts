import type { AsyncBuffer } from 'hyparquet'
import type { EventKey, StoredActivity } from '../db/stored-activity.ts'
import { IDENTIFIERS } from '../event/identifier.ts'
import { mentionsSubject } from '../db/erasure/subject-members.ts'
import { readGroups } from './row-groups.ts'

const KEY = ['occurredAt', 'id'] as const
const WHOSE = ['contactId', ...IDENTIFIERS, 'extra'] as const

/** Whose an activity is: what is not known of it is null, and so is an `extra` that tells of nobody. */
export type Whose = Pick<StoredActivity, (typeof WHOSE)[number]>

/**
 * The keys of all activities of a file, in its order.
 *
 * @throws Error where the file cannot be read, or is none of ours
 */
export async function readKeys(file: AsyncBuffer): Promise<EventKey[]> {
  return collect(readGroups(file, KEY))
}

/**
 * Whose each activity of a file is, in its order.
 *
 * @throws Error where the file cannot be read, or is none of ours
 */
export async function readNames(file: AsyncBuffer): Promise<Whose[]> {
  return collect(withoutIdleExtras(readGroups(file, WHOSE)))
}

/**
 * Whose each activity of a file is, when it happened and when it came in, in the file's order.
 *
 * @throws Error where the file cannot be read, or is none of ours
 */
export async function readAnswered(
  file: AsyncBuffer,
): Promise<(Whose & { occurredAt: number; receivedAt: number })[]> {
  const names = [...WHOSE, 'occurredAt', 'receivedAt'] as const
  return collect(withoutIdleExtras(readGroups(file, names)))
}

/**
 * All activities of a file, each as it was encoded: a file of an older release has null in columns
 * that it did not know yet.
 *
 * @throws Error where the file cannot be read, is none of ours, or has columns that only a newer
 *   release knows, which would be lost where the file is written again
 */
export async function readRows(file: AsyncBuffer): Promise<StoredActivity[]> {
  return collect(readGroups(file))
}

/** They may be long, and those of all groups are in memory at once. */
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
