import type { Catalog, TableVersion } from './catalog.ts'
import {
  decodeManifest,
  decodeManifestList,
  isOfMonth,
  monthOfManifest,
  readEntry,
  type DataFile,
} from './manifest.ts'
import type { Entry, ManifestFile } from './manifest-schema.ts'
import { currentSnapshot } from './metadata.ts'

/** A data file as the table's metadata have it. */
export type TableFile = { key: string; events: number; bytes: number }

/**
 * The data files of a month in the table, as any reader finds them.
 *
 * @param month its beginning, UTC milliseconds
 * @throws what the bucket and the catalog throw, and Error if metadata are missing or invalid
 */
export async function readTable(
  bucket: R2Bucket,
  catalog: Catalog,
  month: number,
): Promise<TableFile[]> {
  const version = await catalog.load()
  const manifests = await readManifestList(bucket, version)
  const entries = await readMonth(bucket, version, manifests, month)
  return entries.map(({ data_file: file }) => ({
    key: keyOfPath(version, file.file_path),
    events: file.record_count,
    bytes: file.file_size_in_bytes,
  }))
}

/** The manifests of a version. */
export async function readManifestList(
  bucket: R2Bucket,
  version: TableVersion,
): Promise<ManifestFile[]> {
  const snapshot = currentSnapshot(version.metadata)
  if (!snapshot) return []
  return decodeManifestList(await readObject(bucket, version, snapshot['manifest-list']))
}

/** The beginnings of the months that a version has: UTC milliseconds. */
export async function listMonths(bucket: R2Bucket, version: TableVersion): Promise<number[]> {
  return (await readManifestList(bucket, version)).map(monthOfManifest)
}

/** The entries of a month in a version. */
export async function readMonth(
  bucket: R2Bucket,
  version: TableVersion,
  manifests: readonly ManifestFile[],
  month: number,
): Promise<Entry[]> {
  const ofMonth = manifests.filter((manifest) => isOfMonth(manifest, month))
  const entries = await Promise.all(
    ofMonth.map(async (manifest) =>
      decodeManifest(await readObject(bucket, version, manifest.manifest_path), manifest),
    ),
  )
  return entries.flat()
}

/** All data files of a version. */
export async function readAllFiles(bucket: R2Bucket, version: TableVersion): Promise<DataFile[]> {
  const files: DataFile[] = []
  for (const manifest of await readManifestList(bucket, version)) {
    const bytes = await readObject(bucket, version, manifest.manifest_path)
    files.push(...decodeManifest(bytes, manifest).flatMap((entry) => readEntry(entry) ?? []))
  }
  return files
}

async function readObject(
  bucket: R2Bucket,
  version: TableVersion,
  path: string,
): Promise<Uint8Array> {
  const key = keyOfPath(version, path)
  const object = await bucket.get(key)
  if (!object) throw new Error(`The archive has no object ${key}.`)
  return new Uint8Array(await object.arrayBuffer())
}

/** The key of an object in the bucket. @param path its URI */
export function keyOfPath({ root }: TableVersion, path: string): string {
  if (path.startsWith(`${root}/`)) return path.slice(root.length + 1)
  throw new Error('The table of the archive has a file outside of its bucket.')
}
