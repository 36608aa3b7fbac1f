import { env } from 'cloudflare:workers'
import { openBucketCatalog } from '../../../src/archive/table/bucket-catalog.ts'
import type { CommitContext } from '../../../src/archive/table/commit.ts'
import type { Entry } from '../../../src/archive/table/manifest-schema.ts'
import { readManifestList, readMonth } from '../../../src/archive/table/read.ts'
import type { DataFile } from '../../../src/archive/table/manifest.ts'
import { keyOfFile } from '../../../src/db/archive/files.ts'
import { archiveBucket } from '../../../src/settings/settings.ts'

export const BUCKET = archiveBucket(env) as R2Bucket
export const ROOT = 's3://yespo-archive'

export const OCTOBER = Date.UTC(2025, 9)
export const NOVEMBER = Date.UTC(2025, 10)

/** A file of a month, with all that the table says about it. */
export function buildFile(month: number, file: number, changes: Partial<DataFile> = {}): DataFile {
  return {
    month,
    file,
    version: 1,
    events: 100,
    bytes: 6_000,
    firstAt: month + 1,
    lastAt: month + 86_400_000 - 1,
    minContact: '7',
    maxContact: '9223372036854775807',
    withoutContact: 3,
    ...changes,
  }
}

/** What the index says: the table's files. */
export class Files {
  readonly all: DataFile[] = []

  readonly list = async (month: number): Promise<DataFile[]> =>
    this.all.filter((file) => file.month === month)

  /** Removes a file, and may put others in its place. */
  replace(file: DataFile, ...others: DataFile[]): void {
    this.all.splice(this.all.indexOf(file), 1, ...others)
  }

  keys(month: number): string[] {
    return this.all.filter((file) => file.month === month).map(keyOfFile)
  }
}

export function buildContext(files: Files, bucket: R2Bucket = BUCKET): CommitContext {
  return { bucket, catalog: openBucketCatalog(bucket, ROOT), listMonthFiles: files.list }
}

/** The entries of the table's months, as its manifests have them. */
export async function readEntries(...months: readonly number[]): Promise<Entry[]> {
  const version = await openBucketCatalog(BUCKET, ROOT).load()
  const manifests = await readManifestList(BUCKET, version)
  const entries = await Promise.all(
    months.map(async (month) => readMonth(BUCKET, version, manifests, month)),
  )
  return entries.flat()
}
