import { gzipSync } from 'node:zlib'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { ParquetWriter } from 'hyparquet-writer/src/parquet-writer.js'
import { chunkBySize } from '../platform/chunk-by-size.ts'
import type { StoredEvent } from '../db/stored-event.ts'
import { COLUMNS, SCHEMA, type ArchiveColumn } from './columns.ts'

/**
 * The maximum rows of a file. Encoding, including the rows themselves, takes some 40 MB of the 128 that a Worker has,
 * and half a second of CPU; so does reading and rewriting a file.
 */
export const MAX_FILE_ROWS = 25_000

/**
 * The maximum characters (`countCharacters`) of a file's rows, unless it is a single row: incompressible text is in
 * memory several times, with up to three bytes a character.
 */
export const MAX_FILE_CHARACTERS = 8_000_000

/** The columns whose range in each group tells whether it needs to be read. */
const SEARCHED: readonly ArchiveColumn['name'][] = ['occurredAt', 'contactId']

/** The rows of a group: few, so that reading one contact's events reads little else. */
const GROUP = { items: 1_000, bytes: MAX_FILE_CHARACTERS / 4 }

/**
 * A Parquet file of events with the table's columns, compressed.
 *
 * @param rows in the order of `compareByContact`, within the limits above
 */
export function encodeParquet(rows: readonly StoredEvent[]): ArrayBuffer {
  const file = new ParquetFile()
  const groups = chunkBySize(rows, countCharacters, GROUP)
  return joinPieces([...groups.flatMap((group) => file.addGroup(group)), ...file.end()]).buffer
}

/**
 * A Parquet file of events that is written group by group. Of the groups before, only their places are in memory: some
 * 26 KB each.
 */
export class ParquetFile {
  readonly #writer = new PieceWriter()
  readonly #file = new ParquetWriter({
    writer: this.#writer,
    schema: SCHEMA,
    // Unlike Brotli, every program reads it. Zstandard would be smaller by a tenth, but workerd fails on incompressible
    // data, https://github.com/cloudflare/workerd/issues/6769
    codec: 'GZIP',
    compressors: { GZIP: (bytes) => gzipSync(bytes) },
  })

  /** Adds a group of rows. @returns the next pieces of the file */
  addGroup(rows: readonly StoredEvent[]): Uint8Array<ArrayBuffer>[] {
    const columnData = COLUMNS.map((column) => ({
      name: column.name,
      data: rows.map((row) => toValue(column, row[column.name])),
      statistics: SEARCHED.includes(column.name),
      offsetIndex: false, // a column of a group has few pages
    }))
    void this.#file.write({ columnData, rowGroupSize: rows.length }) // writes to memory: nothing to wait for
    return this.#writer.take()
  }

  /** The last pieces of the file. */
  end(): Uint8Array<ArrayBuffer>[] {
    void this.#file.finish()
    return this.#writer.take()
  }
}

/** Pieces as one. */
export function joinPieces(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.byteLength
  }
  return joined
}

/** The size of a row: the characters of its texts. */
export function countCharacters(row: StoredEvent): number {
  let characters = 0
  for (const { name } of COLUMNS) {
    const cell = row[name]
    if (typeof cell === 'string') characters += cell.length
  }
  return characters
}

function toValue({ kind }: ArchiveColumn, cell: string | number | null) {
  if (cell === null || kind === 'text') return cell
  if (kind === 'flag') return cell !== 0
  return kind === 'time' ? BigInt(cell) * 1000n : BigInt(cell)
}

/** Starts a new buffer for each group: a single one would be copied whenever it grows. */
class PieceWriter extends ByteWriter {
  #pieces: Uint8Array<ArrayBuffer>[] = []

  flush(): void {
    this.#pieces.push(new Uint8Array(this.getBuffer()))
    this.index = 0
  }

  /** The pieces since the last call. */
  take(): Uint8Array<ArrayBuffer>[] {
    if (this.index > 0) this.flush()
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }
}
