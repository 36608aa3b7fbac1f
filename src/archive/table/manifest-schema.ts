import type { AvroRecord, AvroSchema } from './avro.ts'
import { PARTITION_FIELD, PARTITION_FIELD_ID } from './schema.ts'

// The numbers are those of Iceberg's specification: https://iceberg.apache.org/spec/#manifests

/** A count or bound of a column, by the column's ID. */
export type ByColumn<Value> = { key: number; value: Value }

/** A data file of the table. */
export type Entry = {
  status: number
  /** The snapshot that added it; null for that of the manifest. */
  snapshot_id: number | null
  sequence_number: number | null
  file_sequence_number: number | null
  data_file: {
    content: number
    file_path: string
    file_format: string
    partition: { [PARTITION_FIELD]: number }
    record_count: number
    file_size_in_bytes: number
    value_counts: ByColumn<number>[]
    null_value_counts: ByColumn<number>[]
    lower_bounds: ByColumn<Uint8Array>[]
    upper_bounds: ByColumn<Uint8Array>[]
    sort_order_id: number
  }
}

/** A manifest in the list of a snapshot. */
export type ManifestFile = {
  manifest_path: string
  manifest_length: number
  partition_spec_id: number
  content: number
  sequence_number: number
  min_sequence_number: number
  added_snapshot_id: number
  added_files_count: number
  existing_files_count: number
  deleted_files_count: number
  added_rows_count: number
  existing_rows_count: number
  deleted_rows_count: number
  partitions: {
    contains_null: boolean
    contains_nan: boolean
    lower_bound: Uint8Array
    upper_bound: Uint8Array
  }[]
}

/** A field of a record, with the number by which Iceberg knows it. */
function field(id: number, name: string, type: AvroSchema) {
  return { name, type, 'field-id': id }
}

function optional(id: number, name: string, type: AvroSchema) {
  return { name, type: ['null', type] as const, default: null, 'field-id': id }
}

function arrayOf(items: AvroSchema, attributes: object): AvroSchema {
  return Object.assign({ type: 'array', items } as const, attributes)
}

/** Values by column: a map whose keys are no texts, which Avro has as an array. */
function byColumn(keyId: number, valueId: number, value: AvroSchema): AvroSchema {
  const fields = [field(keyId, 'key', 'int'), field(valueId, 'value', value)]
  const items = { type: 'record', name: `k${keyId}_v${valueId}`, fields } as const
  return arrayOf(items, { logicalType: 'map' })
}

const PARTITION: AvroRecord = {
  type: 'record',
  name: 'r102',
  fields: [optional(PARTITION_FIELD_ID, PARTITION_FIELD, 'int')],
}

const DATA_FILE: AvroRecord = {
  type: 'record',
  name: 'r2',
  fields: [
    field(134, 'content', 'int'),
    field(100, 'file_path', 'string'),
    field(101, 'file_format', 'string'),
    field(102, 'partition', PARTITION),
    field(103, 'record_count', 'long'),
    field(104, 'file_size_in_bytes', 'long'),
    optional(109, 'value_counts', byColumn(119, 120, 'long')),
    optional(110, 'null_value_counts', byColumn(121, 122, 'long')),
    optional(125, 'lower_bounds', byColumn(126, 127, 'bytes')),
    optional(128, 'upper_bounds', byColumn(129, 130, 'bytes')),
    optional(140, 'sort_order_id', 'int'),
  ],
}

/** A record of a manifest: a data file. */
export const ENTRY: AvroRecord = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    field(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    field(2, 'data_file', DATA_FILE),
  ],
}

const PARTITION_SUMMARY: AvroRecord = {
  type: 'record',
  name: 'r508',
  fields: [
    field(509, 'contains_null', 'boolean'),
    optional(518, 'contains_nan', 'boolean'),
    optional(510, 'lower_bound', 'bytes'),
    optional(511, 'upper_bound', 'bytes'),
  ],
}

/** A record of a manifest list: a manifest. */
export const MANIFEST_FILE: AvroRecord = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_files_count', 'int'),
    field(505, 'existing_files_count', 'int'),
    field(506, 'deleted_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
    optional(507, 'partitions', arrayOf(PARTITION_SUMMARY, { 'element-id': 508 })),
  ],
}
