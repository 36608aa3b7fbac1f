import { archiveBucket, archiveSettings } from '../settings/settings.ts'
import type { Archive } from './commit-changes.ts'
import { openCatalog } from './table/open-catalog.ts'

/**
 * The archive of the bindings and settings; undefined if no bucket is bound.
 *
 * @throws HttpError 503 if a setting of it is invalid
 */
export function openArchive(env: Env): Archive | undefined {
  const bucket = archiveBucket(env)
  return bucket && { db: env.DB, bucket, catalog: openCatalog(bucket, archiveSettings(env), fetch) }
}
