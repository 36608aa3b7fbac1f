import { HINT_KEY, METADATA_PREFIX } from './bucket-catalog.ts'
import type { Catalog, TableVersion } from './catalog.ts'
import { currentSnapshot } from './metadata.ts'
import { keyOfPath, readManifestList } from './read.ts'

const VERSION = /\/v(\d+)\.metadata\.json$/

/**
 * Deletes metadata that the table does not need any more: of earlier versions, and of commits that broke off or came
 * second. Some 1,000 objects at a time.
 *
 * @param before UTC milliseconds: what was written later may belong to a reader or a commit that is still at work. An
 *   hour is enough, as nothing takes as long.
 * @returns the number of deleted objects
 */
export async function sweepMetadata(
  bucket: R2Bucket,
  catalog: Catalog,
  before: number,
): Promise<number> {
  const { objects } = await bucket.list({ prefix: METADATA_PREFIX })
  const version = await catalog.load()
  const needed = await listNeeded(bucket, version)
  const idle = objects
    .filter(({ key, uploaded }) => uploaded.getTime() < before && !isNeeded(key, version, needed))
    .map(({ key }) => key)
  if (idle.length > 0) await bucket.delete(idle)
  return idle.length
}

/** The keys of the manifests of a version, and of their list. */
async function listNeeded(bucket: R2Bucket, version: TableVersion): Promise<Set<string>> {
  const manifests = await readManifestList(bucket, version)
  const paths = manifests.map((manifest) => manifest.manifest_path)
  const snapshot = currentSnapshot(version.metadata)
  if (snapshot) paths.push(snapshot['manifest-list'])
  return new Set(paths.map((path) => keyOfPath(version, path)))
}

function isNeeded(key: string, { number }: TableVersion, needed: ReadonlySet<string>): boolean {
  if (key === HINT_KEY) return number > 0
  const [, digits] = VERSION.exec(key) ?? []
  return digits === undefined ? needed.has(key) : number > 0 && Number(digits) >= number
}
