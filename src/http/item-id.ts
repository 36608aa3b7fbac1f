import type { QuarantineKey } from '../db/quarantine/changes.ts'
import type { QuarantineCursor } from '../db/quarantine/list.ts'

const ID = /^([\w-]{1,64})\.(\d{1,9})$/
const CURSOR = /^(\d{1,15})\.([\w-]{1,64})\.(\d{1,9})$/

/** The ID of a quarantined item in the API: `2jmj7l5rSw0yVb_vlWAYkA.3`, its request and its index in that. */
export function formatId({ request, elementIndex }: QuarantineKey): string {
  return `${request}.${elementIndex}`
}

/** Parses an ID; undefined if the text is not one. */
export function parseId(text: string): QuarantineKey | undefined {
  const [, request, elementIndex] = ID.exec(text) ?? []
  return request === undefined ? undefined : { request, elementIndex: Number(elementIndex) }
}

/** The `cursor` at which a page or a step begins. */
export function formatItemCursor({ receivedAt, request, elementIndex }: QuarantineCursor): string {
  return `${receivedAt}.${request}.${elementIndex}`
}

/** Parses the `cursor` of a page or a step; undefined if the text is not one. */
export function parseItemCursor(text: string): QuarantineCursor | undefined {
  const [, receivedAt, request, elementIndex] = CURSOR.exec(text) ?? []
  if (request === undefined) return undefined
  return { receivedAt: Number(receivedAt), request, elementIndex: Number(elementIndex) }
}
