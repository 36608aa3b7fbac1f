import { archiveBucket, archiveSettings } from '../settings/settings.ts'
import type { Archive } from './commit-changes.ts'
import type { Catalog } from './table/catalog.ts'
import { openCatalog } from './table/open-catalog.ts'

/** The archive of the bindings; undefined if no bucket is bound. */
export function openArchive(env: Env): Archive | undefined {
  const bucket = archiveBucket(env)
  return bucket && { db: env.DB, bucket, catalog: catalogOf(env, bucket) }
}

/** Its settings are read once it is used: an erasure that changes no file ends even if one is invalid. */
function catalogOf(env: Env, bucket: R2Bucket): Catalog {
  let opened: Catalog | undefined
  const open = () => (opened ??= openCatalog(bucket, archiveSettings(env), fetch))
  return {
    load: async () => open().load(),
    commit: async (base, next) => open().commit(base, next),
  }
}
