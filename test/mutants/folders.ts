/** A folder of `src` that is mutated, and the tests that have to notice. */
export type Folder = {
  name: string
  source: string
  /** Test files and folders, in workerd. */
  worker: readonly string[]
  /** Test files and folders, in Node.js: these start ten times as fast. Files that `worker` names are left out. */
  node: readonly string[]
}

export const FOLDERS: readonly Folder[] = [
  {
    name: 'event',
    source: 'src/event',
    // These three read columns of the database, or need JSON.parse of workerd's V8.
    worker: [
      'test/event/parameters.test.ts',
      'test/event/exact-number.test.ts',
      'test/event/repeated-key.test.ts',
    ],
    node: ['test/event'],
  },
  {
    name: 'ingest',
    source: 'src/ingest',
    worker: ['test/ingest', 'test/consume-batch.test.ts'],
    node: [],
  },
  {
    name: 'db/write',
    source: 'src/db/write',
    // Of ingest, those that store raw messages, large bodies and repeated ones.
    worker: [
      'test/db',
      'test/ingest/advance-body.test.ts',
      'test/ingest/broken.test.ts',
      'test/ingest/consume-deferred.test.ts',
      'test/ingest/last-try.test.ts',
    ],
    node: [],
  },
  {
    name: 'db/derived',
    source: 'src/db/derived',
    // The feed of suppressions, and events that the webhook confirms.
    worker: ['test/db', 'test/suppressions', 'test/sync/sync.test.ts'],
    node: [],
  },
]
