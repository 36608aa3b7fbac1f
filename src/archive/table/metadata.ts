import { PARTITION_FIELD_ID, PARTITION_SPEC, SCHEMA, SORT_ORDER, type Schema } from './schema.ts'
import type { NewSnapshot } from './manifest.ts'

export type Snapshot = {
  'snapshot-id': number
  'parent-snapshot-id'?: number
  'sequence-number': number
  'timestamp-ms': number
  'manifest-list': string
  summary: Readonly<Record<string, string>>
  'schema-id': number
}

/** The metadata of a table: https://iceberg.apache.org/spec/#table-metadata */
export type TableMetadata = {
  'format-version': number
  'table-uuid': string
  location: string
  'last-sequence-number': number
  'last-updated-ms': number
  'last-column-id': number
  'current-schema-id': number
  schemas: Schema[]
  'current-snapshot-id'?: number | null
  snapshots?: Snapshot[]
  refs?: Readonly<Record<string, { 'snapshot-id': number; type: string }>>
}

/** The metadata of a new table without events. @param location its URI */
export function createTable(location: string, now: number) {
  return {
    'format-version': 2,
    'table-uuid': crypto.randomUUID(),
    location,
    'last-sequence-number': 0,
    'last-updated-ms': now,
    'last-column-id': SCHEMA.fields.length,
    'current-schema-id': SCHEMA['schema-id'],
    schemas: [SCHEMA],
    'default-spec-id': PARTITION_SPEC['spec-id'],
    'partition-specs': [PARTITION_SPEC],
    'last-partition-id': PARTITION_FIELD_ID,
    'default-sort-order-id': SORT_ORDER['order-id'],
    'sort-orders': [SORT_ORDER],
    properties: {},
    'current-snapshot-id': -1,
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    refs: {},
  } satisfies TableMetadata & Record<string, unknown>
}

/** The current snapshot; undefined before the first commit. */
export function currentSnapshot(metadata: TableMetadata): Snapshot | undefined {
  const id = metadata['current-snapshot-id']
  return metadata.snapshots?.find((snapshot) => snapshot['snapshot-id'] === id)
}

/** The snapshot that follows. Its ID is a safe integer, so that JSON keeps it. */
export function startSnapshot(metadata: TableMetadata): NewSnapshot {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
  const id = (high % 2 ** 21) * 2 ** 32 + low
  return { id, sequence: metadata['last-sequence-number'] + 1 }
}

/** The current schema with the columns of this release: a release may add some. */
export function schemaOf(metadata: TableMetadata): Schema {
  const current = metadata.schemas.find(
    (schema) => schema['schema-id'] === metadata['current-schema-id'],
  )
  if (current && current.fields.length >= SCHEMA.fields.length) return current
  return {
    ...SCHEMA,
    'schema-id': Math.max(...metadata.schemas.map((each) => each['schema-id'])) + 1,
  }
}

/** The metadata with a new current snapshot, and without the others: what they were is nobody's history. */
export function addSnapshot<Metadata extends TableMetadata>(
  metadata: Metadata,
  schema: Schema,
  snapshot: Snapshot,
): Metadata {
  const { 'snapshot-id': id, 'timestamp-ms': at } = snapshot
  const isKnown = metadata.schemas.some((each) => each['schema-id'] === schema['schema-id'])
  return {
    ...metadata,
    'last-sequence-number': snapshot['sequence-number'],
    'last-updated-ms': at,
    'last-column-id': Math.max(metadata['last-column-id'], schema.fields.length),
    'current-schema-id': schema['schema-id'],
    schemas: isKnown ? metadata.schemas : [...metadata.schemas, schema],
    'current-snapshot-id': id,
    snapshots: [snapshot],
    'snapshot-log': [{ 'snapshot-id': id, 'timestamp-ms': at }],
    refs: { main: { 'snapshot-id': id, type: 'branch' } },
  }
}
