import { gunzipSync } from 'node:zlib'
import type { ColumnMetaData, RowGroup, SchemaTree } from 'hyparquet'
import { readColumn } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import type { ArchiveColumn } from './columns.ts'

/** A cell of a column, as in the table. */
export type Cell = string | number | null

/** The part of a file that holds one column of one group of rows. */
export type Chunk = {
  column: ArchiveColumn
  meta: ColumnMetaData
  /** The root of the file's schema, and the column. */
  path: SchemaTree[]
  /** Its first byte in the file, and the first byte after it. */
  start: number
  end: number
}

// The library's own decoder removes a byte order mark from the start of a text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const PARSERS = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (bytes: Uint8Array) => decoder.decode(bytes),
  timestampFromMicroseconds: (time: bigint) => Number(time / 1000n),
}

const DECODING = {
  compressors: { GZIP: (bytes: Uint8Array) => gunzipSync(bytes) },
  parsers: PARSERS,
}

/** Leaves texts as bytes: decoding all of them takes most of the time. */
const DECODING_LATER = {
  ...DECODING,
  parsers: { ...PARSERS, stringFromBytes: (bytes: Uint8Array) => bytes },
}

/** The position of a group's column; undefined if the file lacks it. */
export function findChunk(
  column: ArchiveColumn,
  { columns }: RowGroup,
  root: SchemaTree,
): Chunk | undefined {
  const leaf = root.children.find(({ element }) => element.name === column.name)
  const meta = columns.find((each) => each.meta_data?.path_in_schema[0] === column.name)?.meta_data
  if (!leaf || !meta) return undefined
  const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
  const end = start + Number(meta.total_compressed_size)
  return { column, meta, path: [root, leaf], start, end }
}

/**
 * The values of a chunk.
 *
 * @param view its bytes
 * @param count the number of the group's rows
 * @param rows the indexes of those to return; undefined for all
 * @throws Error if they cannot be read
 */
export function decodeChunk(
  { column, meta, path }: Chunk,
  view: DataView,
  count: number,
  rows?: readonly number[],
): Cell[] {
  const { data } = readColumn(
    { view, offset: 0 },
    { groupStart: 0, groupRows: count, selectStart: 0, selectEnd: count },
    {
      pathInSchema: meta.path_in_schema,
      type: meta.type,
      codec: meta.codec,
      element: column.element,
      schemaPath: path,
      ...(rows ? DECODING_LATER : DECODING),
    },
  )
  const values: unknown[] = []
  for (const page of data) for (const value of page) values.push(value)
  if (values.length !== count) {
    throw new Error(`The column ${column.name} has ${values.length} values for ${count} rows.`)
  }
  return (rows ? rows.map((row) => values[row]) : values).map(toCell)
}

function toCell(value: unknown): Cell {
  switch (typeof value) {
    case 'string':
    case 'number':
      return value
    case 'boolean':
      return value ? 1 : 0
    case 'bigint': // as text if a JavaScript number would lose digits
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    default:
      return value instanceof Uint8Array ? decoder.decode(value) : null
  }
}
