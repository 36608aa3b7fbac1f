import { errorText, log } from '../platform/log.ts'
import { keyOfFile, recordError, type ArchiveFile } from '../db/archive/files.ts'

/**
 * Says that something is wrong with a file, in the log and beside the file.
 *
 * @param errors to which it is added
 * @throws what D1 throws
 */
export async function markFailed(
  db: D1Database,
  file: ArchiveFile,
  error: unknown,
  errors: string[],
): Promise<void> {
  const text = errorText(error)
  log('error', 'archive_file_failed', {
    file: keyOfFile(file),
    tries: file.tries,
    errors: [text],
  })
  errors.push(`${keyOfFile(file)}: ${text}`)
  await recordError(db, file, text).run()
}
