import { PARAMETERS, type ParameterName, type TypeName } from '../event/parameters.ts'
import { log } from '../platform/log.ts'
import { cellToJson } from '../db/columns.ts'
import type { Filter } from '../db/events/filter.ts'
import { listActivities, type Page } from '../db/events/list.ts'
import type { EventKey, StoredActivity } from '../db/stored-activity.ts'
import { toJson } from '../http/event-json.ts'
import { formatCursor } from '../http/cursor.ts'

// A page is the memory that an export takes; a query each, of the thousand that an invocation has.
const FIRST_ROWS = 200
const MAX_ROWS = 2_000
const PAGE_LENGTH = 2_000_000 // in characters, about
const SCAN_ROWS = 20_000 // that a page looks at, however few it finds

/** The forms in which all of the data can be had. */
export const FORMATS = {
  csv: { type: 'text/csv', header: () => `\uFEFF${CSV_HEADER}\r\n`, line: toCsv },
  ndjson: {
    type: 'application/x-ndjson',
    header: () => '',
    line: (activity: StoredActivity) => `${toJson(activity)}\n`,
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
 * Streams all that a filter finds, a page at a time, as fast as it is taken. What breaks off never ends as if
 * it were whole: the transfer is aborted. It goes on after the `id` of the last whole line that arrived; one
 * that is all in its first page says how long it is.
 *
 * @param most events
 * @throws what D1 throws for the first page
 */
export async function exportActivity(
  db: D1Database,
  format: Format,
  filter: Filter,
  most: number,
  after: EventKey | undefined,
): Promise<Response> {
  const { type, header, line } = FORMATS[format]
  const pages = readPages(db, filter, most, after, line)
  // Read before the answer begins: if the database is away, that can still be said.
  const first = (await pages.next()).value ?? { text: '', isLast: true }
  const begin = encoder.encode(header() + first.text)
  const headers = {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Disposition': `attachment; filename="activity.${format}"`,
    'Cache-Control': 'no-store',
  }
  return new Response(first.isLast ? begin : stream(begin, pages), { headers })
}

const encoder = new TextEncoder()

function stream(
  begin: Uint8Array,
  pages: AsyncGenerator<ExportPage, undefined>,
): ReadableStream<Uint8Array> {
  const chunks = encode(begin, pages)
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
  begin: Uint8Array,
  pages: AsyncGenerator<ExportPage, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  if (begin.length > 0) yield begin
  try {
    for await (const { text } of pages) if (text !== '') yield encoder.encode(text)
  } catch (error) {
    log('error', 'export_broke_off', { faults: [String(error).slice(0, 200)] })
    throw error
  }
  return undefined
}

/** Lines of an export, and whether they are the last. */
type ExportPage = { text: string; isLast: boolean }

async function* readPages(
  db: D1Database,
  filter: Filter,
  most: number,
  after: EventKey | undefined,
  line: (activity: StoredActivity) => string,
): AsyncGenerator<ExportPage, undefined> {
  let position: EventKey | null | undefined = after
  let rows = FIRST_ROWS
  for (let left = most; left > 0 && position !== null;) {
    const page: Page = await listActivities(db, filter, Math.min(rows, left), position, SCAN_ROWS)
    const text = page.activities.map(line).join('')
    const average = text.length / Math.max(1, page.activities.length)
    rows = Math.max(1, Math.min(MAX_ROWS, Math.floor(PAGE_LENGTH / (average + 1))))
    left -= page.activities.length
    position = page.next
    yield { text, isLast: left <= 0 || position === null }
  }
  return undefined
}

function toCsv(activity: StoredActivity): string {
  const { occurredAt, receivedAt, origin, labels, extra } = activity
  const cells = [
    formatCursor(activity),
    new Date(occurredAt).toISOString(),
    new Date(receivedAt).toISOString(),
    origin,
    ...PARAMETERS.map(({ name }) => toCell(name, activity[name])),
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

// What a spreadsheet takes for the beginning of a formula; in East Asia also of full width. What cannot be
// seen, or is blank, before it does not keep a spreadsheet from that. Bounded, or a text of blanks takes hours.
const FORMULA = /(?<=^|[;\p{Cc}])(?=[\p{Cc}\p{Cf}\p{Z}]{0,20}[=+\-@＝＋－＠﹦﹢﹣﹫])/gu
const BEGINS_UNSEEN = /^(?=\p{Cc})/u

/**
 * A spreadsheet runs what begins like a formula; behind an apostrophe it is text. If it takes a
 * semicolon for the end of a cell, as in half of Europe, a cell may begin after one.
 */
function shield(text: string): string {
  return text.replace(FORMULA, "'").replace(BEGINS_UNSEEN, "'")
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
