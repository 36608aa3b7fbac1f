import { Buffer } from 'node:buffer'
import {
  createIdentifier,
  digest128,
  type CountDuplicates,
  type Identify,
} from '../event/identity.ts'
import { normalize, type Activity } from '../event/normalize.ts'
import { PARAMETERS } from '../event/parameters.ts'
import { shorten } from '../platform/cut-text.ts'
import { toRow } from '../db/columns.ts'
import {
  encodeQuarantined,
  MAX_MESSAGE_BYTES,
  MAX_QUEUED_BYTES,
  MAX_ROW_BYTES,
  Packer,
  type Envelope,
  type QuarantinedItem,
} from '../event/message.ts'
import { Elements, MAX_ELEMENTS } from './parse-elements.ts'
import { quarantineBody, quarantineElements, type Rejected } from './quarantine-rejected.ts'

/** A body's elements, ready to be made durable, and the counts for the response. */
export type Prepared = {
  messages: string[]
  /** How many elements the body had. */
  received: number
  /** How many of them are known to be events. */
  accepted: number
  /** The quarantined items: the other elements, grouped by reason if there are many, or the whole body. */
  quarantined: Rejected[]
}

/** The body that elements are a part of. */
export type PartOfBody = {
  /** `digest128` of the body. */
  request: string
  /** Index of the first of them, from 0. */
  firstIndex: number
  /** If some between them were removed, the index of each, counted from `firstIndex`. */
  indexes?: readonly number[] | undefined
  /** Whether they are all of it. */
  isWhole: boolean
  countDuplicates: CountDuplicates
}

export const SMALL_BODY_BYTES = 65_536
const MAX_SHOWN_LENGTH = 100
const MAX_WRAPPERS = 3 // nested

const NAMES: ReadonlySet<string> = new Set(PARAMETERS.map(({ name }) => name))

/**
 * Turns a body into messages: every element is in them, as an event or a quarantined item. If the body cannot be read
 * to its end, they hold the elements before that place, and the whole body as one quarantined item.
 *
 * @param zone of times that carry none, an IANA name
 * @param of the body, if the elements are only a part of it
 * @param maxBytes of a message
 */
export function prepare(
  elements: Elements,
  envelope: Envelope,
  zone: string,
  of?: PartOfBody,
  // A small body is one message, even if its rows take more room.
  maxBytes = elements.body.byteLength <= SMALL_BODY_BYTES ? MAX_QUEUED_BYTES : MAX_MESSAGE_BYTES,
): Prepared {
  const packer = new Packer(envelope, maxBytes)
  // Values are not kept, as they take far more memory than a row's text.
  const keep = ({ row }: PreparedEvent) => packer.addRow(row)
  const { accepted, rejected } = checkElements(elements, envelope, zone, keep, of)
  const bodyReason = findBodyReason(elements)
  const quarantined =
    bodyReason === undefined
      ? quarantineElements(elements, rejected, of)
      : [quarantineBody(elements.body, bodyReason)]
  for (const text of quarantined.flatMap((each) => encodeQuarantined(each)))
    packer.addRejected(text)
  return {
    messages: packer.finish(),
    received: elements.count,
    accepted: accepted.length,
    quarantined: quarantined.map(({ elementIndex, reason }) => ({ index: elementIndex, reason })),
  }
}

/** Why a body is quarantined as a whole, even if some elements are accepted; undefined if it is not. */
function findBodyReason({ error, count }: Elements): string | undefined {
  if (error) return error.message.replace(/^T/, 't').replace(/\.$/, '')
  return count > MAX_ELEMENTS ? `the body has more than ${MAX_ELEMENTS} elements` : undefined
}

/** An event of a body: its index there, and its row as JSON text. */
export type PreparedEvent = { index: number; activity: Activity; row: string }

/** The content of a body. */
export type Parts = {
  events: PreparedEvent[]
  /** The invalid elements. */
  rejected: Rejected[]
  /** The same as quarantined items. */
  quarantined: QuarantinedItem[]
  /** Whether the body has more: it cannot be read to its end, or has too many elements. */
  isPartial: boolean
}

/**
 * Splits a body into its events and the rest.
 *
 * @param zone of times that carry none, an IANA name
 * @param identifiedBy how a quarantined element is recognized when it comes again: by its content, or by its index
 *   in this body
 */
export function splitBody(
  body: Uint8Array,
  envelope: Envelope,
  zone: string,
  identifiedBy: 'body' | 'element' = 'body',
): Parts {
  const elements = new Elements(body)
  const { accepted, rejected } = checkElements(elements, envelope, zone, (event) => event)
  return {
    events: accepted,
    rejected,
    quarantined:
      identifiedBy === 'body'
        ? quarantineElements(elements, rejected)
        : rejected.map((each) => quarantineByItself(each, elements)),
    isPartial: findBodyReason(elements) !== undefined,
  }
}

/** @param keep turns an event into the part of it that is kept */
function checkElements<Kept>(
  elements: Elements,
  envelope: Envelope,
  zone: string,
  keep: (event: PreparedEvent) => Kept,
  of?: PartOfBody,
): { accepted: Kept[]; rejected: Rejected[] } {
  const identify = createIdentifier(envelope.origin, of?.countDuplicates)
  const maxRowBytes = MAX_ROW_BYTES - JSON.stringify(envelope).length * 3
  const sorted: { accepted: Kept[]; rejected: Rejected[] } = { accepted: [], rejected: [] }
  if (elements.count > MAX_ELEMENTS) return sorted
  for (let index = 0; index < elements.count; index++) {
    const read = elements.read(index)
    const identifyOne: Identify = (event, occurredAt) => identify(event, occurredAt, index)
    const result = 'value' in read ? toRowText(read.value, identifyOne, zone, maxRowBytes) : read
    if ('row' in result) {
      sorted.accepted.push(keep({ index, ...result }))
      continue
    }
    const isWhole = of?.isWhole ?? true
    const wrapper = 'value' in read && isWhole ? describeWrapper(read.value, elements) : ''
    sorted.rejected.push({ index, reason: wrapper + result.reason })
  }
  return sorted
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
  // At most three bytes per character: only a text that could be too large is measured.
  if (row.length * 3 > maxBytes && Buffer.byteLength(row) > maxBytes) {
    return { reason: `the event is larger than ${MAX_ROW_BYTES} bytes` }
  }
  return { activity: result.activity, row }
}

/** The beginning of a reason, if the body holds the events at a deeper level. */
function describeWrapper(value: unknown, { isSingle, count }: Elements): string {
  if (!isSingle) {
    const isInside = count === 1 && holdsObjects(value)
    return isInside ? 'the body is an array inside an array, not an array of events: ' : ''
  }
  const keys = findEvents(value, MAX_WRAPPERS).map((key) =>
    JSON.stringify(shorten(key, MAX_SHOWN_LENGTH).toWellFormed()),
  )
  if (keys.length === 0) return ''
  return `the body is an object with the key ${keys.join(', in it ')}, not an array of events: `
}

/** The keys that lead to a list of what may be events: of objects or, without a known parameter, of anything. */
function findEvents(value: unknown, levels: number): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || levels === 0) return []
  const members = Object.entries(value)
  const key = members.find(([, member]) => holdsObjects(member))?.[0]
  if (key !== undefined) return [key]
  if (members.some(([name]) => NAMES.has(name))) return []
  for (const [name, member] of members) {
    const inside = findEvents(member, levels - 1)
    if (inside.length > 0) return [name, ...inside]
  }
  const list = members.find(([, member]) => Array.isArray(member))?.[0]
  return list === undefined ? [] : [list]
}

function holdsObjects(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null
}

/** An element as a quarantined item that is the same in any body. */
function quarantineByItself({ index, reason }: Rejected, elements: Elements): QuarantinedItem {
  const { text, isBytes } = elements.sourceOf(index)
  const kind = isBytes ? 'bytes' : 'element'
  return { kind, request: digest128(text), elementIndex: 0, reason, sent: text }
}
