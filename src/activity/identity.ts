import { hash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'

/** 128 bits of the SHA-256 of a text (as UTF-8) or of bytes, base64url: 22 characters. */
export function digest128(content: string | Uint8Array): string {
  return hash('sha256', content, 'buffer').subarray(0, 16).toString('base64url')
}

/** Gives an event of a body its id, see `createIdentifier`. */
export type Identify = (element: object, occurredAt: number) => string

/** See `listIds`. */
export type IdAt = (ordinal: number) => string

/**
 * Gives the events of one request body their ids. The same body always gets the same ids.
 *
 * Yespo sends no event id, and reuses `iid` for all statuses of a delivery, so an event is what makes
 * it: `iid`, `activityStatus`, the time, and the link of a click. Without an `iid` it is everything
 * that was sent. Events of one body that are equal in that (two clicks on one link in one second)
 * are told apart by their order.
 */
export function createIdentifier(): Identify {
  const seen = new Map<string, number>()
  return (element, occurredAt) => {
    const idAt = listIds(element, occurredAt)
    const id = idAt(0)
    const ordinal = seen.get(id) ?? 0
    seen.set(id, ordinal + 1)
    return idAt(ordinal)
  }
}

/** The ids that an event may have, by its ordinal among those of its body that are equal to it, from 0. */
export function listIds(element: object, occurredAt: number): IdAt {
  const text = identifyingText(element, occurredAt)
  return (ordinal) => digest128(ordinal === 0 ? text : `${text}#${ordinal}`)
}

/** Yespo's API adds these to what its webhooks report (earlier ones did with one): they tell no event from another. */
export const EXTRAS_OF_API: readonly string[] = ['externalRequestId', 'statusData']

function identifyingText(event: object, occurredAt: number): string {
  const { iid, activityStatus, clickEventLink = null } = event as Record<string, unknown>
  if (typeof iid === 'string' && iid !== '') {
    return canonicalJson([iid, activityStatus, occurredAt, clickEventLink])
  }
  // Null counts as absent here as everywhere.
  const given = Object.entries(event).filter(
    ([name, value]) => value !== null && !EXTRAS_OF_API.includes(name),
  )
  return canonicalJson(Object.fromEntries(given))
}
