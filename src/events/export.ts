import { PARAMETERS, type ParameterName, type TypeName } from '../event/parameters.ts'
import { cellToJson } from '../db/columns.ts'
import type { Filter } from '../db/events/filter.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { continueHistory, type History } from '../history/history.ts'
import { listHistory, type HistoryPage } from '../history/list.ts'
import { countCharacters, joinPieces, ParquetFile } from '../parquet/encode.ts'
import { toJson } from '../http/event-json.ts'
import { csvHeader, csvLine, shield } from '../http/csv.ts'
import { formatCursor } from '../http/cursor.ts'
import { streamExport, type ExportPage } from '../http/stream-export.ts'

// An export holds one page in memory, and takes a query a page; an invocation may run a thousand.
const FIRST_ROWS = 200
const MAX_ROWS = 2_000
const PAGE_LENGTH = 2_000_000 // in characters, about
const SCAN_ROWS = 20_000 // that a page reads at most, even if few match
const CHARACTERS_OF_NAMES = 300 // and of numbers, of an event as a line of JSON

// A group of rows of a Parquet file: large, as each has its place in the end of the file, which is in memory.
const GROUP_ROWS = 10_000
const GROUP_CHARACTERS = 2_000_000

const CSV_COLUMNS = [
  'id',
  'occurredAt',
  'receivedAt',
  'origin',
  ...PARAMETERS.map(({ name }) => name),
  'labels',
  'extra',
]

/** The export formats; without a header, it is Parquet. */
export const FORMATS = {
  csv: {
    type: 'text/csv',
    header: csvHeader(CSV_COLUMNS),
    write: (pages: EventPages) => writeLines(pages, toCsv),
  },
  ndjson: {
    type: 'application/x-ndjson',
    header: '',
    write: (pages: EventPages) => writeLines(pages, (event) => `${toJson(event)}\n`),
  },
  parquet: { type: 'application/vnd.apache.parquet', header: undefined, write: writeParquet },
} as const

export type Format = keyof typeof FORMATS

/**
 * Streams all events that match a filter. If the export is interrupted, the reader can continue after the `id` of the
 * last complete line.
 *
 * @param limit the maximum number of events
 * @throws what D1 throws for the first page, and HttpError if the archive cannot be read for it
 */
export async function exportEvents(
  history: History,
  format: Format,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
): Promise<Response> {
  const { type, header, write } = FORMATS[format]
  const file = { name: `activity.${format}`, type, header }
  return streamExport(file, write(readPages(history, filter, limit, after)))
}

/** Some events of an export, and whether they are the last. */
type EventPages = AsyncGenerator<{ events: readonly StoredEvent[]; isLast: boolean }, undefined>

async function* readPages(
  history: History,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
): EventPages {
  let cursor: EventKey | null | undefined = after
  let rows = FIRST_ROWS
  for (let left = limit; left > 0 && cursor !== null;) {
    const page: HistoryPage = await listHistory(
      continueHistory(history),
      filter,
      Math.min(rows, left),
      cursor,
      { budget: SCAN_ROWS },
    )
    const characters = page.events.reduce((sum, event) => sum + countCharacters(event), 0)
    const average = characters / Math.max(1, page.events.length) + CHARACTERS_OF_NAMES
    rows = Math.max(1, Math.min(MAX_ROWS, Math.floor(PAGE_LENGTH / average)))
    left -= page.events.length
    cursor = page.next
    yield { events: page.events, isLast: left <= 0 || cursor === null }
  }
  return undefined
}

async function* writeLines(
  pages: EventPages,
  line: (event: StoredEvent) => string,
): AsyncGenerator<ExportPage, undefined> {
  for await (const { events, isLast } of pages) yield { text: events.map(line).join(''), isLast }
  return undefined
}

/** Writes a group of rows as soon as there are enough, so that no more of them are in memory. */
async function* writeParquet(pages: EventPages): AsyncGenerator<ExportPage, undefined> {
  const file = new ParquetFile()
  let group: StoredEvent[] = []
  let characters = 0
  for await (const { events } of pages) {
    for (const event of events) {
      group.push(event)
      characters += countCharacters(event)
    }
    if (group.length < GROUP_ROWS && characters < GROUP_CHARACTERS) continue
    yield { text: joinPieces(file.addGroup(group)), isLast: false }
    group = []
    characters = 0
  }
  const last = group.length > 0 ? file.addGroup(group) : []
  yield { text: joinPieces([...last, ...file.end()]), isLast: true }
  return undefined
}

function toCsv(event: StoredEvent): string {
  const { occurredAt, receivedAt, origin, labels, extra } = event
  const cells = [
    formatCursor(event),
    new Date(occurredAt).toISOString(),
    new Date(receivedAt).toISOString(),
    origin,
    ...PARAMETERS.map(({ name }) => toCell(name, event[name])),
    shield(labels ?? ''),
    shield(extra ?? ''),
  ]
  return csvLine(cells)
}

const TYPE_OF = new Map<string, TypeName>(PARAMETERS.map(({ name, type }) => [name, type]))

function toCell(name: ParameterName, cell: string | number | null): string {
  if (cell === null) return ''
  return TYPE_OF.get(name) === 'int' ? String(cell) : shield(toText(name, cell))
}

function toText(name: ParameterName, cell: string | number): string {
  return TYPE_OF.get(name) === 'string' ? String(cell) : cellToJson(name, cell)
}
