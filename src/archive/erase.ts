import { HOUR_MS } from '../event/clock.ts'
import { CUT_OFF, findNextFile, keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { discardObjects } from '../db/archive/garbage.ts'
import { dropChangedMerge } from '../db/archive/merges.ts'
import { savePass, readPass, type Pass } from '../db/erasure/pass.ts'
import { finishErasures, widenErasures, type RunningErasure } from '../db/erasure/erasures.ts'
import { HttpError } from '../platform/http-error.ts'
import type { Budget } from '../platform/budget.ts'
import { clearFile, nextVersion } from './clear.ts'
import { commitChanges, compareWithTable, type Archive } from './commit-changes.ts'
import { openFile } from '../parquet/open.ts'
import { markFailed } from './files.ts'
import { purge } from './purge.ts'

const FILE_STATEMENTS = 10
const MAX_TRIES = 3 // per file, before the others are searched without it
const REST_MS = HOUR_MS

/**
 * Removes the events of erased subjects from the archive, file by file, as far as a budget allows. Contacts and
 * identifiers that only the archive has are added to the targets, and all files are searched again; then the erasure is
 * finished. Findings are saved before a file is rewritten, and the result afterwards, as a run may break off anywhere.
 * A missing file has no one's data; while a file cannot be read, no erasure is finished, but all other files are
 * searched.
 *
 * @param now UTC milliseconds
 * @returns whether that made progress
 * @throws Error what D1 and R2 throw, and if a file is not as it should be
 */
export async function eraseInArchive(
  archive: Archive,
  budget: Budget,
  now: number,
): Promise<boolean> {
  const { db, bucket } = archive
  const found = await readPass(db, now)
  if (!found) return false
  const { pass, members } = found
  if (members.length === 0) {
    if (now < pass.restsUntil) return false
    await savePass(db, null).run()
    return true
  }
  if (await isRestored(archive)) return true // the pass begins again
  const errors: string[] = []
  let progress: Pass = { ...pass, tries: pass.tries + 1 }
  await savePass(db, progress).run()
  while (budget.take(FILE_STATEMENTS)) {
    const file = await findNextFile(db, progress.reached)
    if (!file) {
      await commitChanges(archive)
      await dropChangedMerge(db, Date.now())
      await purge(db, bucket, Math.max(now, Date.now())) // this pass has discarded some after `now`
      await endPass(db, progress, members, now)
      break
    }
    const versions = { file, next: nextVersion(file) }
    const changes = await eraseInFile(db, bucket, versions, members, progress.tries, errors)
    const isBlocked = progress.isBlocked || changes === undefined
    progress = { ...progress, reached: file.file, tries: 1, isBlocked }
    await saveChanges(db, versions.next, [...(changes ?? []), savePass(db, progress)])
    if (changes && changes.length > 0) {
      budget.endIfFree() // it was written again
      budget.take(FILE_STATEMENTS) // which takes as many calls of the bucket
    }
  }
  if (errors.length > 0) throw new Error(errors.join('; '))
  return true
}

/** Whether files of the table were taken over. An invalid setting of the catalog stops no erasure. */
async function isRestored(archive: Archive): Promise<boolean> {
  try {
    return await compareWithTable(archive)
  } catch (error) {
    if (error instanceof HttpError) return false
    throw error
  }
}

/**
 * @returns the statements to run once it is done; undefined if it cannot be read, and the others should not wait for it
 * @throws Error if it cannot be read the first time
 */
async function eraseInFile(
  db: D1Database,
  bucket: R2Bucket,
  versions: { file: ArchiveFile; next: ArchiveFile },
  members: readonly RunningErasure[],
  tries: number,
  errors: string[],
): Promise<D1PreparedStatement[] | undefined> {
  const { file } = versions
  if (file.state !== 'begun' && file.events === 0) return []
  try {
    if (tries > MAX_TRIES) throw new Error(CUT_OFF)
    const opened = await openFile(bucket, file)
    if (opened) return await clearFile(db, bucket, versions, opened, members)
    if (file.state !== 'begun' && file.error === null) {
      await markFailed(db, file, new Error('it is not in the bucket any more'), errors)
    }
    return []
  } catch (error) {
    await markFailed(db, file, error, errors)
    if (file.error !== null || tries > MAX_TRIES) return undefined
    throw error
  }
}

/** Runs the statements of a file. @param next the version of it that is discarded if they fail, as nothing has it */
async function saveChanges(
  db: D1Database,
  next: ArchiveFile,
  statements: D1PreparedStatement[],
): Promise<void> {
  try {
    await db.batch(statements)
  } catch (error) {
    // Another step may have purged it before this one had written it.
    await discardObjects(db, [keyOfFile(next)], Date.now()).run()
    throw error
  }
}

/** Ends a pass through all files: erasures with further findings start again, the others are finished. */
async function endPass(
  db: D1Database,
  pass: Pass,
  members: readonly RunningErasure[],
  now: number,
): Promise<void> {
  if (pass.isBlocked) {
    await savePass(db, { ...pass, numbers: [], restsUntil: now + REST_MS }).run()
    return
  }
  const widened = members.filter(({ target }) => target.found)
  const done = members.flatMap(({ number, target }) => (target.found ? [] : number))
  await db.batch([
    ...(done.length > 0 ? [finishErasures(db, done, Date.now())] : []),
    ...(await widenErasures(db, widened)),
    savePass(db, null),
  ])
}
