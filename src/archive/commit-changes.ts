import {
  adoptFiles,
  listMonthFiles,
  markAllChanged,
  readChanges,
  settleChanges,
} from '../db/archive/changes.ts'
import { keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { discardObjects } from '../db/archive/garbage.ts'
import { log } from '../platform/log.ts'
import type { Catalog } from './table/catalog.ts'
import { commitTable } from './table/commit.ts'
import { currentSnapshot } from './table/metadata.ts'
import { readAllFiles, readTable } from './table/read.ts'

/** Where the archive is. */
export type Archive = { db: D1Database; bucket: R2Bucket; catalog: Catalog }

/** The statements that committing takes, for a month or two. */
export const COMMIT_STATEMENTS = 6

/**
 * Brings the archive's table up to date with the files that the database lists. Without changes it is one statement.
 *
 * @throws what D1, the bucket and the catalog throw
 */
export async function commitChanges(archive: Archive): Promise<void> {
  const { db, bucket, catalog } = archive
  let changes = await readChanges(db)
  if (changes.value === null) return
  if (await compare(archive, changes.committed)) changes = await readChanges(db)
  const commit = await commitTable(
    { bucket, catalog, listMonthFiles: (month) => listMonthFiles(db, month) },
    changes.months,
  )
  await db.batch([
    ...settleChanges(db, changes, describe(commit.table, commit.snapshot)),
    discardObjects(db, commit.replaced, Date.now()),
  ])
}

/**
 * Compares the table with the last commit. If it has another snapshot, the database was restored to an earlier state:
 * then it takes over the table's files. If it is another table, which has nothing yet, all files are to be committed.
 *
 * @throws what D1, the bucket and the catalog throw
 */
export async function compareWithTable(archive: Archive): Promise<void> {
  await compare(archive, (await readChanges(archive.db)).committed)
}

/** @returns whether the database was changed */
async function compare(
  { db, bucket, catalog }: Archive,
  committed: string | null,
): Promise<boolean> {
  const version = await catalog.load()
  const snapshot = currentSnapshot(version.metadata)?.['snapshot-id']
  if (snapshot === undefined) {
    if (committed !== null) await markAllChanged(db)
    return committed !== null
  }
  if (describe(version.metadata['table-uuid'], String(snapshot)) === committed) return false
  const { added, dropped } = await adoptFiles(db, await readAllFiles(bucket, version))
  if (added + dropped > 0) log('warn', 'archive_adopted', { added, dropped })
  return added + dropped > 0
}

function describe(table: string, snapshot: string | null): string {
  return `${table} ${snapshot ?? ''}`
}

/** @throws Error if the table does not have a file, as any reader finds it */
export async function checkInTable({ bucket, catalog }: Archive, file: ArchiveFile): Promise<void> {
  const files = await readTable(bucket, catalog, file.month)
  const key = keyOfFile(file)
  const found = files.find((each) => each.key === key)
  if (found?.events === file.events && found.bytes === file.bytes) return
  throw new Error("the archive's table does not have it")
}
