import type { ParameterName } from '../event/parameters.ts'

/** The last moment of a JavaScript date; the first is its negative. UTC milliseconds. */
export const MAX_TIME = 8_640_000_000_000_000

/** The key of an event, in order of time; `id` as hexadecimal digits. */
export type EventKey = { occurredAt: number; id: string }

/** A stored event, as its columns have it; integers beyond 2^53 as text. */
export type StoredEvent = EventKey & {
  receivedAt: number
  origin: string
  labels: string | null
  extra: string | null
} & { readonly [Name in ParameterName]: string | number | null }

/** An event key as text, for sets and maps. */
export function keyText({ occurredAt, id }: EventKey): string {
  return `${occurredAt}.${id}`
}

/** Event keys as a JSON list of pairs, which statements read with `value ->> 0` and `unhex(value ->> 1)`. */
export function encodeKeys(keys: readonly EventKey[]): string {
  return JSON.stringify(keys.map(({ occurredAt, id }) => [occurredAt, id]))
}

/** Whether an event happened and came in after an erasure, which therefore leaves it. @param erasedAt UTC milliseconds */
export function isAfterErasure(
  { occurredAt, receivedAt }: Pick<StoredEvent, 'occurredAt' | 'receivedAt'>,
  erasedAt: number,
): boolean {
  return occurredAt > erasedAt && receivedAt > erasedAt
}

/** Newest first. */
export function compareNewestFirst(a: EventKey, b: EventKey): number {
  if (a.occurredAt !== b.occurredAt) return b.occurredAt - a.occurredAt
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}
