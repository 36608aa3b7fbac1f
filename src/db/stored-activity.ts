import type { ParameterName } from '../event/parameters.ts'

/** A stored activity, as its columns hold it; integers beyond 2^53 as text. */
export type StoredActivity = Position & {
  receivedAt: number
  origin: string
  labels: string | null
  extra: string | null
} & { readonly [Name in ParameterName]: string | number | null }

/** The place of an activity in the order of time: the table's key; `id` as hexadecimal digits. */
export type Position = { occurredAt: number; id: string }
