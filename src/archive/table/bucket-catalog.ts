import type { Catalog, TableVersion } from './catalog.ts'
import { createTable, type TableMetadata } from './metadata.ts'

/** The folder of the table in the bucket. */
const TABLE_FOLDER = 'activity'

/** The keys of all objects that are not data begin with this. */
export const METADATA_PREFIX = `${TABLE_FOLDER}/metadata/`

/** The object with the number of the current version, or of one shortly before it. */
export const HINT_KEY = `${METADATA_PREFIX}version-hint.text`

const JSON_TYPE = { httpMetadata: { contentType: 'application/json' } }

/** The key of a version's metadata. Any reader that lists the folder finds the current version by its number. */
export function keyOfVersion(number: number): string {
  return `${METADATA_PREFIX}v${number}.metadata.json`
}

/**
 * The catalog in the bucket itself, as Iceberg's file system tables have it. Who creates the object of a version has
 * committed it: of two that try, the bucket lets one.
 *
 * @param root the URI of the bucket, without a slash at its end
 */
export function openBucketCatalog(bucket: R2Bucket, root: string): Catalog {
  return {
    load: async () => loadCurrent(bucket, root),
    async commit(base, next) {
      const number = base.number + 1
      if (!(await createVersion(bucket, number, next))) return false
      await advanceHint(bucket, number)
      return true
    },
  }
}

/** Reads the version of the hint, and those after it: a commit may have broken off before it changed the hint. */
async function loadCurrent(bucket: R2Bucket, root: string): Promise<TableVersion> {
  const hinted = await readHint(bucket)
  let number = hinted
  let metadata = await readVersion(bucket, number)
  if (!metadata && number > 0) throw new Error('The metadata of the archive changed meanwhile.')
  let following = await readVersion(bucket, number + 1)
  for (; following; following = await readVersion(bucket, number + 1)) {
    metadata = following
    number++
  }
  if (number > hinted) await advanceHint(bucket, number)
  metadata ??= createTable(`${root}/${TABLE_FOLDER}`, Date.now())
  return { number, metadata, root }
}

async function readVersion(bucket: R2Bucket, number: number): Promise<TableMetadata | undefined> {
  const object = number > 0 ? await bucket.get(keyOfVersion(number)) : null
  return (await object?.json<TableMetadata>()) ?? undefined
}

async function createVersion(
  bucket: R2Bucket,
  number: number,
  next: TableMetadata,
): Promise<boolean> {
  const options = { onlyIf: { etagDoesNotMatch: '*' }, ...JSON_TYPE }
  if (await bucket.put(keyOfVersion(number), JSON.stringify(next), options)) return true
  // It may be our own, if the bucket repeated the request.
  const winner = await readVersion(bucket, number)
  return winner?.['current-snapshot-id'] === next['current-snapshot-id']
}

async function readHint(bucket: R2Bucket): Promise<number> {
  const hint = await bucket.get(HINT_KEY)
  return hint ? Number(await hint.text()) : 0
}

/** Changes the hint, unless it is further ahead. */
async function advanceHint(bucket: R2Bucket, number: number): Promise<void> {
  for (;;) {
    const hint = await bucket.get(HINT_KEY)
    if (hint && Number(await hint.text()) >= number) return
    const onlyIf = hint ? { etagMatches: hint.etag } : { etagDoesNotMatch: '*' }
    if (await bucket.put(HINT_KEY, String(number), { onlyIf })) return
  }
}
