import { errorText, log } from '../platform/log.ts'
import {
  keyOfFile,
  recordError,
  type ArchiveFile,
  type Content,
  type FileKey,
} from '../db/archive/files.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { readKeys } from '../parquet/decode.ts'
import { encodeParquet } from '../parquet/encode.ts'
import { openFile } from '../parquet/open.ts'
import { describeContent } from '../parquet/order.ts'

/** Another run has gone on with a file: this one took longer than its lease. */
export class OvertakenError extends Error {
  constructor() {
    super('a file of the archive was written by another run meanwhile')
  }
}

/**
 * Writes a file as a whole. Each try has a version of its own, since one that takes longer than its lease goes on beside
 * the next. An object of the bucket never changes.
 *
 * @returns its size in bytes
 * @throws Error if something is there already
 */
export async function writeFile(
  bucket: R2Bucket,
  file: FileKey,
  rows: readonly StoredEvent[],
): Promise<number> {
  const content = encodeParquet(rows)
  const written = await bucket.put(keyOfFile(file), content, {
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: { contentType: 'application/vnd.apache.parquet' },
  })
  if (!written) throw new OvertakenError()
  return content.byteLength
}

/**
 * Writes a file as a whole, and reads it back.
 *
 * @throws Error like `writeFile`, or if it does not contain what was written
 */
export async function writeAndCheck(
  bucket: R2Bucket,
  file: FileKey,
  rows: readonly StoredEvent[],
): Promise<Content> {
  const bytes = await writeFile(bucket, file, rows)
  const opened = await openFile(bucket, file)
  const keys = opened ? await readKeys(opened.content) : []
  if (!isSame(keys, rows)) throw new Error('it is not what was written')
  return describeContent(rows, bytes)
}

function isSame(keys: readonly EventKey[], rows: readonly EventKey[]): boolean {
  return (
    keys.length === rows.length &&
    keys.every(({ occurredAt, id }, index) => {
      const row = rows[index]
      return row?.occurredAt === occurredAt && row.id === id
    })
  )
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
