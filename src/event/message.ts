import { Buffer } from 'node:buffer'

/** How and when a request came: the same for everything in it. */
export type Envelope = {
  /** UTC milliseconds, by our clock. */
  receivedAt: number
  /** What confirmed it. */
  origin: 'webhook' | 'api'
  /** JSON text of the labels; null without any. */
  labels: string | null
}

/** Something that could not become an event. */
export type QuarantinedItem = {
  /**
   * What it was: an element of a body, one that is not UTF-8, a body (all of it, or an array of many of its
   * elements), one that is not UTF-8, or a whole message of the queue.
   */
  kind: 'element' | 'bytes' | 'body' | 'bodyBytes' | 'message'
  /** `digest128` of the body, or the message, that it was in. */
  request: string
  /** Its index in that body, from 0. */
  elementIndex: number
  reason: string
  /** The text that was sent; for `bytes` and `bodyBytes` a character for each byte (ISO 8859-1). */
  sent: string
}

/** The size that a queue bills as one operation, less what it adds to a message itself. */
export const MAX_MESSAGE_BYTES = 64_000 - 200

/** The largest message of a queue, 128 KB, less what it adds itself. */
export const MAX_QUEUED_BYTES = 128_000 - 200

/** The database takes 2 MB in a value and in a row; the text of a row is never shorter than the row. */
export const MAX_ROW_BYTES = 1_900_000

// In UTF-16 units: even in three-byte characters, a part and its wrapping fit into a queue's message.
const MAX_PART_LENGTH = 30_000

// Every message begins with its version and then a key that identifies its kind: see `isSlice`.
const HEADER = /^\{"v":1,"accepted":(\d+),"rejected":(\d+),/
const RECEIVED_AT = /^\{[^{}[\]]*?"receivedAt":(\d+)/
const FROM_API = /^\{[^{}[\]]*?"origin":"api"/

/**
 * The JSON texts in which a quarantined item travels: a row of `quarantine` each. A long item is split into
 * parts, since a body may hold far more than a message or a row can.
 *
 * @param firstPart number of the first part, if a body that does not fit into memory comes piece by piece
 */
export function encodeQuarantined(
  { kind, request, elementIndex, reason, sent }: QuarantinedItem,
  firstPart = 0,
): string[] {
  return splitText(sent).map((text, index) =>
    JSON.stringify([request, elementIndex, firstPart + index, kind, reason, text]),
  )
}

/** Whether a part is known to be a whole quarantined item. */
export function isCompletePart(part: number, sent: string): boolean {
  return part === 0 && sent.length < MAX_PART_LENGTH - 1
}

/** Splits a text into pieces that each fit into a row and a message, never inside a character. */
export function splitText(text: string): string[] {
  const parts: string[] = []
  let start = 0
  do {
    let end = Math.min(start + MAX_PART_LENGTH, text.length)
    if (end < text.length && !text.slice(start, end).isWellFormed()) end-- // not between surrogates
    parts.push(text.slice(start, end))
    start = end
  } while (start < text.length)
  return parts
}

/**
 * Packs rows into as few messages as possible, in order; an oversized row gets a message of its own. SQLite
 * unpacks them, never JavaScript. A row is held only until its message is full.
 */
export class Packer {
  readonly #envelope: string
  readonly #room: number
  readonly #messages: string[] = []
  #rows: string[] = []
  #rejected: string[] = []
  #left = 0

  /** @param maxBytes of a message */
  constructor(envelope: Envelope, maxBytes = MAX_MESSAGE_BYTES) {
    this.#envelope = JSON.stringify(envelope).slice(1, -1)
    this.#room = maxBytes - Buffer.byteLength(this.#envelope) - 100 // the keys, brackets and counts
  }

  /** @param text JSON text of a row of `activity` */
  addRow(text: string): void {
    this.#makeRoom(text)
    this.#rows.push(text)
  }

  /** @param text JSON text of a row of `quarantine` */
  addRejected(text: string): void {
    this.#makeRoom(text)
    this.#rejected.push(text)
  }

  /** The text of each message. */
  finish(): string[] {
    this.#close()
    return this.#messages
  }

  #makeRoom(text: string): void {
    const size = Buffer.byteLength(text) + 1
    if (size > this.#left) {
      this.#close()
      this.#left = this.#room
    }
    this.#left -= size
  }

  #close(): void {
    const [accepted, rejected] = [this.#rows, this.#rejected]
    if (accepted.length + rejected.length === 0) return
    this.#messages.push(
      `{"v":1,"accepted":${accepted.length},"rejected":${rejected.length},${this.#envelope},"rows":[${accepted}],"quarantine":[${rejected}]}`,
    )
    this.#rows = []
    this.#rejected = []
  }
}

/** Packs rows that are there all at once: see `Packer`. */
export function packMessages(
  envelope: Envelope,
  rows: readonly string[],
  rejected: readonly string[],
  maxBytes?: number,
): string[] {
  const packer = new Packer(envelope, maxBytes)
  for (const text of rows) packer.addRow(text)
  for (const text of rejected) packer.addRejected(text)
  return packer.finish()
}

/** How many rows a message holds; undefined for a message of another format. */
export function countMessage(text: string): { accepted: number; rejected: number } | undefined {
  const match = HEADER.exec(text)
  return match ? { accepted: Number(match[1]), rejected: Number(match[2]) } : undefined
}

/** When the content of a message was received: UTC milliseconds; 0 if it does not say. */
export function readReceivedAt(text: string): number {
  return Number(RECEIVED_AT.exec(text)?.[1] ?? 0)
}

/** Whether the content of a message came from Yespo's API, and not from the webhook. */
export function isFromApi(text: string): boolean {
  return FROM_API.test(text)
}

/** Whether a text or bytes fit into a message of the queue. */
export function fitsQueue(content: string | Uint8Array): boolean {
  // At most three bytes per character: only a text that could be too large is measured.
  return content.length * 3 <= MAX_QUEUED_BYTES || Buffer.byteLength(content) <= MAX_QUEUED_BYTES
}
