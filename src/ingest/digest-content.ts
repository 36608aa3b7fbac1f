import { createHash } from 'node:crypto'
import { createGunzip } from 'node:zlib'
import { isGzip } from './read-body.ts'

const HEAD_BYTES = 10 // of gzip: they hold the time when it was made

/**
 * By what gzip that cannot be read is known when it comes again: what it inflates to, as far as that goes. Its own
 * bytes may be others each time it is made.
 *
 * @param maxBytes how much is inflated
 * @returns undefined for what is no gzip
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
    // It breaks off, or is broken: what came before that is all it says.
  }
  if (left === maxBytes) hash.update(body.subarray(HEAD_BYTES))
  return hash.digest().subarray(0, 16).toString('base64url')
}
