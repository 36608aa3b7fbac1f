import type { AsyncBuffer, RowGroup, SchemaTree } from 'hyparquet'
import { parquetMetadataAsync, parquetSchema } from 'hyparquet/src/metadata.js'
import type { StoredActivity } from '../db/stored-activity.ts'
import { decodeChunk, findChunk, type Cell } from './chunk.ts'
import { COLUMNS, type ArchiveColumn } from './columns.ts'

/**
 * The rows of a file, a group of them at a time, so that no more is in memory; each group is one
 * read. A column that the file lacks is null in all rows.
 *
 * @param names of the columns to read; where none are given, all, and the file may have no others
 * @throws Error where the file cannot be read, or is none of ours
 */
export async function* readGroups<Name extends keyof StoredActivity = keyof StoredActivity>(
  file: AsyncBuffer,
  names?: readonly Name[],
): AsyncGenerator<Pick<StoredActivity, Name>[]> {
  const metadata = await parquetMetadataAsync(file, { geoparquet: false })
  const root = parquetSchema(metadata)
  checkColumns(root, names === undefined)
  const wanted = COLUMNS.filter(({ name }) => !names || names.some((each) => each === name))
  for (const group of metadata.row_groups) {
    const columns = await readColumns(file, group, root, wanted)
    // All that was asked for, and each of its own type, as it was checked.
    yield toRows(columns, Number(group.num_rows)) as Pick<StoredActivity, Name>[]
  }
}

function checkColumns({ children }: SchemaTree, isAll: boolean): void {
  const found = new Map(children.map(({ element }) => [element.name, element]))
  for (const { name, element } of COLUMNS) {
    const { type, repetition_type } = found.get(name) ?? { repetition_type: 'OPTIONAL' }
    if (repetition_type !== element.repetition_type || (type && type !== element.type)) {
      throw new Error(`The column ${name} is not as it should be: this is no file of the archive.`)
    }
    found.delete(name)
  }
  const [unknown] = found.keys()
  if (isAll && unknown !== undefined) {
    throw new Error(`The column ${unknown} is of a newer release: read the file with that one.`)
  }
}

async function readColumns(
  file: AsyncBuffer,
  group: RowGroup,
  root: SchemaTree,
  wanted: readonly ArchiveColumn[],
): Promise<Map<string, Cell[]>> {
  const chunks = wanted.flatMap((column) => findChunk(column, group, root) ?? [])
  const columns = new Map(wanted.map(({ name }): [string, Cell[]] => [name, []]))
  if (chunks.length === 0) return columns
  // What lies between them is read too: it is small, while every read of its own takes time.
  const start = Math.min(...chunks.map((chunk) => chunk.start))
  const bytes = await file.slice(start, Math.max(...chunks.map((chunk) => chunk.end)))
  for (const chunk of chunks) {
    const view = new DataView(bytes, chunk.start - start, chunk.end - chunk.start)
    columns.set(chunk.column.name, decodeChunk(chunk, view, Number(group.num_rows)))
  }
  return columns
}

function toRows(columns: ReadonlyMap<string, Cell[]>, count: number): Record<string, Cell>[] {
  const names = [...columns.keys()]
  const cells = [...columns.values()]
  // A copy of what was parsed takes less than half the memory of an object put together name by name.
  const blank = JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))
  const template: Record<string, Cell> = JSON.parse(blank)
  return Array.from({ length: count }, (_, place) => {
    const row = { ...template }
    for (const [index, name] of names.entries()) row[name] = cells[index]?.[place] ?? null
    return row
  })
}
