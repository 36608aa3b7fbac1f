import type { AsyncBuffer, RowGroup, SchemaTree } from 'hyparquet'
import { parquetMetadataAsync, parquetSchema } from 'hyparquet/src/metadata.js'
import type { StoredEvent } from '../db/stored-event.ts'
import { decodeChunk, findChunk, type Cell } from './chunk.ts'
import { COLUMNS, type ArchiveColumn } from './columns.ts'
import { keepRanges, type Range } from './ranges.ts'

/** Groups within so many bytes are read together: an invocation has 1,000 reads, and 128 MB of memory. */
const READ_BYTES = 2_000_000
/** Bytes between columns that are read all the same, as a read of its own would take longer. */
const MAX_GAP = 200_000

/** A group, where its selected columns are, and how many of its first rows are left out. */
type Located = { group: RowGroup; range: Range | undefined; skipped: number }

/**
 * The rows of a file, one group at a time to save memory. A column that the file lacks is null in all rows.
 *
 * @param names the columns to read; if omitted, all columns, and the file must have no others
 * @param from the number of rows to leave out; groups of nothing else are not read
 * @throws Error if the file cannot be read, or is not one of the archive
 */
export async function* readGroups<Name extends keyof StoredEvent = keyof StoredEvent>(
  file: AsyncBuffer,
  names?: readonly Name[],
  from = 0,
): AsyncGenerator<Pick<StoredEvent, Name>[]> {
  const metadata = await parquetMetadataAsync(file, { geoparquet: false })
  const root = parquetSchema(metadata)
  checkColumns(root, names === undefined)
  const selected = COLUMNS.filter(({ name }) => !names || names.some((each) => each === name))
  let start = 0
  const groups = metadata.row_groups.flatMap((group): Located[] => {
    const skipped = Math.max(0, from - start)
    start += Number(group.num_rows)
    if (skipped >= group.num_rows) return []
    return [{ group, range: rangeOf(group, root, selected), skipped }]
  })
  for (const batch of inBatches(groups)) {
    const ranges = batch.map(({ range }) => range)
    const content = await keepRanges(file, ranges, MAX_GAP)
    for (const { group, skipped } of batch) {
      const columns = await readColumns(content, group, root, selected)
      // One reasoned cast: the selected columns, with the types that were checked.
      yield toRows(columns, Number(group.num_rows)).slice(skipped) as Pick<StoredEvent, Name>[]
    }
  }
}

/** The bytes from the first to the last of some columns of a group; undefined if the group has none of them. */
export function rangeOf(
  group: RowGroup,
  root: SchemaTree,
  selected: readonly ArchiveColumn[],
): Range | undefined {
  const chunks = selected.flatMap((column) => findChunk(column, group, root) ?? [])
  return chunks.length === 0 ? undefined : spanOf(chunks)
}

function spanOf(chunks: readonly { start: number; end: number }[]): Range {
  return [Math.min(...chunks.map(({ start }) => start)), Math.max(...chunks.map(({ end }) => end))]
}

/** Some groups after each other, which are read together: as many as `READ_BYTES` have. */
function* inBatches(groups: readonly Located[]): Generator<Located[]> {
  let batch: Located[] = []
  for (const located of groups) {
    const first = batch.find(({ range }) => range)?.range
    if (first && located.range && located.range[1] - first[0] > READ_BYTES) {
      yield batch
      batch = []
    }
    batch.push(located)
  }
  yield batch
}

/** @throws Error if it is not a file of the archive, or has other columns although `isAll` */
export function checkColumns({ children }: SchemaTree, isAll: boolean): void {
  const found = new Map(children.map(({ element }) => [element.name, element]))
  for (const { name, element } of COLUMNS) {
    const { type, repetition_type } = found.get(name) ?? { repetition_type: 'OPTIONAL' }
    if (repetition_type !== element.repetition_type || (type && type !== element.type)) {
      throw new Error(`The column ${name} has another type: this is not a file of the archive.`)
    }
    found.delete(name)
  }
  const [unknown] = found.keys()
  if (isAll && unknown !== undefined) {
    throw new Error(`The column ${unknown} is of a newer release: read the file with that one.`)
  }
}

/** The cells of some columns of a group. @param rows the indexes of the rows; undefined for all */
export async function readColumns(
  file: AsyncBuffer,
  group: RowGroup,
  root: SchemaTree,
  selected: readonly ArchiveColumn[],
  rows?: readonly number[],
): Promise<Map<string, Cell[]>> {
  const chunks = selected.flatMap((column) => findChunk(column, group, root) ?? [])
  const columns = new Map(selected.map(({ name }): [string, Cell[]] => [name, []]))
  if (chunks.length === 0) return columns
  // Bytes between them are read, too: they are few, and every read takes time.
  const [start, end] = spanOf(chunks)
  const bytes = await file.slice(start, end)
  for (const chunk of chunks) {
    const view = new DataView(bytes, chunk.start - start, chunk.end - chunk.start)
    columns.set(chunk.column.name, decodeChunk(chunk, view, Number(group.num_rows), rows))
  }
  return columns
}

/** The rows of some columns. @param count of the rows */
export function toRows(
  columns: ReadonlyMap<string, Cell[]>,
  count: number,
): Record<string, Cell>[] {
  const names = [...columns.keys()]
  const cells = [...columns.values()]
  // A copy of a parsed object takes less than half the memory of an object that is built name by name.
  const blank = JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))
  const template: Record<string, Cell> = JSON.parse(blank)
  return Array.from({ length: count }, (_, row) => {
    const copy = { ...template }
    for (const [index, name] of names.entries()) copy[name] = cells[index]?.[row] ?? null
    return copy
  })
}
