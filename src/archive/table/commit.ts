import { METADATA_PREFIX } from './bucket-catalog.ts'
import type { Catalog, TableVersion } from './catalog.ts'
import {
  buildEntries,
  describeManifest,
  encodeManifest,
  encodeManifestList,
  isOfMonth,
  type DataFile,
  type NewSnapshot,
} from './manifest.ts'
import type { ManifestFile } from './manifest-schema.ts'
import {
  addSnapshot,
  currentSnapshot,
  schemaOf,
  startSnapshot,
  type TableMetadata,
} from './metadata.ts'
import { keyOfPath, readManifestList, readMonth } from './read.ts'
import type { Schema } from './schema.ts'
import { summarize, type MonthChange } from './summary.ts'

const MAX_TRIES = 5

export type CommitContext = {
  bucket: R2Bucket
  catalog: Catalog
  /** The files of a month that belong to the table; called after the table's current version was loaded. */
  listMonthFiles: (month: number) => Promise<readonly DataFile[]>
  /** Of the snapshot, besides those of the specification. */
  properties?: Readonly<Record<string, string>>
}

/** The table after a commit. */
export type Commit = {
  /** Identifies the table: another catalog has another table, which has no month yet. */
  table: string
  /** The snapshot that has the files, and its sequence number; null if there never were any. */
  snapshot: string | null
  sequence: number | null
  /** Keys of metadata that only readers of the version before still need. */
  replaced: readonly string[]
}

/**
 * Brings the table up to date with the files of some months. Each try first loads the table, then lists the files, and
 * starts over if another commit came first: so the later of two has the files of both. Without any difference, nothing
 * is committed.
 *
 * @param months their beginnings, UTC milliseconds
 * @throws what the bucket, the catalog and `listMonthFiles` throw, and Error if other commits keep coming first
 */
export async function commitTable(
  context: CommitContext,
  months: readonly number[],
): Promise<Commit> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const commit = await tryCommit(context, months)
    if (commit) return commit
  }
  throw new Error(`Other commits to the archive's table came first ${MAX_TRIES} times in a row.`)
}

/** @returns undefined if another commit came first */
async function tryCommit(
  context: CommitContext,
  months: readonly number[],
): Promise<Commit | undefined> {
  const { bucket, catalog } = context
  const base = await catalog.load()
  const manifests = await readManifestList(bucket, base)
  const compared = await Promise.all(
    months.map(async (month) => compareMonth(context, base, manifests, month)),
  )
  const changes = compared.filter(({ added, removed }) => added.length + removed.length > 0)
  if (changes.length === 0) return describeCommit(base.metadata, [])
  const next = await writeSnapshot(context, base, manifests, changes)
  if (!(await catalog.commit(base, next))) return undefined
  const replaced = manifests
    .filter((manifest) => isChanged(manifest, changes))
    .map((manifest) => manifest.manifest_path)
  const before = currentSnapshot(base.metadata)
  if (before) replaced.push(before['manifest-list'])
  return describeCommit(
    next,
    replaced.map((path) => keyOfPath(base, path)),
  )
}

function describeCommit(metadata: TableMetadata, replaced: readonly string[]): Commit {
  const snapshot = currentSnapshot(metadata)
  return {
    table: metadata['table-uuid'],
    snapshot: snapshot ? String(snapshot['snapshot-id']) : null,
    sequence: snapshot?.['sequence-number'] ?? null,
    replaced,
  }
}

/** Compares a month's files with those in the table. */
async function compareMonth(
  { bucket, listMonthFiles }: CommitContext,
  base: TableVersion,
  manifests: readonly ManifestFile[],
  month: number,
): Promise<MonthChange> {
  const before = await readMonth(bucket, base, manifests, month)
  const known = new Map(before.map((entry) => [entry.data_file.file_path, entry]))
  const entries = buildEntries(base.root, await listMonthFiles(month), known)
  const paths = new Set(entries.map((entry) => entry.data_file.file_path))
  return {
    month,
    entries,
    added: entries.filter((entry) => !known.has(entry.data_file.file_path)),
    removed: before.filter((entry) => !paths.has(entry.data_file.file_path)),
  }
}

/** Writes the manifests of the changed months, and the list of all manifests. @returns the table's metadata with it */
async function writeSnapshot(
  { bucket, properties }: CommitContext,
  base: TableVersion,
  manifests: readonly ManifestFile[],
  changes: readonly MonthChange[],
): Promise<TableMetadata> {
  const { metadata, root } = base
  const snapshot = startSnapshot(metadata)
  const schema = schemaOf(metadata)
  const written = await Promise.all(
    changes
      .filter(({ entries }) => entries.length > 0)
      .map(async (change) => writeManifest(bucket, root, schema, change, snapshot)),
  )
  const list = [...manifests.filter((manifest) => !isChanged(manifest, changes)), ...written]
  const before = currentSnapshot(metadata)
  const key = `${METADATA_PREFIX}snap-${snapshot.id}.avro`
  await bucket.put(key, encodeManifestList(list, snapshot, before?.['snapshot-id']))
  return addSnapshot(metadata, schema, {
    'snapshot-id': snapshot.id,
    ...(before && { 'parent-snapshot-id': before['snapshot-id'] }),
    'sequence-number': snapshot.sequence,
    'timestamp-ms': Math.max(Date.now(), metadata['last-updated-ms']),
    'manifest-list': `${root}/${key}`,
    summary: { ...summarize(before?.summary, list, changes), ...properties },
    'schema-id': schema['schema-id'],
  })
}

async function writeManifest(
  bucket: R2Bucket,
  root: string,
  schema: Schema,
  { month, entries }: MonthChange,
  snapshot: NewSnapshot,
): Promise<ManifestFile> {
  const name = new Date(month).toISOString().slice(0, 7)
  const key = `${METADATA_PREFIX}${name}-${snapshot.id}.avro`
  const bytes = encodeManifest(schema, entries)
  await bucket.put(key, bytes)
  return describeManifest(`${root}/${key}`, bytes.length, month, entries, snapshot)
}

function isChanged(manifest: ManifestFile, changes: readonly MonthChange[]): boolean {
  return changes.some(({ month }) => isOfMonth(manifest, month))
}
