import { hash } from 'node:crypto'
import { withoutExtras } from './api-row.ts'
import { writeMeaning } from './meaning.ts'

/** 128 bits of the SHA-256 of a text (as UTF-8) or of bytes, base64url: 22 characters. */
export function digest128(content: string | Uint8Array): string {
  return hash('sha256', content, 'buffer').subarray(0, 16).toString('base64url')
}

/** Gives an event of a body its id, see `createIdentifier`: 128 bits, 32 hexadecimal digits. */
export type Identify = (element: object, occurredAt: number, index?: number) => string

/** How many events with the same meaning come before one in its body. @param id of the first of them */
export type CountDuplicates = (id: string, index: number) => number

/**
 * Gives the events of one request body their ids. The same body always gets the same ids.
 *
 * Yespo sends no event id, and uses `iid` for all statuses of a delivery, so an event is identified by its whole
 * meaning: see `writeMeaning`. Events of one body with the same meaning (two clicks on one link in one second)
 * are separate events, distinguished by their ordinal; the rest of the body, and its order, changes no id.
 *
 * @param origin the extras of the API's rows do not distinguish events
 * @param countDuplicates for elements that are a part of their body
 */
export function createIdentifier(
  origin: 'webhook' | 'api' = 'webhook',
  countDuplicates = countSeen(),
): Identify {
  return (element, occurredAt, index = 0) => {
    const content = origin === 'api' ? withoutExtras(element) : element
    const meaning = writeMeaning(content, occurredAt)
    const id = toId(meaning)
    const ordinal = countDuplicates(id, index)
    return ordinal === 0 ? id : toId(`${meaning}#${ordinal}`)
  }
}

/** Counts ids as they come. */
export function countSeen(): CountDuplicates {
  const seen = new Map<string, number>()
  return (id) => {
    const count = seen.get(id) ?? 0
    seen.set(id, count + 1)
    return count
  }
}

function toId(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}
