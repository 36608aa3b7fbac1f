import { Buffer } from 'node:buffer'
import { createIdentifier, digest128, type Identify } from '../activity/identity.ts'
import { normalize } from '../activity/normalize.ts'
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

type Rejected = { index: number; reason: string }

const SMALL_BODY_BYTES = 65_536

/**
 * Turns a body into messages: every element is in them, be it as an activity or set aside.
 *
 * @param zone of times that carry none, an IANA name
 * @throws Refusal 400 where the body is not JSON, or neither an array nor an object
 */
export function prepare(body: Uint8Array, arrival: Arrival, zone: string): Prepared {
  const elements = parseElements(body)
  const maxRowBytes = MAX_ROW_BYTES - JSON.stringify(arrival).length * 3
  const { rows, rejected } = sortOut(elements, zone, maxRowBytes)
  const setAside = describeRejected(rejected, elements, body).flatMap(encodeSetAside)
  // A small body is one message, even where its rows take more room than it did.
  const maxBytes = body.byteLength <= SMALL_BODY_BYTES ? MAX_QUEUED_BYTES : MAX_MESSAGE_BYTES
  return {
    messages: packMessages(arrival, rows, setAside, maxBytes),
    received: elements.count,
    accepted: rows.length,
    quarantined: rejected,
  }
}

function sortOut(
  { values }: Elements,
  zone: string,
  maxRowBytes: number,
): { rows: string[]; rejected: Rejected[] } {
  const identify = createIdentifier()
  const rows: string[] = []
  const rejected: Rejected[] = []
  for (const [index, value] of values.entries()) {
    const result = toRowText(value, identify, zone, maxRowBytes)
    if ('row' in result) rows.push(result.row)
    else rejected.push({ index, reason: result.reason })
  }
  return { rows, rejected }
}

function toRowText(
  value: unknown,
  identify: Identify,
  zone: string,
  maxBytes: number,
): { row: string } | { reason: string } {
  if (value === NOT_UTF8) return { reason: 'the event has bytes that are not UTF-8' }
  if (value === TOO_MANY) {
    return { reason: `this and all that follow are beyond ${MAX_ELEMENTS} events in one request` }
  }
  const result = normalize(value, identify, zone)
  if ('reason' in result) return result
  const row = JSON.stringify(toRow(result.activity))
  // Three bytes a character at the most: only what could be too large is measured.
  if (row.length * 3 > maxBytes && Buffer.byteLength(row) > maxBytes) {
    return { reason: `the event is larger than ${MAX_ROW_BYTES} bytes` }
  }
  return { row }
}

function describeRejected(
  rejected: readonly Rejected[],
  { values, sourceOf }: Elements,
  body: Uint8Array,
): SetAside[] {
  if (rejected.length === 0) return []
  const request = digest128(body)
  return rejected.map(({ index, reason }) => ({
    kind: kindOf(values[index]),
    request,
    elementIndex: index,
    reason,
    sent: sourceOf(index),
  }))
}

function kindOf(value: unknown): SetAside['kind'] {
  if (value === NOT_UTF8) return 'bytes'
  return value === TOO_MANY ? 'rest' : 'element'
}
