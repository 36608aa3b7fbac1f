import type { TableMetadata } from './metadata.ts'

/** A version of the table. */
export type TableVersion = {
  /** Counted by the catalog; 0 if it does not count. */
  number: number
  metadata: TableMetadata
  /** The URI of the bucket, without a slash at its end: an object's is this, a slash and its key. */
  root: string
}

/** What keeps which version of the table is the current one. */
export type Catalog = {
  /** The current version; an empty table if nothing was ever committed. */
  load(): Promise<TableVersion>
  /**
   * Makes metadata the version that follows.
   *
   * @param base the version that they were made from
   * @returns false if another commit came first
   * @throws Error if it is unknown whether it was committed, too
   */
  commit(base: TableVersion, next: TableMetadata): Promise<boolean>
}
