import {
  keyOfFile,
  numberOfMonth,
  startOfMonth,
  type Content,
  type FileKey,
} from '../../db/archive/files.ts'
import { decodeAvro, encodeAvro } from './avro.ts'
import {
  ENTRY,
  MANIFEST_FILE,
  type ByColumn,
  type Entry,
  type ManifestFile,
} from './manifest-schema.ts'
import { idOf, PARTITION_FIELD, PARTITION_SPEC, SORT_ORDER, type Schema } from './schema.ts'

/** Whether a file was added by the manifest's snapshot, or before. */
const [EXISTING, ADDED] = [0, 1]

const DATA = 0 // not deletes

const [TIME, CONTACT] = [idOf('occurredAt'), idOf('contactId')]

/** A data file that belongs to the table. */
export type DataFile = FileKey & Content

/** A snapshot that is to be committed. */
export type NewSnapshot = { id: number; sequence: number }

/**
 * The entries of a month's files.
 *
 * @param root the URI of the bucket, without a slash at its end
 * @param before the month's entries in the table so far, by path
 */
export function buildEntries(
  root: string,
  files: readonly DataFile[],
  before: ReadonlyMap<string, Entry>,
): Entry[] {
  return files.map((file) => {
    const path = `${root}/${keyOfFile(file)}`
    const known = before.get(path)
    return {
      status: known ? EXISTING : ADDED,
      snapshot_id: known?.snapshot_id ?? null,
      sequence_number: known?.sequence_number ?? null,
      file_sequence_number: known?.file_sequence_number ?? null,
      data_file: describeFile(path, file),
    }
  })
}

function describeFile(path: string, file: DataFile): Entry['data_file'] {
  return {
    content: DATA,
    file_path: path,
    file_format: 'PARQUET',
    partition: { [PARTITION_FIELD]: numberOfMonth(file.month) },
    record_count: file.events,
    file_size_in_bytes: file.bytes,
    value_counts: [{ key: CONTACT, value: file.events }],
    // Without a count of nulls, ClickHouse leaves out no file by the column's bounds.
    null_value_counts: [
      { key: TIME, value: 0 },
      { key: CONTACT, value: file.withoutContact },
    ],
    lower_bounds: boundsOf(file.firstAt, file.minContact),
    upper_bounds: boundsOf(file.lastAt, file.maxContact),
    sort_order_id: SORT_ORDER['order-id'],
  }
}

/** Bounds of the two columns that readers leave out files by; never of addresses. */
function boundsOf(at: number | null, contact: string | null): ByColumn<Uint8Array>[] {
  const bounds: ByColumn<Uint8Array>[] = []
  if (at !== null) bounds.push({ key: TIME, value: toBytes(BigInt(at) * 1_000n) })
  if (contact !== null) bounds.push({ key: CONTACT, value: toBytes(BigInt(contact)) })
  return bounds
}

const KEY = /\/month=(\d{4})-(\d\d)\/(\d+)-(\d+)\.parquet$/

/** The file of an entry; undefined if it is none of the archive's. */
export function readEntry({ data_file: file }: Entry): DataFile | undefined {
  const match = KEY.exec(file.file_path)
  if (!match) return undefined
  const [year = 0, month = 0, number = 0, version = 0] = match.slice(1).map(Number)
  const [time, contact] = [idOf('occurredAt'), idOf('contactId')]
  const bound = (bounds: ByColumn<Uint8Array>[], id: number) => {
    const found = bounds.find(({ key }) => key === id)
    return found ? toLong(found.value) : null
  }
  const times = [file.lower_bounds, file.upper_bounds].map((bounds) => bound(bounds, time))
  const contacts = [file.lower_bounds, file.upper_bounds].map((bounds) => bound(bounds, contact))
  const [firstAt, lastAt] = times.map((at) => (at === null ? null : Number(at / 1_000n)))
  const [minContact, maxContact] = contacts.map((id) => (id === null ? null : String(id)))
  return {
    month: startOfMonth((year - 1970) * 12 + month - 1),
    file: number,
    version,
    events: file.record_count,
    bytes: file.file_size_in_bytes,
    firstAt: firstAt ?? null,
    lastAt: lastAt ?? null,
    minContact: minContact ?? null,
    maxContact: maxContact ?? null,
    withoutContact: file.null_value_counts.find(({ key }) => key === contact)?.value ?? 0,
  }
}

function toLong({ buffer, byteOffset }: Uint8Array): bigint {
  return new DataView(buffer, byteOffset).getBigInt64(0, true)
}

/** A `long` as Iceberg's bounds have it. */
function toBytes(long: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigInt64(0, long, true)
  return new Uint8Array(view.buffer)
}

export function encodeManifest(schema: Schema, entries: readonly Entry[]): Uint8Array {
  const metadata = {
    schema: JSON.stringify(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': JSON.stringify(PARTITION_SPEC.fields),
    'partition-spec-id': String(PARTITION_SPEC['spec-id']),
    'format-version': '2',
    content: 'data',
  }
  return encodeAvro(ENTRY, metadata, entries)
}

/** The entries of a manifest, each with the snapshot and sequence that it inherits. @throws Error if it is invalid */
export function decodeManifest(bytes: Uint8Array, manifest: ManifestFile): Entry[] {
  const { rows } = decodeAvro<Entry>(bytes)
  for (const entry of rows) {
    entry.snapshot_id ??= manifest.added_snapshot_id
    entry.sequence_number ??= manifest.sequence_number
    entry.file_sequence_number ??= manifest.sequence_number
  }
  return rows
}

/** The manifest of a month as the manifest list has it. */
export function describeManifest(
  path: string,
  bytes: number,
  month: number,
  entries: readonly Entry[],
  snapshot: NewSnapshot,
): ManifestFile {
  const bound = new Uint8Array(4)
  new DataView(bound.buffer).setInt32(0, numberOfMonth(month), true)
  const [added, existing] = [ADDED, EXISTING].map((status) => {
    const ofStatus = entries.filter((entry) => entry.status === status)
    return { files: ofStatus.length, rows: countRows(ofStatus) }
  })
  const sequences = entries.map((entry) => entry.sequence_number ?? snapshot.sequence)
  return {
    manifest_path: path,
    manifest_length: bytes,
    partition_spec_id: PARTITION_SPEC['spec-id'],
    content: DATA,
    sequence_number: snapshot.sequence,
    min_sequence_number: Math.min(...sequences),
    added_snapshot_id: snapshot.id,
    added_files_count: added?.files ?? 0,
    existing_files_count: existing?.files ?? 0,
    deleted_files_count: 0,
    added_rows_count: added?.rows ?? 0,
    existing_rows_count: existing?.rows ?? 0,
    deleted_rows_count: 0,
    partitions: [
      { contains_null: false, contains_nan: false, lower_bound: bound, upper_bound: bound },
    ],
  }
}

function countRows(entries: readonly Entry[]): number {
  return entries.reduce((sum, { data_file: file }) => sum + file.record_count, 0)
}

/** The beginning of the month of a manifest in the list: UTC milliseconds. */
export function monthOfManifest({ partitions: [partition] }: ManifestFile): number {
  const { buffer, byteOffset } = partition?.lower_bound ?? new Uint8Array(4)
  return startOfMonth(new DataView(buffer, byteOffset).getInt32(0, true))
}

/** Whether a manifest in the list is that of a month. */
export function isOfMonth(manifest: ManifestFile, month: number): boolean {
  return monthOfManifest(manifest) === month
}

export function encodeManifestList(
  manifests: readonly ManifestFile[],
  snapshot: NewSnapshot,
  parent: number | undefined,
): Uint8Array {
  const metadata = {
    'snapshot-id': String(snapshot.id),
    'parent-snapshot-id': String(parent ?? null),
    'sequence-number': String(snapshot.sequence),
    'format-version': '2',
  }
  return encodeAvro(MANIFEST_FILE, metadata, manifests)
}

/** @throws Error if it is invalid */
export function decodeManifestList(bytes: Uint8Array): ManifestFile[] {
  return decodeAvro<ManifestFile>(bytes).rows
}
