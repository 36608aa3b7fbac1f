import type { AsyncBuffer } from 'hyparquet'
import { keyOfFile, type FileKey } from '../db/archive/files.ts'

/** A file in the bucket; reading fails if it is replaced meanwhile. */
export type OpenFile = { content: AsyncBuffer; bytes: number; etag: string }

/** Opens a file; undefined if the bucket does not have it. */
export async function openFile(bucket: R2Bucket, file: FileKey): Promise<OpenFile | undefined> {
  const key = keyOfFile(file)
  const found = await bucket.head(key)
  if (!found) return undefined
  const { size, etag } = found
  return { content: openObject(bucket, key, size, etag), bytes: size, etag }
}

/** The content of a file. @throws Error if the bucket does not have it */
export async function openKnown(bucket: R2Bucket, file: FileKey): Promise<AsyncBuffer> {
  const opened = await openFile(bucket, file)
  if (opened) return opened.content
  throw new Error('it is not in the bucket any more')
}

/**
 * An object of a bucket, of which only requested parts are read.
 *
 * @param size of the object in bytes
 * @param etag of the object: reading fails if another takes its place
 * @throws Error from reads, if it is not there (any more)
 */
export function openObject(bucket: R2Bucket, key: string, size: number, etag: string): AsyncBuffer {
  return {
    byteLength: size,
    async slice(start, end = size) {
      const range = { offset: start, length: end - start }
      const object = await bucket.get(key, { range, onlyIf: { etagMatches: etag } })
      if (object === null) throw new Error(`The archive has no file ${key}.`)
      if ('arrayBuffer' in object) return object.arrayBuffer()
      throw new Error(`The file ${key} of the archive was replaced while it was read.`)
    },
  }
}
