import {
  CODED,
  CUE_STEMS,
  CUES,
  NUMBERED,
  PLAIN_STEMS,
  PLAIN_WORDS,
  UNITS,
} from './bounce-words.ts'

const MASK = '…'

const MONTH = '(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}'
/** What is made of several words, in the order in which it is looked for. */
const PHRASES = [
  // The text of a message, which a receipt of SMPP repeats.
  /(?<=\b(?:err|stat):\S{1,20} )text:.*$/gis,
  // Quoted: names, more often than not.
  /"[^"]{1,200}"|“[^”]{1,200}”|«[^»]{1,200}»|`[^`]{1,200}[`']|(?<![\p{L}\d])'[^']{1,100}'(?![\p{L}\d])|<[^<>]{1,200}>/gu,
  /["“«`<][^"”»`>]{0,120}$/g,
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
 * A text without what is one contact's or one server's: addresses, names, hosts, numbers, tokens and times, each as an
 * ellipsis. In time linear in the length of a text that is not long.
 */
export function maskPersonal(text: string): string {
  let masked = text
  for (const phrase of PHRASES) masked = masked.replace(phrase, keepIfPlain)
  masked = masked.replace(LONG_NUMBER, (digits) =>
    digits.replace(/\D/g, '').length > MAX_DIGITS ? MASK : digits,
  )
  const words = masked.split(' ')
  const kept: string[] = []
  let wasName = false
  for (const [place, word] of words.entries()) {
    const { text: own, isName } = maskWord({
      word,
      core: coreOf(word),
      words,
      kept,
      place,
      wasName,
    })
    kept.push(own)
    wasName = isName
  }
  return kept.join(' ').trim()
}

/** A word, what is left of it without punctuation, and what is around it. */
type Word = {
  word: string
  core: string
  words: readonly string[]
  /** The words before it, as far as they were kept. */
  kept: readonly string[]
  place: number
  /** Whether the word before it was taken for a name. */
  wasName: boolean
}

/** A quoted sentence is kept where it is made of nothing but usual words. */
function keepIfPlain(phrase: string): string {
  const words = phrase.match(/[\p{L}\d_'’-]+/gu) ?? []
  const isSentence = /^["“«`']/.test(phrase) && words.length > 1
  return isSentence && words.every(isPlain) ? phrase : MASK
}

function maskWord(given: Word): { text: string; isName: boolean } {
  const { word, core, words, kept, place } = given
  const isMasked = word.includes(MASK)
  if (isMasked || core === '') return { text: isMasked ? maskAround(word) : word, isName: false }
  const before = coreOf(kept[place - 1] ?? '').toLowerCase()
  const next = coreOf(words[place + 1] ?? '').toLowerCase()
  const hasDigit = /\d/.test(core)
  const isVariable =
    isAddress(word, core) || (hasDigit ? !isNumberKept(word, core, before, next) : isToken(core))
  const isPerson = !isVariable && !hasDigit && isName(given)
  return { text: isVariable || isPerson ? maskAround(word) : word, isName: isPerson }
}

/** A mask for a word, with the brackets that open before it or close behind it. */
function maskAround(word: string): string {
  const open = /^[([{]+/.exec(word)?.[0] ?? ''
  const close = /([)\]}]+)[.,:;!]*$/.exec(word)?.[1] ?? ''
  const isOwn = open === '' && /[([{]/.test(word) // host[192.0.2.1]
  return `${open}${MASK}${isOwn ? '' : close}`
}

function coreOf(word: string): string {
  return word.replace(/^[^\p{L}\d]+|[^\p{L}\d]+$/gu, '')
}

/** Whether it is a usual word, or several with hyphens or slashes. */
function isPlain(word: string): boolean {
  const parts = word.toLowerCase().replaceAll('’', "'").split(/[/-]/)
  return parts.every((part) => PLAIN_WORDS.has(part))
}

/** An address of a mailbox, of the web, of a host or of the network. */
function isAddress(word: string, core: string): boolean {
  if (/@|%40|:\/\//i.test(word) || /^www\./i.test(core)) return true
  if (/^[\da-f]{0,4}(?::[\da-f]{0,4}){2,8}$/i.test(core)) return true
  if (!/[\p{L}\d][.][\p{L}\d]/u.test(core)) return false
  if (/^\d+(?:\.\d+){1,2}$/.test(core)) return false // a version, or a code
  if (/^(?:[a-z]\.){1,3}[a-z]?$/i.test(core)) return false // e.g.
  // "found.Please": a blank is missing. RESOLVER.ADR.RecipNotFound is of Exchange.
  return (
    !core.split(/[.,;:]+/).every(isPlain) && !/^(?:[A-Z]{3,12}\.){1,3}[A-Za-z]{2,40}$/.test(core)
  )
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

/** A number, or letters and a number, as those who send errors count them: `30003`, `EC_34`, `RP-001`. */
function isShortCode(text: string): boolean {
  return /^(?:\d{1,6}|[A-Z]{1,8}[-_]?\d{1,4}|0x[\da-f]{1,8})$/i.test(text)
}

/** Letters that no word is made of: of a token, or of the name of a file or mailbox. */
function isToken(core: string): boolean {
  if (/^[A-Z]{2,}(?:_[A-Z]+)*$/.test(core)) return core.length > 40 // UNREGISTERED, NOT_FOUND
  if (/_/.test(core)) return !core.split('_').every(isPlain)
  if (core.length > 40) return true
  const pieces = core.match(/\p{Lu}?\p{Ll}+|\p{Lu}+/gu) ?? []
  // TooManyProviderTokenUpdates is a reason of Apple's.
  return (
    pieces.length > 7 ||
    (core.length > 11 && pieces.length > 2 && pieces.some((each) => each.length < 2))
  )
}

const FOLLOWS_NAME =
  /^(?:is|isn['’]?t|was|wasn['’]?t|not|does|doesn['’]?t|has|hasn['’]?t|unknown|could|couldn['’]?t|cannot|can['’]?t|no|не)$/i
const LEADS_TO_NAME = /^(?:by|called|for|from|named|of|to)$/i

/** A word that is none of the usual ones, where a name can stand. */
function isName({ word, core, words, kept, place, wasName }: Word): boolean {
  if (isPlain(core) || isConstant(core)) return false
  const isCapital = /^\p{Lu}/u.test(core)
  // Of Ukrainian and Russian, whose words take many forms, a name is known by its capital.
  if (/\p{Script=Cyrillic}/u.test(core) && (!isCapital || PLAIN_STEMS.test(core.toLowerCase())))
    return false
  if (wasName && isCapital) return true
  const before = kept[place - 1] ?? ''
  const cue = coreOf(before).toLowerCase()
  if (CUES.has(cue) || CUE_STEMS.test(cue) || LEADS_TO_NAME.test(cue)) return true
  const after = words[place + 1] ?? ''
  const next = coreOf(after)
  // "has moved" and the like behind it, or an address that has a blank in it.
  if (FOLLOWS_NAME.test(next) || /^[^<@]*@/.test(after)) return true
  const isPair = isCapital && /^\p{Lu}\p{Ll}/u.test(next) && !isPlain(next)
  if (isPair || /^[([{].*[)\]}][.,;:]?$/.test(word)) return !/^\p{Lu}+$/u.test(core)
  const isBegin = place === 0 || /[:;.!…-]$/.test(before)
  return isBegin && /(?::|\.\.\.)$/.test(word)
}

/** `NOT_FOUND`, and abbreviations such as `DANE`. */
function isConstant(core: string): boolean {
  return /^[A-Z]{2,20}(?:_[A-Z]{1,20}){1,8}$/.test(core) || /^[A-Z]{2,5}$/.test(core)
}
