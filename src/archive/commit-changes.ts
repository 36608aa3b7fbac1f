import {
  adoptFiles,
  listMonthFiles,
  markAllChanged,
  readChanges,
  settleChanges,
  type Changes,
} from '../db/archive/changes.ts'
import { DATA_PREFIX, keyOfFile, type ArchiveFile } from '../db/archive/files.ts'
import { discardObjects } from '../db/archive/garbage.ts'
import { log } from '../platform/log.ts'
import type { Catalog } from './table/catalog.ts'
import { commitTable } from './table/commit.ts'
import { currentSnapshot } from './table/metadata.ts'
import { listMonths, readAllFiles, readTable } from './table/read.ts'

/** Where the archive is. */
export type Archive = { db: D1Database; bucket: R2Bucket; catalog: Catalog }

/** The property of a snapshot with the number of changes that the table has seen. */
const COUNT_PROPERTY = 'yespo.changes'

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
  if ((await compare(archive, changes)) !== 'same') changes = await readChanges(db)
  const { months, count } = changes
  const commit = await commitTable(
    {
      bucket,
      catalog,
      listMonthFiles: (month) => listMonthFiles(db, month),
      properties: { [COUNT_PROPERTY]: String(count) },
    },
    months,
  )
  await db.batch([
    ...settleChanges(db, changes, commit.table),
    discardObjects(db, commit.replaced, Date.now()),
  ])
}

/**
 * Compares the table with the database. If it has seen more changes than there were here, the database was restored to
 * an earlier state: then it takes over the table's files. If it is another table than before, all files are to be
 * committed.
 *
 * @returns whether files were taken over
 * @throws what D1, the bucket and the catalog throw
 */
export async function compareWithTable(archive: Archive): Promise<boolean> {
  return (await compare(archive, await readChanges(archive.db))) === 'restored'
}

async function compare(
  { db, bucket, catalog }: Archive,
  { count, table }: Changes,
): Promise<'same' | 'other' | 'restored'> {
  const version = await catalog.load()
  const { metadata } = version
  const seen = Number(currentSnapshot(metadata)?.summary[COUNT_PROPERTY] ?? 0)
  // The count again: another run may have changed and committed files since it was read.
  if (seen > count && seen > (await readChanges(db)).count) {
    const files = await readAllFiles(bucket, version)
    const others = await listOthers(bucket, new Set(files.map(keyOfFile)))
    const adopted = await adoptFiles(db, { files, others, count: seen }, Date.now())
    log('warn', 'archive_adopted', adopted)
    return 'restored'
  }
  if (table === null || table === metadata['table-uuid']) return 'same'
  await markAllChanged(db, await listMonths(bucket, version))
  return 'other'
}

/** The keys of data objects in the bucket that are no files of the table. */
async function listOthers(bucket: R2Bucket, keys: ReadonlySet<string>): Promise<string[]> {
  const others: string[] = []
  let cursor: string | undefined
  do {
    const page = await bucket.list({ prefix: DATA_PREFIX, ...(cursor && { cursor }) })
    others.push(...page.objects.map(({ key }) => key).filter((key) => !keys.has(key)))
    cursor = page.truncated ? page.cursor : undefined
  } while (cursor)
  return others
}

/** @throws Error if the table does not have a file, as any reader finds it */
export async function checkInTable({ bucket, catalog }: Archive, file: ArchiveFile): Promise<void> {
  const files = await readTable(bucket, catalog, file.month)
  const key = keyOfFile(file)
  const found = files.find((each) => each.key === key)
  if (found?.events === file.events && found.bytes === file.bytes) return
  throw new Error("the archive's table does not have it")
}
