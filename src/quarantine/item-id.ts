import * as z from 'zod'
import type { QuarantineKey } from '../db/quarantine/changes.ts'
import type { QuarantineCursor } from '../db/quarantine/list.ts'

const ID = /^([\w-]{1,64})\.(\d{1,9})$/
const POSITION = /^(\d{1,15})\.([\w-]{1,64})\.(\d{1,9})$/

/** What was set aside, by its id in the API: `2jmj7l5rSw0yVb_vlWAYkA.3`, its request and its place there. */
export function formatId({ request, elementIndex }: QuarantineKey): string {
  return `${request}.${elementIndex}`
}

/** Undefined where the text is no id. */
export function parseId(text: string): QuarantineKey | undefined {
  const [, request, elementIndex] = ID.exec(text) ?? []
  return request === undefined ? undefined : { request, elementIndex: Number(elementIndex) }
}

/** Where a page or a step begins, as a `cursor`. */
export function formatItemCursor({ receivedAt, request, elementIndex }: QuarantineCursor): string {
  return `${receivedAt}.${request}.${elementIndex}`
}

/** A place as `formatItemCursor` writes it. @param origin of what it comes: goes on after "has to be" */
export function cursorAfter(origin: string) {
  return z.string().transform((given, context): QuarantineCursor => {
    const [, receivedAt, request, elementIndex] = POSITION.exec(given) ?? []
    if (request === undefined) {
      context.addIssue(`has to be ${origin}`)
      return z.NEVER
    }
    return { receivedAt: Number(receivedAt), request, elementIndex: Number(elementIndex) }
  })
}
