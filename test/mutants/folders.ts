/** A folder of `src` that is mutated, and the test files and folders that have to notice. */
export type Folder = { name: string; source: string; tests: readonly string[] }

export const FOLDERS: readonly Folder[] = [
  { name: 'event', source: 'src/event', tests: ['test/event'] },
  { name: 'ingest', source: 'src/ingest', tests: ['test/ingest', 'test/consume-batch.test.ts'] },
  {
    name: 'db/write',
    source: 'src/db/write',
    // Of ingest, those that store raw messages, large bodies and repeated ones.
    tests: [
      'test/db',
      'test/ingest/advance-body.test.ts',
      'test/ingest/broken.test.ts',
      'test/ingest/consume-deferred.test.ts',
      'test/ingest/last-try.test.ts',
    ],
  },
  {
    name: 'db/derived',
    source: 'src/db/derived',
    // The feed of suppressions, and events that the webhook confirms.
    tests: ['test/db', 'test/suppressions', 'test/sync/sync.test.ts'],
  },
]

/** Tests that fail in Node.js, but not each time: V8 there has an error in `JSON.parse` with source text. */
export const ONLY_IN_WORKERD: readonly string[] = [
  'test/event/exact-number.test.ts',
  'test/event/repeated-key.test.ts',
  'test/event/slice-elements.test.ts',
]
