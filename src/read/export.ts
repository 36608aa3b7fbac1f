import { PARAMETERS, TYPES, type ParameterName } from '../activity/parameters.ts'
import { log } from '../log.ts'
import { cellToJson } from '../store/columns.ts'
import type { Filter } from '../store/filter.ts'
import { listActivities, type Page, type Position, type StoredActivity } from '../store/list.ts'
import { toJson } from './activity-json.ts'
import { formatPosition } from './position.ts'

// A page is the memory that an export takes; a query each, of the thousand that an invocation has.
const PAGE_ROWS = 2_000
const PAGE_BUDGET = 20_000

/** The forms in which all of the data can be had. */
export const FORMATS = {
  csv: { type: 'text/csv', header: () => `${CSV_HEADER}\r\n`, line: toCsv },
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
 * Streams all that a filter finds, a page at a time, as fast as it is taken. Where it breaks off, the
 * transfer does too: it goes on after the `id` of the last event that arrived.
 *
 * @param most events
 * @throws what D1 throws for the first page
 */
export async function exportActivity(
  db: D1Database,
  format: Format,
  filter: Filter,
  most: number,
  after: Position | undefined,
): Promise<Response> {
  const { type, header, line } = FORMATS[format]
  const pages = readPages(db, filter, most, after)
  // Read before the answer begins: if the database is away, that can still be said.
  const first = await pages.next()
  const encoder = new TextEncoder()
  async function* encode(): AsyncGenerator<Uint8Array> {
    yield encoder.encode(header())
    try {
      for (let next = first; !next.done; next = await pages.next()) {
        if (next.value.length > 0) yield encoder.encode(next.value.map(line).join(''))
      }
    } catch (error) {
      log('error', 'export_broke_off', { faults: [String(error).slice(0, 200)] })
      throw error
    }
  }
  const chunks = encode()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return(undefined)),
  })
  return new Response(body, {
    headers: {
      'Content-Type': `${type}; charset=utf-8`,
      'Content-Disposition': `attachment; filename="activity.${format}"`,
      'Cache-Control': 'no-store',
    },
  })
}

async function* readPages(
  db: D1Database,
  filter: Filter,
  most: number,
  after: Position | undefined,
): AsyncGenerator<StoredActivity[]> {
  let position: Position | null | undefined = after
  for (let left = most; left > 0 && position !== null;) {
    const rows = Math.min(PAGE_ROWS, left)
    const page: Page = await listActivities(db, filter, rows, position, PAGE_BUDGET)
    left -= page.activities.length
    position = page.next
    yield page.activities
  }
}

function toCsv(activity: StoredActivity): string {
  const { occurredAt, receivedAt, origin, labels, extra } = activity
  const cells = [
    formatPosition(activity),
    new Date(occurredAt).toISOString(),
    new Date(receivedAt).toISOString(),
    origin,
    ...PARAMETERS.map(({ name }) => toCell(name, activity[name])),
    labels ?? '',
    extra ?? '',
  ]
  return `${cells.map(quoteCell).join(',')}\r\n`
}

const TYPE_OF = new Map<string, keyof typeof TYPES>(
  PARAMETERS.map(({ name, type }) => [name, type]),
)

function toCell(name: ParameterName, cell: string | number | null): string {
  if (cell === null) return ''
  return TYPE_OF.get(name) === 'string' ? shield(String(cell)) : cellToJson(name, cell)
}

/** A spreadsheet runs what begins like a formula; behind an apostrophe it is text. */
function shield(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
}

function quoteCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
