import type { ArchiveSettings } from '../../settings/settings.ts'
import { openBucketCatalog } from './bucket-catalog.ts'
import type { Catalog } from './catalog.ts'
import { openRestCatalog } from './rest-catalog.ts'

/** The catalog of the settings: a REST catalog, or the one in the bucket itself. */
export function openCatalog(
  bucket: R2Bucket,
  { bucketName, catalog }: ArchiveSettings,
  post: typeof fetch,
): Catalog {
  return catalog ? openRestCatalog(catalog, post) : openBucketCatalog(bucket, `s3://${bucketName}`)
}
