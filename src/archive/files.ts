import type { AsyncBuffer } from 'hyparquet'
import { keyOfFile, type FileKey } from '../db/archive/files.ts'
import type { StoredActivity } from '../db/stored-activity.ts'
import { encodeParquet } from './encode.ts'
import { openObject } from './object.ts'

/** A file as it is in the bucket; reading ends with an error where it is written anew meanwhile. */
export type OpenFile = { content: AsyncBuffer; bytes: number; etag: string }

/** Undefined where the bucket does not have it. */
export async function openFile(bucket: R2Bucket, place: FileKey): Promise<OpenFile | undefined> {
  const key = keyOfFile(place)
  const found = await bucket.head(key)
  if (!found) return undefined
  const { size, etag } = found
  return { content: openObject(bucket, key, size, etag), bytes: size, etag }
}

/** What is in a file. @throws Error where the bucket does not have it */
export async function openKnown(bucket: R2Bucket, place: FileKey): Promise<AsyncBuffer> {
  const opened = await openFile(bucket, place)
  if (opened) return opened.content
  throw new Error('it is not in the bucket any more')
}

/**
 * Writes a file as a whole.
 *
 * @param before the `etag` of what it takes the place of; undefined where there is nothing
 * @returns its bytes
 * @throws Error where something else is there: then someone else is at work, who may be further on
 */
export async function writeFile(
  bucket: R2Bucket,
  place: FileKey,
  rows: readonly StoredActivity[],
  before: string | undefined,
): Promise<number> {
  const content = encodeParquet(rows)
  const written = await bucket.put(keyOfFile(place), content, {
    onlyIf: before === undefined ? { etagDoesNotMatch: '*' } : { etagMatches: before },
    httpMetadata: { contentType: 'application/vnd.apache.parquet' },
  })
  if (!written) throw new Error('a file of the archive was written by someone else meanwhile')
  return content.byteLength
}

/** Removes a file. */
export async function removeFile(bucket: R2Bucket, place: FileKey): Promise<void> {
  await bucket.delete(keyOfFile(place))
}
