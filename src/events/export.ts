import { PARAMETERS, type ParameterName, type TypeName } from '../event/parameters.ts'
import { cellToJson } from '../db/columns.ts'
import type { Filter } from '../db/events/filter.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { continueHistory, type History } from '../history/history.ts'
import { listHistory, type HistoryPage } from '../history/list.ts'
import { toJson } from '../http/event-json.ts'
import { csvHeader, csvLine, shield } from '../http/csv.ts'
import { formatCursor } from '../http/cursor.ts'
import { streamExport, type ExportPage } from '../http/stream-export.ts'

// An export holds one page in memory, and takes a query a page; an invocation may run a thousand.
const FIRST_ROWS = 200
const MAX_ROWS = 2_000
const PAGE_LENGTH = 2_000_000 // in characters, about
const SCAN_ROWS = 20_000 // that a page reads at most, even if few match

const CSV_COLUMNS = [
  'id',
  'occurredAt',
  'receivedAt',
  'origin',
  ...PARAMETERS.map(({ name }) => name),
  'labels',
  'extra',
]

/** The export formats. */
export const FORMATS = {
  csv: { type: 'text/csv', header: csvHeader(CSV_COLUMNS), line: toCsv },
  ndjson: {
    type: 'application/x-ndjson',
    header: '',
    line: (event: StoredEvent) => `${toJson(event)}\n`,
  },
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
  const { type, header, line } = FORMATS[format]
  const file = { name: `activity.${format}`, type, header }
  return streamExport(file, readPages(history, filter, limit, after, line))
}

async function* readPages(
  history: History,
  filter: Filter,
  limit: number,
  after: EventKey | undefined,
  line: (event: StoredEvent) => string,
): AsyncGenerator<ExportPage, undefined> {
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
    const text = page.events.map(line).join('')
    const average = text.length / Math.max(1, page.events.length)
    rows = Math.max(1, Math.min(MAX_ROWS, Math.floor(PAGE_LENGTH / (average + 1))))
    left -= page.events.length
    cursor = page.next
    yield { text, isLast: left <= 0 || cursor === null }
  }
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
