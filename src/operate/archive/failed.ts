import { log } from '../../log.ts'
import { keyOfFile, noteFault, type ArchiveFile } from '../../store/archive.ts'

/**
 * Says that something is wrong with a file, in the log and beside the file.
 *
 * @param faults to which it is added
 * @throws what D1 throws
 */
export async function noteFailed(
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
  await noteFault(db, file, fault).run()
}
