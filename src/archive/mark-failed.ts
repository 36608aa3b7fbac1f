import { log } from '../platform/log.ts'
import { keyOfFile, recordError, type ArchiveFile } from '../db/archive/files.ts'

/**
 * Says that something is wrong with a file, in the log and beside the file.
 *
 * @param faults to which it is added
 * @throws what D1 throws
 */
export async function markFailed(
  db: D1Database,
  file: ArchiveFile,
  error: unknown,
  faults: string[],
): Promise<void> {
  const fault = String(error).slice(0, 200)
  log('error', 'archive_file_failed', {
    file: keyOfFile(file),
    tries: file.tries,
    faults: [fault],
  })
  faults.push(`${keyOfFile(file)}: ${fault}`)
  await recordError(db, file, fault).run()
}
