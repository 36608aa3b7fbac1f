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
  { name: 'db/write', source: 'src/db/write', worker: ['test/db'], node: [] },
  { name: 'db/derived', source: 'src/db/derived', worker: ['test/db'], node: [] },
]
