import { shorten } from '../../platform/cut-text.ts'
import { OTHER } from '../../db/rollups/pulse.ts'
import { isKnownChannel } from '../../event/unexpected.ts'
import { PARAMETERS } from '../../event/parameters.ts'

const MAX_REASON = 200 // characters

// Reasons with a name that the sender chose. It may be any text, so each pattern matches up to the end.
const NAMED =
  /^(a key inside |)(.*)( (?:contains broken Unicode text|is nested deeper than \d+ levels|is given twice)(?: \(\d+ elements\))?)$/s
const WRAPPED = /^(the body is an object with the key )(?:.*)(, not an array of events: )(.*)$/s
const HIDDEN = 'a parameter that Yespo does not document'

const DOCUMENTED: ReadonlySet<string> = new Set(PARAMETERS.map(({ name }) => name))

/** A time for people: `2026-11-25 14:03 UTC`. @param time UTC milliseconds */
export function writeTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** The name of a channel; `other` for an undocumented one: a sender may have put anything there, even an address. */
export function nameChannel(mediaType: string | null): string {
  return mediaType !== null && isKnownChannel(mediaType) ? mediaType : OTHER
}

/** The value of a time that may be unknown. */
export function timeOrUnknown(time: number | null): string {
  return time === null ? 'unknown' : writeTime(time)
}

/**
 * The reason of a quarantined item, safe to send elsewhere: without names that the sender chose, and without addresses,
 * numbers and links, since the database may quote the data that it rejects.
 */
export function quoteReason(reason: string): string {
  const quoted = hideName(reason)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(/\S*(?:@|:\/\/)\S*/g, '…')
    .replace(/\+?\d[\d ().-]{7,}\d/g, (digits) => (DATE.test(digits) ? digits : '…'))
    .replaceAll('"', "'")
    .trim()
  return shorten(quoted, MAX_REASON).toWellFormed()
}

function hideName(reason: string): string {
  const [, opening, colon, rest] = WRAPPED.exec(reason) ?? []
  if (rest !== undefined) return `${opening}${HIDDEN}${colon}${hideName(rest)}`
  const [, before, name, after] = NAMED.exec(reason) ?? []
  const isOurs = name === undefined || DOCUMENTED.has(name) || name === 'the name of a parameter'
  return isOurs ? reason : `${before}${HIDDEN}${after}`
}

const DATE = /^2023-09-14$/ // the example in one of our own reasons
