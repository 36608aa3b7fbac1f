import type { AsyncBuffer } from 'hyparquet'

/**
 * An object of a bucket, of which only the parts that are asked for are read.
 *
 * @param size of the object in bytes
 * @param etag of the object: with it, reading ends with an error when another takes its place
 * @throws Error while it is read, where it is not there (any more)
 */
export function openObject(
  bucket: R2Bucket,
  key: string,
  size: number,
  etag?: string,
): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const range = { offset: start, length: end - start }
      const condition = etag === undefined ? {} : { onlyIf: { etagMatches: etag } }
      const object = await bucket.get(key, { range, ...condition })
      if (object === null) throw new Error(`The archive has no file ${key}.`)
      if ('arrayBuffer' in object) return object.arrayBuffer()
      throw new Error(`The file ${key} of the archive was written anew while it was read.`)
    },
  }
}
