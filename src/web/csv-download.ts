import { toLocalText } from '../event/time-zone.ts'
import { csvHeader, csvLine, shield, type Separator } from '../http/csv.ts'
import type { Language } from '../language/languages.ts'
import { viewerOf, type PageContext, type Viewer } from './viewer.tsx'

/** A cell of a CSV file. A date is a moment, written in the viewer's time zone. */
export type Cell = string | number | Date | null | undefined

/** A table as a CSV file. */
export type CsvTable = {
  /** Of the file, in ASCII and without its extension: `bounces`. */
  name: string
  /** The names of the columns, in the viewer's language. */
  heads: readonly string[]
  rows: Iterable<readonly Cell[]>
}

/** What spreadsheets expect that are set to a language: a semicolon if the comma is the decimal mark. */
const SEPARATORS: Readonly<Record<Language, Separator>> = { en: ',', uk: ';' }

const FORMAT = 'format'

/** Whether a page was requested as a CSV file: with `format=csv`. */
export function isCsvRequested({ req }: PageContext): boolean {
  return req.query(FORMAT) === 'csv'
}

/** The URL of a page as a CSV file. @param page its path and parameters */
export function csvLink(page: string): string {
  return `${page}${page.includes('?') ? '&' : '?'}${FORMAT}=csv`
}

/** Responds with a table as a CSV file that a spreadsheet of the viewer's language opens. */
export function downloadCsv(context: PageContext, { name, heads, rows }: CsvTable): Response {
  const viewer = viewerOf(context)
  const lines = Array.from(rows, (cells) => writeCsvLine(cells, viewer))
  return context.body(writeCsvHeads(heads, viewer) + lines.join(''), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${csvName(name, viewer)}"`,
  })
}

/** The name of a file: `bounces-2026-11-25.csv`. */
export function csvName(name: string, { clock }: Viewer): string {
  return `${name}-${toLocalText(Date.now(), clock.zone).slice(0, 10)}.csv`
}

/** What a file begins with. */
export function writeCsvHeads(heads: readonly string[], { language }: Viewer): string {
  return csvHeader(heads.map(shield), SEPARATORS[language])
}

/** A line of a file, in the viewer's language and time zone. */
export function writeCsvLine(cells: readonly Cell[], viewer: Viewer): string {
  return csvLine(
    cells.map((cell) => writeCell(cell, viewer)),
    SEPARATORS[viewer.language],
  )
}

function writeCell(cell: Cell, { plain, clock }: Viewer): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number') return plain(cell)
  if (typeof cell === 'string') return shield(cell)
  return toLocalText(cell.getTime(), clock.zone).replace('T', ' ')
}
