import type { EventKey } from '../db/stored-activity.ts'

const POSITION = /^(-?\d{1,16})\.([\da-f]{32})$/

/**
 * An activity's id in the API, `1694680203000.6b5f3c0e9d2a4f718c0b1e2d3a4f5b6c`: the table's whole key, so that
 * it can be looked up without an index. It is a cursor too, since a page goes on after an activity.
 */
export function formatCursor({ occurredAt, id }: EventKey): string {
  return `${occurredAt}.${id}`
}

/** Undefined where the text is no id. */
export function parseCursor(text: string): EventKey | undefined {
  const [, occurredAt, id] = POSITION.exec(text) ?? []
  return id === undefined ? undefined : { occurredAt: Number(occurredAt), id }
}
