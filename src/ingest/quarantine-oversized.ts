import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { digest128 } from '../event/identity.ts'
import { HttpError } from '../platform/http-error.ts'
import { storeMessages } from '../db/write/batch-writer.ts'
import { encodeQuarantined, packMessages, type Envelope } from '../event/message.ts'
import { digestContent, readChunk, type BodyLimits, type OversizedBody } from './read-body.ts'
import { rejectAtFirst } from './reject-at-first.ts'
import type { Rejected } from './quarantine-rejected.ts'

// As much as one invocation can store, and as can still be read as a whole.
const MAX_KEPT_BYTES = { free: 10_000_000, paid: 20_000_000 } as const

const MAX_READ_BYTES = 100_000_000 // the platform's limit
const PIECE_BYTES = 900_000 // of a statement's parameter, for which D1 allows 2 MB
const PIECE_TIMEOUT_MS = 10_000

/**
 * Rejects a body over the limit at first, see `rejectAtFirst`, and then quarantines its beginning unchanged, piece
 * by piece. Its digest covers all of it, as bodies may begin alike.
 *
 * @returns the quarantined item
 * @throws HttpError 413; 503 if the database does not accept it
 */
export async function quarantineOversized(
  body: OversizedBody,
  db: D1Database,
  envelope: Envelope,
  limits: BodyLimits,
  plan: keyof typeof MAX_KEPT_BYTES,
): Promise<Rejected> {
  const { isGzip } = body
  const maxBytes = isGzip ? limits.maxInflatedBytes : limits.maxBytes
  const { kept, bytes, digest } = await readThrough(body, MAX_KEPT_BYTES[plan])
  const content = (await digestContent(kept, maxBytes)) ?? digest
  await rejectAtFirst(db, content, tooLarge(isGzip, maxBytes))
  const reason = describe(isGzip, maxBytes, bytes, kept.byteLength)
  // Its elements may be quarantined separately as well, under the digest of the body.
  const request = digest128(`the first ${kept.byteLength} bytes of ${digest}`)
  let part = 0
  for (let start = 0; start < kept.byteLength; start += PIECE_BYTES) {
    const sent = kept.subarray(start, start + PIECE_BYTES).toString('latin1')
    const item = { kind: 'bodyBytes', request, elementIndex: 0, reason, sent } as const
    const parts = encodeQuarantined(item, part)
    part += parts.length
    await store(db, packMessages(envelope, [], parts))
  }
  return { index: 0, reason }
}

function tooLarge(isGzip: boolean, maxBytes: number): HttpError {
  const message = isGzip
    ? `The body, inflated, is larger than ${maxBytes} bytes. Send it plain.`
    : `The body is larger than ${maxBytes} bytes. MAX_BODY_BYTES raises the limit.`
  return new HttpError(413, 'body_too_large', message, { details: { maxBytes } })
}

function describe(isGzip: boolean, maxBytes: number, bytes: number, kept: number): string {
  const subject = isGzip ? 'the body is gzip, and inflated it is' : 'the body is'
  const rest = bytes > kept ? `, of which the first ${kept} are kept` : ''
  const setting = isGzip ? '' : ' (MAX_BODY_BYTES)'
  return `${subject} larger than ${maxBytes} bytes${setting}: it has ${bytes}${rest}`
}

/**
 * Reads a body to its end, as a client that is still sending when the response comes may never see it.
 *
 * @param maxBytes of it that are kept
 */
async function readThrough(
  { read, rest, bytes }: OversizedBody,
  maxBytes: number,
): Promise<{ kept: Buffer; bytes: number; digest: string }> {
  const hash = createHash('sha256')
  const held = Buffer.alloc(Math.min(bytes ?? maxBytes, maxBytes))
  let length = 0
  const take = (chunk: Uint8Array) => {
    hash.update(chunk)
    if (length < held.length) held.set(chunk.subarray(0, held.length - length), length)
    length += chunk.byteLength
  }
  for (const chunk of read) take(chunk)
  while (rest && length < MAX_READ_BYTES) {
    const chunk = await readChunk(rest)
    if (!chunk) break
    take(chunk)
  }
  await rest?.cancel()
  const digest = hash.digest().subarray(0, 16).toString('base64url')
  return { kept: held.subarray(0, length), bytes: length, digest }
}

async function store(db: D1Database, texts: readonly string[]): Promise<void> {
  const items = texts.map((text) => ({ text, quarantineOnFailure: true }))
  const { outcomes, errors } = await storeMessages(db, items, PIECE_TIMEOUT_MS)
  if (!outcomes.includes('failed')) return
  throw new HttpError(
    503,
    'unavailable',
    'The database does not accept the body right now. Send it again later.',
    { headers: { 'Retry-After': '60' }, log: { errors } },
  )
}
