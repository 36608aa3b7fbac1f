import { Buffer } from 'node:buffer'
import { createIdentifier, digest128, type Identify } from '../activity/identity.ts'
import { normalize, showName, type Activity } from '../activity/normalize.ts'
import { toRow } from '../store/columns.ts'
import {
  encodeSetAside,
  MAX_MESSAGE_BYTES,
  MAX_QUEUED_BYTES,
  MAX_ROW_BYTES,
  packMessages,
  type Arrival,
  type SetAside,
} from '../store/message.ts'
import { MAX_ELEMENTS, NOT_UTF8, parseElements, TOO_MANY, type Elements } from './elements.ts'

/** A body's elements, ready to be made durable; beside them what the sender is told. */
export type Prepared = {
  messages: string[]
  /** How many elements the body had. */
  received: number
  /** How many of them are activities. */
  accepted: number
  /** The others, which are set aside. */
  quarantined: Rejected[]
}

/** An event of a body: its place there, and the JSON text of its row. */
export type PreparedEvent = { index: number; activity: Activity; row: string }

/** What a body holds. */
export type Parts = {
  /** How many elements the body had. */
  received: number
  events: PreparedEvent[]
  /** The others, which are set aside. */
  quarantined: Rejected[]
  /** The same as the pieces of text that they travel in, see `encodeSetAside`. */
  setAside: string[]
}

type Rejected = { index: number; reason: string }

const SMALL_BODY_BYTES = 65_536

/**
 * Turns a body into messages: every element is in them, be it as an activity or set aside.
 *
 * @param zone of times that carry none, an IANA name
 * @throws Refusal 400 if the body is not JSON, or neither an array nor an object
 */
export function prepare(body: Uint8Array, arrival: Arrival, zone: string): Prepared {
  const { received, events, quarantined, setAside } = splitBody(body, arrival, zone)
  const rows = events.map(({ row }) => row)
  // A small body is one message, even where its rows take more room than it did.
  const maxBytes = body.byteLength <= SMALL_BODY_BYTES ? MAX_QUEUED_BYTES : MAX_MESSAGE_BYTES
  const messages = packMessages(arrival, rows, setAside, maxBytes)
  return { messages, received, accepted: rows.length, quarantined }
}

/**
 * Takes a body apart into its events and all else.
 *
 * @param zone of times that carry none, an IANA name
 * @param known by what an element that is set aside is known again: with `body` it is once for each different
 *   one, at its place there
 * @throws as `prepare` does
 */
export function splitBody(
  body: Uint8Array,
  arrival: Arrival,
  zone: string,
  known: 'body' | 'element' = 'body',
): Parts {
  const elements = parseElements(body)
  const identify = createIdentifier()
  const maxRowBytes = MAX_ROW_BYTES - JSON.stringify(arrival).length * 3
  const events: PreparedEvent[] = []
  const quarantined: Rejected[] = []
  for (const [index, value] of elements.values.entries()) {
    const reason = findObstacle(elements, index)
    const result = reason ? { reason } : toRowText(value, identify, zone, maxRowBytes)
    if ('row' in result) events.push({ index, ...result })
    else quarantined.push({ index, reason: result.reason })
  }
  const described = describeRejected(quarantined, elements, body)
  const setAside = known === 'body' ? described : described.map(knowByItself)
  return {
    received: elements.count,
    events,
    quarantined,
    setAside: setAside.flatMap(encodeSetAside),
  }
}

/** Why an element cannot be read, or not whole. */
function findObstacle({ values, findDropped }: Elements, index: number): string | undefined {
  const value = values[index]
  if (value === NOT_UTF8) return 'the event has bytes that are not UTF-8'
  if (value === TOO_MANY) {
    return `this and all that follow are beyond ${MAX_ELEMENTS} events in one request`
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const dropped = findDropped(index)
  if (!dropped) return undefined
  const name = showName(dropped.name)
  return dropped.isInside ? `a key inside ${name} is given twice` : `${name} is given twice`
}

function toRowText(
  value: unknown,
  identify: Identify,
  zone: string,
  maxBytes: number,
): { activity: Activity; row: string } | { reason: string } {
  const result = normalize(value, identify, zone)
  if ('reason' in result) return result
  const row = JSON.stringify(toRow(result.activity))
  // Three bytes a character at the most: only what could be too large is measured.
  if (row.length * 3 > maxBytes && Buffer.byteLength(row) > maxBytes) {
    return { reason: `the event is larger than ${MAX_ROW_BYTES} bytes` }
  }
  return { activity: result.activity, row }
}

function describeRejected(
  rejected: readonly Rejected[],
  elements: Elements,
  body: Uint8Array,
): SetAside[] {
  if (rejected.length === 0) return []
  const request = digest128(body)
  return rejected.map(({ index, reason }) => ({
    kind: kindOf(elements, index),
    request,
    elementIndex: index,
    reason,
    sent: elements.sourceOf(index),
  }))
}

/** An element that is the same wherever it comes. */
function knowByItself(setAside: SetAside): SetAside {
  return { ...setAside, request: digest128(setAside.sent), elementIndex: 0 }
}

function kindOf({ values, isBytes }: Elements, index: number): SetAside['kind'] {
  if (values[index] === TOO_MANY) return isBytes(index) ? 'restBytes' : 'rest'
  return values[index] === NOT_UTF8 ? 'bytes' : 'element'
}
