import type { Entry, ManifestFile } from './manifest-schema.ts'

/** A month's entries, and how they differ from those in the table so far. */
export type MonthChange = {
  month: number
  entries: readonly Entry[]
  added: readonly Entry[]
  removed: readonly Entry[]
}

type Size = { files: number; records: number; bytes: number }

/**
 * The summary of a snapshot. ClickHouse writes to a table only if its totals are there.
 *
 * @param before the summary of the snapshot before
 * @param list all manifests of this one
 */
export function summarize(
  before: Readonly<Record<string, string>> | undefined,
  list: readonly ManifestFile[],
  changes: readonly MonthChange[],
): Record<string, string> {
  const added = sizeOf(changes.flatMap((change) => change.added))
  const removed = sizeOf(changes.flatMap((change) => change.removed))
  const bytes = Number(before?.['total-files-size'] ?? 0) + added.bytes - removed.bytes
  const counts = {
    'changed-partition-count': changes.length,
    'added-data-files': added.files,
    'added-records': added.records,
    'added-files-size': added.bytes,
    'deleted-data-files': removed.files,
    'deleted-records': removed.records,
    'removed-files-size': removed.bytes,
    'total-data-files': sum(list, (each) => each.added_files_count + each.existing_files_count),
    'total-records': sum(list, (each) => each.added_rows_count + each.existing_rows_count),
    'total-files-size': bytes,
    'total-delete-files': 0,
    'total-position-deletes': 0,
    'total-equality-deletes': 0,
  }
  const texts = Object.entries(counts).map(([name, count]) => [name, String(count)])
  return { operation: operationOf(added, removed), ...Object.fromEntries(texts) }
}

/** Iceberg's name for what a snapshot did to the one before. */
function operationOf(added: Size, removed: Size): string {
  if (removed.files === 0) return 'append'
  if (added.files === 0) return 'delete'
  return added.records === removed.records ? 'replace' : 'overwrite'
}

function sizeOf(entries: readonly Entry[]): Size {
  return {
    files: entries.length,
    records: sum(entries, ({ data_file: file }) => file.record_count),
    bytes: sum(entries, ({ data_file: file }) => file.file_size_in_bytes),
  }
}

function sum<Item>(items: readonly Item[], sizeOfItem: (item: Item) => number): number {
  return items.reduce((total, item) => total + sizeOfItem(item), 0)
}
