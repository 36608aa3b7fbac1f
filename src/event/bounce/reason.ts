import { cutText } from '../../platform/cut-text.ts'
import { findCode } from './code.ts'
import { maskPersonal } from './mask.ts'

/** UTF-16 units of a text that are read; the rest does not distinguish reasons. */
const MAX_TEXT = 500
const MAX_REASON = 200

/** The server's text without personal data; empty if there is none. */
export function exampleOf(description: string): string {
  const text = beginningOf(description)
  return maskPersonal(textOfJson(text) ?? text)
}

/**
 * The reason for a bounce: the enhanced status code or, without one, the server's text without what differs by
 * server, ticket, token, address, name or time. Empty if there is no text.
 *
 * A name that is also a plain word (Mark) is not recognized as a name.
 */
export function reasonOf(description: string): string {
  const text = beginningOf(description)
  const { code, vague } = findCode(text)
  if (code !== undefined) return code
  const words = withoutMasks(maskPersonal(withoutWrapper(textOfJson(text) ?? text)))
  if (/\p{L}/u.test(words)) return cutText(words, MAX_REASON)
  return vague ?? (words === '' && text !== '' ? '…' : words)
}

/** A key that is the same for reasons that differ only in capitals. */
export function keyOfReason(reason: string): string {
  return reason.toLowerCase()
}

/** The beginning of a text, with single blanks and no partial word at its end. */
function beginningOf(description: string): string {
  const isCut = description.length > MAX_TEXT
  const text = cutText(description, MAX_TEXT)
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
  return isCut ? text.replace(/ \S{0,100}$/, '') : text
}

const JSON_FIELD =
  /"(?:code|desc|description|detail|error|error_?code|error_description|message|msg|reason|status|status_?message|title)" ?: ?(?:"([^"]{1,200})"|(\d{1,6}))/gi

/** The text inside a JSON response; undefined if it is not one. It may be cut, so it is not parsed. */
function textOfJson(text: string): string | undefined {
  if (!/[{[] ?[{"]/.test(text)) return undefined
  const parts = [...text.matchAll(JSON_FIELD)].map(([, words, number]) => words ?? number)
  return parts.length > 0 ? [...new Set(parts)].join('; ') : undefined
}

const VAGUE_WORDS = /\((?:other(?: or undefined)?|undefined)(?: [a-z]{1,20}){0,6}\)/gi
const WRAPPERS =
  /\b(?:diagnostic-code|final-recipient|remote-mta|reporting-mta|status)\s?:\s?|\b(?:x-)?(?:e?smtp|lmtp|postfix|unix|powermta|exim|hermes);\s?/gi
const VAGUE_CODES =
  /(?<![\w./])(?:[45]\d\d[ -])?[#([<]{0,2}[245]\.\d{1,3}\.\d{1,3}[\])>:;,]{0,2}(?!\w|\.\d|\/)/g
/** A reply code where a reply begins, and where its next line does. */
const REPLY_CODES =
  /(?<=^|[:;>\])…] ?|\d{3}-[^\d ][^:]{0,300} )[45]\d\d(?:[ -]+(?=[\p{L}<…"'[(])|-(?=\S)|$)/gu

/** A server's text without the wrapping of other servers and formats. */
function withoutWrapper(text: string): string {
  return text
    .replace(VAGUE_WORDS, ' ')
    .replace(WRAPPERS, ' ')
    .replace(VAGUE_CODES, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .replace(REPLY_CODES, '')
}

const MASKS_IN_BRACKETS = /[([<{][ ….,:;#/|-]*…[ ….,:;#/|-]*[)\]>}]/g
const MASKS = /…(?:[ .,:;#/|-]*…)+/g

/** A text without masks at its ends, and with one mask for several in a row. */
function withoutMasks(text: string): string {
  return text
    .replace(MASKS_IN_BRACKETS, '…')
    .replace(MASKS_IN_BRACKETS, '…')
    .replace(MASKS, '…')
    .replace(/ +(?=[.,;!?])/g, '')
    .replace(/^[ ….,:;|/)\]>-]+/, '')
    .replace(/[ ….,:;|/([<!-]+$/, '')
}
