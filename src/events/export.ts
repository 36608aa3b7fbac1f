import { PARAMETERS, type ParameterName, type TypeName } from '../event/parameters.ts'
import { errorText, log } from '../platform/log.ts'
import { cellToJson } from '../db/columns.ts'
import type { Filter } from '../db/events/filter.ts'
import type { EventKey, StoredEvent } from '../db/stored-event.ts'
import { continueHistory, type History } from '../history/history.ts'
import { listHistory, type HistoryPage } from '../history/list.ts'
import { toJson } from '../http/event-json.ts'
import { formatCursor } from '../http/cursor.ts'

// An export holds one page in memory, and takes a query a page; an invocation may run a thousand.
const FIRST_ROWS = 200
const MAX_ROWS = 2_000
const PAGE_LENGTH = 2_000_000 // in characters, about
const SCAN_ROWS = 20_000 // that a page reads at most, even if few match

/** The export formats. */
export const FORMATS = {
  csv: { type: 'text/csv', header: () => `\uFEFF${CSV_HEADER}\r\n`, line: toCsv },
  ndjson: {
    type: 'application/x-ndjson',
    header: () => '',
    line: (event: StoredEvent) => `${toJson(event)}\n`,
  },
} as const

export type Format = keyof typeof FORMATS

const CSV_HEADER = [
  'id',
  'occurredAt',
  'receivedAt',
  'origin',
  ...PARAMETERS.map(({ name }) => name),
  'labels',
  'extra',
].join(',')

/**
 * Streams all events that match a filter, page by page, at the reader's pace. An interrupted export never looks
 * complete: the transfer is aborted. The reader can continue after the `id` of the last complete line. An export of one
 * page has a Content-Length.
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
  const pages = readPages(history, filter, limit, after, line)
  // Read before the response starts: if the database is unavailable, the response can still be an error.
  const first = (await pages.next()).value ?? { text: '', isLast: true }
  const beginning = encoder.encode(header() + first.text)
  const headers = {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Disposition': `attachment; filename="activity.${format}"`,
    'Cache-Control': 'no-store',
  }
  return new Response(first.isLast ? beginning : stream(beginning, pages), { headers })
}

const encoder = new TextEncoder()

function stream(
  beginning: Uint8Array,
  pages: AsyncGenerator<ExportPage, undefined>,
): ReadableStream<Uint8Array> {
  const chunks = encode(beginning, pages)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return(undefined)),
  })
}

async function* encode(
  beginning: Uint8Array,
  pages: AsyncGenerator<ExportPage, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  if (beginning.length > 0) yield beginning
  try {
    for await (const { text } of pages) if (text !== '') yield encoder.encode(text)
  } catch (error) {
    log('error', 'export_aborted', { errors: [errorText(error)] })
    throw error
  }
  return undefined
}

/** Some lines of an export, and whether they are the last. */
type ExportPage = { text: string; isLast: boolean }

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
  return `${cells.map(quoteCell).join(',')}\r\n`
}

const TYPE_OF = new Map<string, TypeName>(PARAMETERS.map(({ name, type }) => [name, type]))

function toCell(name: ParameterName, cell: string | number | null): string {
  if (cell === null) return ''
  return TYPE_OF.get(name) === 'int' ? String(cell) : shield(toText(name, cell))
}

function toText(name: ParameterName, cell: string | number): string {
  return TYPE_OF.get(name) === 'string' ? String(cell) : cellToJson(name, cell)
}

// Characters that start a formula in a spreadsheet: in East Asia also full-width ones, and even after invisible
// characters or spaces. The number of those is bounded, or a text of spaces would take hours.
const FORMULA = /(?<=^|[;\p{Cc}])(?=[\p{Cc}\p{Cf}\p{Z}]{0,20}[=+\-@＝＋－＠﹦﹢﹣﹫])/gu
const BEGINS_UNSEEN = /^(?=\p{Cc})/u

/**
 * Inserts an apostrophe before anything that a spreadsheet would run as a formula. In half of Europe, a semicolon ends
 * a cell, so a formula may start after one.
 */
function shield(text: string): string {
  return text.replace(FORMULA, "'").replace(BEGINS_UNSEEN, "'")
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
