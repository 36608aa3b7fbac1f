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

// A message has 128 KB, and a byte in ISO 8859-1 may take two in UTF-8.
const PART_BYTES = { utf8: 120_000, latin1: 60_000 } as const

const HEADER = /^\{"v":1,"body":"[\w-]+","part":/
const ASSEMBLE = /^\{"v":1,"assemble":"([\w-]+)"\}$/

/** The texts of the queue messages that carry a body. @param digest of it */
export function encodeParts(
  body: Uint8Array,
  digest: string,
  envelope: Envelope,
  zone: string,
): string[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1'
  const starts = [0]
  for (let end = PART_BYTES[encoding]; end < bytes.length; end += PART_BYTES[encoding]) {
    while (encoding === 'utf8' && isInsideCharacter(bytes[end])) end--
    starts.push(end)
  }
  return starts.map((start, part) => {
    const header = { v: 1, body: digest, part, parts: starts.length, start, encoding, zone }
    const content = bytes.toString(encoding, start, starts[part + 1])
    return `${JSON.stringify({ ...header, ...envelope })}\n${content}`
  })
}

function isInsideCharacter(byte = 0): boolean {
  return (byte & 0b1100_0000) === 0b1000_0000
}

/** A part of a body from its message; undefined for another message. */
export function decodePart(text: string): BodyPart | undefined {
  if (!HEADER.test(text)) return undefined
  const end = text.indexOf('\n')
  return { ...(JSON.parse(text.slice(0, end)) as BodyPart), content: text.slice(end + 1) }
}

/** The message that has the consumer go on with a body whose parts are stored. */
export function encodeAssembly(body: string): string {
  return `{"v":1,"assemble":"${body}"}`
}

/** The digest of the body to go on with; undefined for another message. */
export function decodeAssembly(text: string): string | undefined {
  return ASSEMBLE.exec(text)?.[1]
}

/** Whether the body of a queue's message is about a large body: a part of it, or the request to go on with it. */
export function isAboutBody(body: unknown): boolean {
  return typeof body === 'string' && (HEADER.test(body) || ASSEMBLE.test(body))
}
