import type { EventKey } from '../db/stored-event.ts'

const POSITION = /^(-?\d{1,16})\.([\da-f]{32})$/

/**
 * The ID of an event in the API, `1694680203000.6b5f3c0e9d2a4f718c0b1e2d3a4f5b6c`: the whole key of the table, so
 * that it is found without an index. It is also a cursor, since a page continues after an event.
 */
export function formatCursor({ occurredAt, id }: EventKey): string {
  return `${occurredAt}.${id}`
}

/** Undefined if the text is no ID. */
export function parseCursor(text: string): EventKey | undefined {
  const [, occurredAt, id] = POSITION.exec(text) ?? []
  return id === undefined ? undefined : { occurredAt: Number(occurredAt), id }
}
