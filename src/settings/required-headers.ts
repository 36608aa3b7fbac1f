import type * as z from 'zod'
import { isGuessable, Secret } from '../platform/secret.ts'

/** A header that a request must carry with exactly this value; `isLong` if it is enough of a secret by itself. */
export type RequiredHeader = { name: string; value: Secret; isLong: boolean }

/** What a header may be called (RFC 9110, token). */
export const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/

const MAX_HEADERS = 5 // as many as Yespo's form takes

/** Reads `Name: value` lines. What is wrong with them is reported without a name or value of theirs. */
export function parseHeaderLines(text: string, context: z.RefinementCtx): RequiredHeader[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const headers = lines.map(parseHeader)
  const names = new Set(headers.map((header) => header?.name.toLowerCase()))
  if (headers.length > MAX_HEADERS) {
    context.addIssue(`has ${headers.length} headers; Yespo sends at most ${MAX_HEADERS}`)
  } else if (headers.includes(undefined)) {
    const line = headers.indexOf(undefined) + 1
    context.addIssue(`has no "Name: value" in line ${line}; write one header a line`)
  } else if (names.size < headers.length) context.addIssue('names a header twice')
  return headers.filter((header) => header !== undefined)
}

function parseHeader(line: string): RequiredHeader | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).trim()
  const value = line.slice(colon + 1).trim()
  if (colon < 0 || !HEADER_NAME.test(name) || value === '') return undefined
  return { name, value: new Secret(value), isLong: !isGuessable(value) }
}
