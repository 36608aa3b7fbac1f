import type { AsyncBuffer } from 'hyparquet'
import type { Position, StoredActivity } from '../../store/list.ts'
import { NAMES } from '../../store/names.ts'
import { readGroups } from './groups.ts'

const KEY = ['occurredAt', 'id'] as const
const WHOSE = ['contactId', ...NAMES] as const

/** Whose an activity is: what is not known of it is null. */
export type Whose = Pick<StoredActivity, (typeof WHOSE)[number]>

/**
 * The keys of all activities of a file, in its order.
 *
 * @throws Error where the file cannot be read, or is none of ours
 */
export async function readKeys(file: AsyncBuffer): Promise<Position[]> {
  return collect(readGroups(file, KEY))
}

/**
 * Whose each activity of a file is, in its order.
 *
 * @throws Error where the file cannot be read, or is none of ours
 */
export async function readNames(file: AsyncBuffer): Promise<Whose[]> {
  return collect(readGroups(file, WHOSE))
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

async function collect<Item>(groups: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const group of groups) for (const item of group) items.push(item)
  return items
}
