// Characters that start a formula in a spreadsheet: in East Asia also full-width ones, and even after invisible
// characters or spaces. The number of those is bounded, or a text of spaces would take hours.
const FORMULA = /(?<=^|[;\p{Cc}])(?=[\p{Cc}\p{Cf}\p{Z}]{0,20}[=+\-@＝＋－＠﹦﹢﹣﹫])/gu
const BEGINS_UNSEEN = /^(?=\p{Cc})/u

/** What separates the cells of a line. */
export type Separator = ',' | ';'

/** What a CSV file begins with: without the byte order mark, Excel assumes Latin-1. */
export function csvHeader(names: readonly string[], separator: Separator = ','): string {
  return `\uFEFF${csvLine(names, separator)}`
}

/** A line of a CSV file. */
export function csvLine(cells: readonly string[], separator: Separator = ','): string {
  return `${cells.map((cell) => quoteCell(cell, separator)).join(separator)}\r\n`
}

/**
 * Inserts an apostrophe before anything that a spreadsheet would run as a formula. In half of Europe, a semicolon ends
 * a cell, so a formula may start after one.
 */
export function shield(text: string): string {
  return text.replace(FORMULA, "'").replace(BEGINS_UNSEEN, "'")
}

function quoteCell(text: string, separator: Separator): string {
  return /["\r\n]/.test(text) || text.includes(separator) ? `"${text.replaceAll('"', '""')}"` : text
}
