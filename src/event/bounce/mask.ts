import { CODED, listPlainWords, NUMBERED, PLAIN_CYRILLIC, UNITS } from './words.ts'

const MASK = '…'

const MONTH = '(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}'
/** Patterns of several words, in the order in which they apply. */
const PHRASES = [
  // The text of a message, which an SMPP receipt repeats.
  /(?<=\b(?:err|stat):\S{1,20} )text:.*$/gis,
  // Quoted: names, more often than not.
  /"[^"]{1,200}"(?:@\S{0,255})?|“[^”]{1,200}”|«[^»]{1,200}»|`[^`]{1,200}[`']|(?<![\p{L}\d])'[^']{1,100}'(?![\p{L}\d])|<[^<>]{1,200}>/gu,
  // Cut inside a quote; one after a letter or the end of a sentence closes it.
  /(?:[“«<]|(?<![\p{L}\d.,!?…)\]])["`])[^"”»`>]{0,120}$/gu,
  // Times and dates.
  /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?:Z\b| ?[+-]\d\d:?\d\d\b)?/g,
  /\b(?:\d{4}[./]\d{1,2}[./]\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4})\b/g,
  new RegExp(
    `\\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?\\d{1,2}[ -]${MONTH}[ ,-]{1,2}\\d{2,4}\\b`,
    'gi',
  ),
  new RegExp(
    `\\b(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )?${MONTH} \\d{1,2}\\b(?:,? \\d{4}\\b)?`,
    'gi',
  ),
  /(?<![\d:.])\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?![\d:])(?: ?[ap]m\b)?(?: (?:gmt|utc|[a-z]{2,3}t)\b| ?[+-]\d{4}\b)?/gi,
]
const LONG_NUMBER = /\(?\+?\d[\d ().-]{5,40}\d\)?/g
const MAX_DIGITS = 7 // of a reply code and an enhanced one; a phone number has more

/**
 * A text with an ellipsis for everything specific to one contact or server: addresses, names, hosts, numbers, tokens
 * and times. Any word that is not a plain one may be a name. Takes linear time for a text that is not long.
 */
export function maskPersonal(text: string): string {
  let masked = text
  for (const phrase of PHRASES) masked = masked.replace(phrase, keepIfPlain)
  masked = masked.replace(LONG_NUMBER, (digits) =>
    digits.replace(/\D/g, '').length > MAX_DIGITS ? MASK : digits,
  )
  const words = masked.split(' ')
  const kept: string[] = []
  for (const [index, word] of words.entries()) {
    kept.push(maskWord(word, kept[index - 1] ?? '', words[index + 1] ?? ''))
  }
  return kept.join(' ').trim()
}

/** Keeps a quoted sentence if it consists of plain words only. */
function keepIfPlain(phrase: string): string {
  const words = phrase.match(/[\p{L}\d_'’-]+/gu) ?? []
  const isSentence = /^["“«`']/.test(phrase) && words.length > 1 && !/[\d@]/.test(phrase)
  return isSentence && words.every(isPlain) ? phrase : MASK
}

/** @param before the word before it, as it was kept */
function maskWord(word: string, before: string, after: string): string {
  const core = coreOf(word)
  if (word.includes(MASK)) return maskAround(word)
  if (core === '') return word
  const [cue, next] = [coreOf(before).toLowerCase(), coreOf(after).toLowerCase()]
  if (isAddress(word, core) || isVariable(core)) return maskAround(word)
  if (/\d/.test(core)) return isNumberKept(word, core, cue, next) ? word : maskAround(word)
  if (isPlain(core) || /^ESME_R[A-Z]{2,15}$/.test(core)) return word // constants of SMPP
  // Constants distinguish causes by the plain words in them.
  const parts = core.split('_')
  return parts.some(isPlain) && parts.length > 1
    ? parts.map((part) => (isPlain(part) ? part : MASK)).join('_')
    : maskAround(word)
}

/** A mask for a word, with the brackets that open before it or close after it. */
function maskAround(word: string): string {
  const open = /^[([{]+/.exec(word)?.[0] ?? ''
  const close = /([)\]}]+)[.,:;!]*$/.exec(word)?.[1] ?? ''
  const isOwn = open === '' && /[([{]/.test(word) // host[192.0.2.1]
  return `${open}${MASK}${isOwn ? '' : close}`
}

function coreOf(word: string): string {
  return word.replace(/^[^\p{L}\d]+|[^\p{L}\d]+$/gu, '')
}

/** Whether it consists of plain words: one, or several such as `opt-out`, `NOT_FOUND`, `type=MX` and `BadDeviceToken`. */
function isPlain(word: string): boolean {
  return word.split(/[^\p{L}\p{M}'’]+/u).every((part) => isPlainWord(part) || isPlainCamel(part))
}

function isPlainWord(word: string): boolean {
  const plain = word.toLowerCase().replaceAll('’', "'")
  const words = listPlainWords()
  if (plain === '' || words.has(plain) || words.has(plain.replace(/'?s$|'$/, ''))) return true
  return PLAIN_CYRILLIC.test(plain)
}

function isPlainCamel(word: string): boolean {
  const pieces = word.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})/gu) ?? []
  return pieces.length > 1 && pieces.join('') === word && pieces.every(isPlainWord)
}

/** An email, web, host or network address. */
function isAddress(word: string, core: string): boolean {
  if (/@|%40|:\/\//i.test(word) || /^www\./i.test(core)) return true
  if (/^[\da-f]{0,4}(?::[\da-f]{0,4}){2,8}$/i.test(core)) return true
  if (!/[\p{L}\d][.][\p{L}\d]/u.test(core)) return false
  if (/^\d+(?:\.\d+){1,2}$/.test(core)) return false // a version, or a code
  return !isPlain(core) // "found.Please" lacks a blank; RESOLVER.ADR.RecipNotFound is a constant of Exchange
}

/** `to=olena` and `type=MX`, but not `status=bounced`. */
function isVariable(core: string): boolean {
  const [, name] = /^(\p{L}[\p{L}_-]{0,20})=/u.exec(core) ?? []
  return name !== undefined && !CODED.has(name.toLowerCase())
}

const KEPT_MIXED =
  /^(?:ipv[46]|utf-?8|tlsv?\d?|sha-?\d{1,3}|md5|base64|[45]xx|[78]-?bit|8bitmime|o365|x400|h323|[23456]g)$/i

const DATE = /^(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.\d\d$/

function isNumberKept(word: string, core: string, before: string, next: string): boolean {
  const pair = /^(\p{L}[\p{L}_-]{0,20})[:=#]{1,2}([\w-]{1,12})$/u.exec(core)
  if (pair) return CODED.has(pair[1]?.toLowerCase() ?? '') && isShortCode(pair[2] ?? '')
  if (CODED.has(before) && isShortCode(core)) return true
  if (/^0x[\da-f]{1,8}$/i.test(core)) return true
  if (/\p{L}/u.test(core)) return KEPT_MIXED.test(core)
  const isCounted = UNITS.has(next) || word.endsWith('%') || NUMBERED.has(before)
  if (isCounted || DATE.test(core) || /^(?:#|[([]-?\d+[)\]])/.test(word)) return false
  return core.replace(/\D/g, '').length < 4 || /^\d{1,3}(?:\.\d{1,3}){2}$/.test(core)
}

/** An error number of a sender, with or without letters: `30003`, `EC_34`, `RP-001`. */
function isShortCode(text: string): boolean {
  return /^(?:\d{1,6}|[A-Z]{1,4}[-_]?\d{1,4}|0x[\da-fA-F]{1,8})$/.test(text)
}
