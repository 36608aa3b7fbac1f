import { Buffer } from 'node:buffer'
import {
  createIdentifier,
  digest128,
  listIds,
  type IdAt,
  type Identify,
} from '../activity/identity.ts'
import { normalize, type Activity } from '../activity/normalize.ts'
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
 * @param known by what an element that is set aside is known again: with `body` it is once for each different
 *   one, at its place there
 * @throws Refusal 400 where the body is not JSON, or neither an array nor an object
 */
export function prepare(
  body: Uint8Array,
  arrival: Arrival,
  zone: string,
  known: 'body' | 'element' = 'body',
): Prepared {
  const elements = parseElements(body)
  const { accepted, rejected } = sortOut(elements, arrival, zone, createIdentifier())
  const rows = accepted.map(({ row }) => row)
  const described = describeRejected(rejected, elements, body)
  const setAside = (known === 'body' ? described : described.map(knowByItself)).flatMap(
    encodeSetAside,
  )
  // A small body is one message, even where its rows take more room than it did.
  const maxBytes = body.byteLength <= SMALL_BODY_BYTES ? MAX_QUEUED_BYTES : MAX_MESSAGE_BYTES
  return {
    messages: packMessages(arrival, rows, setAside, maxBytes),
    received: elements.count,
    accepted: rows.length,
    quarantined: rejected,
  }
}

/** An event of a body whose id is still to be chosen: that of its activity is the one at 0. */
export type Undecided = { index: number; activity: Activity; idAt: IdAt }

/**
 * Takes a body apart as `prepare` does, without deciding which ordinal an event has among its equals.
 *
 * @returns beside its events the pieces of text that the others travel in, see `encodeSetAside`
 * @throws as `prepare` does
 */
export function prepareUndecided(
  body: Uint8Array,
  arrival: Arrival,
  zone: string,
): { events: Undecided[]; quarantined: Rejected[]; setAside: string[] } {
  const ids = new Map<string, IdAt>()
  const identify: Identify = (element, occurredAt) => {
    const idAt = listIds(element, occurredAt)
    ids.set(idAt(0), idAt)
    return idAt(0)
  }
  const elements = parseElements(body)
  const { accepted, rejected } = sortOut(elements, arrival, zone, identify)
  return {
    events: accepted.flatMap(({ index, activity }) => {
      const idAt = ids.get(activity.id)
      return idAt ? { index, activity, idAt } : []
    }),
    quarantined: rejected,
    setAside: describeRejected(rejected, elements, body).flatMap(encodeSetAside),
  }
}

type Sorted = {
  accepted: { index: number; activity: Activity; row: string }[]
  rejected: Rejected[]
}

function sortOut({ values }: Elements, arrival: Arrival, zone: string, identify: Identify): Sorted {
  const maxRowBytes = MAX_ROW_BYTES - JSON.stringify(arrival).length * 3
  const sorted: Sorted = { accepted: [], rejected: [] }
  for (const [index, value] of values.entries()) {
    const result = toRowText(value, identify, zone, maxRowBytes)
    if ('row' in result) sorted.accepted.push({ index, ...result })
    else sorted.rejected.push({ index, reason: result.reason })
  }
  return sorted
}

function toRowText(
  value: unknown,
  identify: Identify,
  zone: string,
  maxBytes: number,
): { activity: Activity; row: string } | { reason: string } {
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
