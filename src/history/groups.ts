import type { AsyncBuffer, RowGroup, SchemaTree } from 'hyparquet'
import { parquetMetadataAsync, parquetSchema } from 'hyparquet/src/metadata.js'
import { keyOfFile } from '../db/archive/files.ts'
import type { Contacts, ReadableFile } from '../db/archive/readable.ts'
import type { Span } from '../db/events/campaign-hours.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import type { Cell } from '../parquet/chunk.ts'
import { COLUMNS, type ArchiveColumn } from '../parquet/columns.ts'
import { keepRanges } from '../parquet/ranges.ts'
import { checkColumns, rangeOf, readColumns, toRows } from '../parquet/row-groups.ts'
import { openContent, TAIL_BYTES } from './content.ts'
import type { Work } from './work.ts'

/** A group of rows of a file, whose columns are read one by one. */
export type Group = {
  /** The key of the file's object. */
  key: string
  content: AsyncBuffer
  root: SchemaTree
  rowGroup: RowGroup
  rows: number
}

/** What is looked for; `contacts` is undefined if the events of all of them are. */
export type Sought = { contacts: Contacts | undefined; spans: readonly Span[] }

/** The cells of some columns of a group. */
export type Columns = ReadonlyMap<string, readonly Cell[]>

/**
 * Opens a file to read parts of it.
 *
 * @param work counts every read of the file, also those that follow
 * @throws what R2 throws, and Error if it is not in the bucket, or is not a file of the archive
 */
export async function openGroups(
  bucket: R2Bucket,
  file: ReadableFile,
  work: Work,
): Promise<Group[]> {
  const key = keyOfFile(file)
  const content = await openContent(bucket, key, file.bytes, () => work.addRead())
  const options = { geoparquet: false, initialFetchSize: TAIL_BYTES }
  const metadata = await parquetMetadataAsync(content, options)
  const root = parquetSchema(metadata)
  checkColumns(root, false)
  work.addGroups(metadata.row_groups.length)
  return metadata.row_groups.map((rowGroup) => {
    return { key, content, root, rowGroup, rows: Number(rowGroup.num_rows) }
  })
}

/** Whether a group may have what is looked for, by the statistics of its columns. */
export function mayHave({ rowGroup }: Group, { contacts, spans }: Sought): boolean {
  const times = boundsOf(rowGroup, 'occurredAt')
  const isInTime = spans.some(({ since, until }) => times.max >= since && times.min < until)
  if (!isInTime || !contacts) return isInTime
  const { min, max, hasNulls } = boundsOf(rowGroup, 'contactId')
  if (contacts.nameless && hasNulls) return true
  return contacts.ids.some((id) => BigInt(id) >= min && BigInt(id) <= max)
}

/** The least and the greatest contact of a group; null if it has none. */
export function contactsIn({ rowGroup }: Group): { first: bigint; last: bigint } | null {
  const { min, max } = boundsOf(rowGroup, 'contactId')
  if (min === Infinity) return null
  return {
    first: typeof min === 'bigint' ? min : MIN_CONTACT,
    last: typeof max === 'bigint' ? max : MAX_CONTACT,
  }
}

/** The least and the greatest integer that SQLite has. */
const [MIN_CONTACT, MAX_CONTACT] = [-(2n ** 63n), 2n ** 63n - 1n]

/** Whether a group may have events without a contact. */
export function mayHaveNameless({ rowGroup }: Group): boolean {
  return boundsOf(rowGroup, 'contactId').hasNulls
}

type Bounds = { min: bigint | number; max: bigint | number; hasNulls: boolean }

/** The least and the greatest value of a column; if the file does not say, they are open. */
function boundsOf({ columns }: RowGroup, name: keyof StoredEvent): Bounds {
  const meta = columns.find((each) => each.meta_data?.path_in_schema[0] === name)?.meta_data
  const { min_value: min, max_value: max, null_count: nulls } = meta?.statistics ?? {}
  const hasNulls = nulls === undefined || Number(nulls) > 0
  const isAllNull = meta?.num_values !== undefined && Number(nulls) === Number(meta.num_values)
  if (isAllNull) return { min: Infinity, max: -Infinity, hasNulls }
  return { min: toNumber(min, -Infinity), max: toNumber(max, Infinity), hasNulls }
}

function toNumber(value: unknown, otherwise: number): bigint | number {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'bigint' ? value : otherwise
}

/**
 * Reads some columns of groups of one file ahead: together, in as few requests as possible.
 *
 * @param names undefined for all columns
 * @returns the same groups
 */
export async function readAhead(
  groups: readonly Group[],
  names: readonly (keyof StoredEvent)[] | undefined,
): Promise<Group[]> {
  const [first] = groups
  if (!first) return []
  const selected = selectColumns(names)
  const ranges = groups.map(({ rowGroup, root }) => rangeOf(rowGroup, root, selected))
  const content = await keepRanges(first.content, ranges)
  return groups.map((group) => ({ ...group, content }))
}

/** The cells of some columns of a group. @param rows the indexes of the rows; undefined for all */
export async function readCells(
  { content, root, rowGroup }: Group,
  names: readonly (keyof StoredEvent)[],
  rows?: readonly number[],
): Promise<Columns> {
  return readColumns(content, rowGroup, root, selectColumns(names), rows)
}

/** Some events of a group. @param rows their indexes */
export async function readEvents(
  { content, root, rowGroup }: Group,
  rows: readonly number[],
): Promise<StoredEvent[]> {
  const columns = await readColumns(content, rowGroup, root, COLUMNS, rows)
  // One reasoned cast: all columns, with the types that were checked.
  return toRows(columns, rows.length) as StoredEvent[]
}

function selectColumns(
  names: readonly (keyof StoredEvent)[] | undefined,
): readonly ArchiveColumn[] {
  return names ? COLUMNS.filter(({ name }) => names.includes(name)) : COLUMNS
}
