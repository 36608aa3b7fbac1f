import { createHash } from 'node:crypto'
import { createGunzip, gunzipSync } from 'node:zlib'
import { HttpError } from '../platform/http-error.ts'

/** A body that is over the limit. */
export type OversizedBody = {
  /** The bytes that were read so far. */
  read: Uint8Array[]
  /** The rest, if any. */
  rest: Reader | undefined
  /** Its length, if the request declares it. */
  bytes: number | undefined
  /** Whether it is gzip, and only over the limit when inflated. */
  isGzip: boolean
}

/** How large a body may be, as it is sent and inflated. */
export type BodyLimits = { maxBytes: number; maxInflatedBytes: number }

type Reader = ReadableStreamDefaultReader<Uint8Array>

/**
 * The bytes of a request's body, inflated if they are gzip, whatever the headers say. A body of unknown length,
 * and an inflated one, is read up to the limit.
 *
 * @throws HttpError 400 if the transfer broke off
 */
export async function readBody(
  request: Request,
  { maxBytes, maxInflatedBytes }: BodyLimits,
): Promise<Uint8Array | OversizedBody> {
  const body = await readSent(request, maxBytes)
  return body instanceof Uint8Array ? inflate(body, maxInflatedBytes) : body
}

async function readSent(request: Request, maxBytes: number): Promise<Uint8Array | OversizedBody> {
  const declared = request.headers.get('Content-Length') ?? ''
  const reader = () => request.body?.getReader()
  if (!/^\d+$/.test(declared)) return readCounting(reader(), maxBytes)
  const bytes = Number(declared)
  if (bytes > maxBytes) return { read: [], rest: reader(), bytes, isGzip: false }
  // No more than was declared can arrive, and reading it in one go takes half the time.
  const body = new Uint8Array(await request.arrayBuffer().catch(rejectBrokenTransfer))
  return body.byteLength > maxBytes ? { read: [body], rest: undefined, bytes, isGzip: false } : body
}

async function readCounting(
  reader: Reader | undefined,
  maxBytes: number,
): Promise<Uint8Array | OversizedBody> {
  const chunks: Uint8Array[] = []
  let length = 0
  while (reader) {
    const chunk = await readChunk(reader)
    if (!chunk) break
    chunks.push(chunk)
    length += chunk.byteLength
    if (length > maxBytes) return { read: chunks, rest: reader, bytes: undefined, isGzip: false }
  }
  return join(chunks)
}

/** The next chunk; undefined at the end. @throws HttpError 400 if the transfer broke off */
export async function readChunk(reader: Reader): Promise<Uint8Array | undefined> {
  const { value } = await reader.read().catch(rejectBrokenTransfer)
  return value
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array()] = chunks
  if (chunks.length <= 1) return only
  const joined = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let offset = 0
  for (const chunk of chunks) {
    joined.set(chunk, offset)
    offset += chunk.byteLength
  }
  return joined
}

/** Whether a body begins like gzip. */
function isGzip(body: Uint8Array): boolean {
  return body[0] === 0x1f && body[1] === 0x8b
}

/** A body inflated, if it is gzip. Invalid gzip stays as it is: it is not JSON either. */
export function inflate(body: Uint8Array, maxBytes: number): Uint8Array | OversizedBody {
  if (!isGzip(body)) return body
  try {
    // Not as a stream, as the platform inflates all of it before the first chunk can be read.
    return gunzipSync(body, { maxOutputLength: maxBytes })
  } catch (error) {
    if (!(error instanceof RangeError)) return body
    return { read: [body], rest: undefined, bytes: body.byteLength, isGzip: true }
  }
}

const GZIP_HEAD_BYTES = 10 // these include the time of compression

/**
 * A digest that recognizes unreadable gzip when it comes again: of the content that can be inflated, as the
 * compressed bytes may differ each time.
 *
 * @param maxBytes of inflated content
 * @returns undefined if the body is not gzip
 */
export async function digestContent(
  body: Uint8Array,
  maxBytes: number,
): Promise<string | undefined> {
  if (!isGzip(body)) return undefined
  const hash = createHash('sha256').update('gzip ')
  let left = maxBytes
  const inflating = createGunzip()
  inflating.end(body)
  try {
    for await (const chunk of inflating as AsyncIterable<Uint8Array>) {
      hash.update(chunk.subarray(0, left))
      left -= chunk.byteLength
      if (left <= 0) break
    }
  } catch {
    // It breaks off, or is corrupt: the content before that is all there is.
  }
  if (left === maxBytes) hash.update(body.subarray(GZIP_HEAD_BYTES))
  return hash.digest().subarray(0, 16).toString('base64url')
}

function rejectBrokenTransfer(): never {
  throw new HttpError(400, 'broken_transfer', 'The body broke off before its end. Send it again.')
}
