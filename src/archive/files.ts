import type { AsyncBuffer } from 'hyparquet'
import { errorText, log } from '../platform/log.ts'
import { keyOfFile, recordError, type ArchiveFile, type FileKey } from '../db/archive/files.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { encodeParquet } from './encode.ts'

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

/**
 * Writes a file as a whole.
 *
 * @param before the `etag` of the file that it replaces; undefined if there is none
 * @returns its size in bytes
 * @throws Error if something else is there: another run is at work, and may be further ahead
 */
export async function writeFile(
  bucket: R2Bucket,
  file: FileKey,
  rows: readonly StoredEvent[],
  before: string | undefined,
): Promise<number> {
  const content = encodeParquet(rows)
  const written = await bucket.put(keyOfFile(file), content, {
    onlyIf: before === undefined ? { etagDoesNotMatch: '*' } : { etagMatches: before },
    httpMetadata: { contentType: 'application/vnd.apache.parquet' },
  })
  if (!written) throw new Error('a file of the archive was written by another run meanwhile')
  return content.byteLength
}

export async function removeFile(bucket: R2Bucket, file: FileKey): Promise<void> {
  await bucket.delete(keyOfFile(file))
}

/**
 * Records that a file failed, in the log and in its row.
 *
 * @param errors the list to which the error is added
 * @throws what D1 throws
 */
export async function markFailed(
  db: D1Database,
  file: ArchiveFile,
  error: unknown,
  errors: string[],
): Promise<void> {
  const text = errorText(error)
  const key = keyOfFile(file)
  log('error', 'archive_file_failed', { file: key, tries: file.tries, errors: [text] })
  errors.push(`${key}: ${text}`)
  await recordError(db, file, text).run()
}
