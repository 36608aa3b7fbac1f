import type { AsyncBuffer } from 'hyparquet'
import { keepRanges } from '../parquet/ranges.ts'

/** The bytes of a file's end that are read at once: they have the list of its groups, or all of a small file. */
export const TAIL_BYTES = 96_000

/**
 * An object of a bucket, with its end in memory.
 *
 * @param size in bytes
 * @param onRead is called before each read
 * @throws Error if the bucket does not have it
 */
export async function openContent(
  bucket: R2Bucket,
  key: string,
  size: number,
  onRead: () => void,
): Promise<AsyncBuffer> {
  const read = async (start: number, end = size): Promise<ArrayBuffer> => {
    onRead()
    const object = await bucket.get(key, { range: { offset: start, length: end - start } })
    if (!object) throw new Error(`The bucket has no object ${key}.`)
    return object.arrayBuffer()
  }
  return keepRanges({ byteLength: size, slice: read }, [[Math.max(0, size - TAIL_BYTES), size]])
}
