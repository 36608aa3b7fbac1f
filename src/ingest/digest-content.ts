import { createHash } from 'node:crypto'
import { createGunzip } from 'node:zlib'
import { isGzip } from './read-body.ts'

const HEAD_BYTES = 10 // of gzip, with the time when it was made

/**
 * A digest by which unreadable gzip is recognized when it comes again: of its inflated content, as far as that
 * goes, as its own bytes may differ each time it is made.
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
  if (left === maxBytes) hash.update(body.subarray(HEAD_BYTES))
  return hash.digest().subarray(0, 16).toString('base64url')
}
