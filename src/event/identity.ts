import { hash } from 'node:crypto'
import { withoutExtras } from './api-row.ts'
import { writeMeaning } from './meaning.ts'

/** 128 bits of the SHA-256 of a text (as UTF-8) or of bytes, base64url: 22 characters. */
export function digest128(content: string | Uint8Array): string {
  return hash('sha256', content, 'buffer').subarray(0, 16).toString('base64url')
}

/** Gives an event of a body its id, see `createIdentifier`: 128 bits, 32 hexadecimal digits. */
export type Identify = (element: object, occurredAt: number) => string

/**
 * Gives the events of one request body their ids. The same body always gets the same ids.
 *
 * Yespo sends no event id, and reuses `iid` for all statuses of a delivery, so an event is all that it
 * means: see `writeMeaning`. Events of one body that mean the same (two clicks on one link in one second)
 * are as many events, told apart by their number; what else is in the body, and its order, changes no id.
 *
 * @param origin who tells of them: what the API alone adds to its rows tells no event from another
 */
export function createIdentifier(origin: 'webhook' | 'api' = 'webhook'): Identify {
  const seen = new Map<string, number>()
  return (element, occurredAt) => {
    const told = origin === 'api' ? withoutExtras(element) : element
    const meaning = writeMeaning(told, occurredAt)
    const id = toId(meaning)
    const ordinal = seen.get(id) ?? 0
    seen.set(id, ordinal + 1)
    return ordinal === 0 ? id : toId(`${meaning}#${ordinal}`)
  }
}

function toId(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32)
}
