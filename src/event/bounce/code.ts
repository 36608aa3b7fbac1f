import { VERSIONED } from './words.ts'

// RFC 3463: class, subject, detail. Not a piece of an address such as 5.1.1.2 or of a path, nor 5.1.1-rc1.
const CODE =
  /(?<![\p{L}\d._/])([45])\.(\d{1,3})\.(\d{1,3})(?![\p{L}\d_]|\.\d|\/\d|-(?:alpha|beta|dev|rc))/giu

/** RFC 3463 defines the subjects 0 to 7; servers use more. */
const MAX_SUBJECT = 7

/** The enhanced status codes of a text. */
export type FoundCode = {
  /** The first that gives a reason. */
  code: string | undefined
  /** The first without one: "other or undefined". */
  vague: string | undefined
}

/** Finds the enhanced status code in a server's text, where a version, date or address may look the same. */
export function findCode(text: string): FoundCode {
  let vague: string | undefined
  for (const match of text.matchAll(CODE)) {
    const [found, , subject, detail] = match
    const before = text.slice(Math.max(0, match.index - 40), match.index)
    const after = text.slice(match.index + found.length, match.index + found.length + 8)
    if (!isStatus(before, after, Number(subject), Number(detail))) continue
    if (Number(detail) > 0) return { code: found, vague }
    vague ??= found
  }
  return { code: undefined, vague }
}

function isStatus(before: string, after: string, subject: number, detail: number): boolean {
  const word = /([\p{L}\d_]+)[ =:#([<"',;-]*$/u.exec(before)?.[1]?.toLowerCase()
  if (word !== undefined && VERSIONED.has(word)) return false
  if (/^,? \d{1,2}:\d\d/.test(after)) return false // a date with its time
  if (before.endsWith('-') && !/\b[45]\d\d-$/.test(before)) return false
  if (subject <= MAX_SUBJECT || /(?:\b[45]\d\d[ -]|#)$/.test(before)) return true
  const isDay = subject <= 12 && detail >= 10 // 4.12.23
  return before.trim() === '' && !isDay
}
