import { Buffer, isUtf8 } from 'node:buffer'
import type { Envelope } from './message.ts'

/** A part of a body that is too large to be parsed in one invocation. */
export type BodyPart = {
  /** `digest128` of the body. */
  body: string
  /** Its number, from 0. */
  part: number
  /** How many the body has. */
  parts: number
  /** Index of its first byte in the body. */
  start: number
  /** How `content` stands for its bytes: as UTF-8, or with a character for each byte. */
  encoding: 'utf8' | 'latin1'
  content: string
  /** Zone of times that carry none, an IANA name. */
  zone: string
} & Envelope

// With its header below the 128 KB of a message.
const PART_BYTES = 120_000

const ASSEMBLE = /^\{"v":1,"assemble":"([\w-]+)"\}$/
const NEWLINE = 0x0a

/**
 * The queue messages that carry a body: a line of JSON, and bytes of the body. As bytes, since decoding a body takes the
 * edge as long as reading it.
 *
 * @param digest of the body
 */
export function encodeParts(
  body: Uint8Array,
  digest: string,
  envelope: Envelope,
  zone: string,
): Uint8Array[] {
  const encoding = isUtf8(body) ? 'utf8' : 'latin1'
  const starts = [0]
  for (let end = PART_BYTES; end < body.length; end += PART_BYTES) {
    while (encoding === 'utf8' && isInsideCharacter(body[end])) end--
    starts.push(end)
  }
  return starts.map((start, part) => {
    const header = { v: 1, body: digest, part, parts: starts.length, start, encoding, zone }
    const line = `${JSON.stringify({ ...header, ...envelope })}\n`
    return Buffer.concat([Buffer.from(line), body.subarray(start, starts[part + 1])])
  })
}

function isInsideCharacter(byte = 0): boolean {
  return (byte & 0b1100_0000) === 0b1000_0000
}

/** A part of a body from its message. */
export function decodePart(message: Uint8Array): BodyPart {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength)
  const end = bytes.indexOf(NEWLINE)
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as Omit<BodyPart, 'content'>
  return { ...header, content: bytes.toString(header.encoding, end + 1) }
}

/** The message that has the consumer go on with a body whose parts are stored. */
export function encodeAssembly(body: string): string {
  return `{"v":1,"assemble":"${body}"}`
}

/** The digest of the body to go on with; undefined for another message. */
export function decodeAssembly(text: string): string | undefined {
  return ASSEMBLE.exec(text)?.[1]
}

/** The bytes of a part's message; undefined for another message. No other kind is sent as bytes. */
export function asPart(message: unknown): Uint8Array | undefined {
  if (message instanceof ArrayBuffer) return new Uint8Array(message)
  return message instanceof Uint8Array ? message : undefined
}

/** Whether the body of a queue's message is about a large body: a part of it, or the request to go on with it. */
export function isAboutBody(body: unknown): boolean {
  return asPart(body) !== undefined || (typeof body === 'string' && ASSEMBLE.test(body))
}
