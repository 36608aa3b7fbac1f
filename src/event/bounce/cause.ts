import { canonicalChannel } from '../channel.ts'
import type { CauseName } from './causes.ts'
import { findCode } from './code.ts'
import {
  EMAIL_RULES,
  PHONE_RULES,
  PUSH_RULES,
  WEAK_EMAIL_RULES,
  type Rule,
} from './cause-phrases.ts'

/** UTF-16 units of a text that are read. */
const MAX_TEXT = 600

/** Phrases by their first word. */
type Phrases = ReadonlyMap<string, readonly Phrase[]>
type Phrase = { rank: number; rule: Rule; head: string; tail: string | undefined }

const EMAIL = indexPhrases(EMAIL_RULES)
const WEAK_EMAIL = indexPhrases(WEAK_EMAIL_RULES)
const PHONE = indexPhrases(PHONE_RULES)
const PUSH = indexPhrases(PUSH_RULES)

const PUSH_CHANNELS = new Set(['webpush', 'mobilepush', 'appinbox', 'inapp'])
const PHONE_CHANNELS = new Set(['sms', 'viber'])

/**
 * The cause of a bounce by the words and codes of its description; `unknown` if they do not say. Takes microseconds.
 *
 * @param mediaType the channel, as Yespo spells it
 */
export function causeOf(statusDescription: string | null, mediaType: string | null): CauseName {
  if (statusDescription === null) return 'unknown'
  const text = statusDescription.slice(0, MAX_TEXT).toLowerCase()
  const channel = mediaType === null ? null : canonicalChannel(mediaType)
  if (channel === 'email') return ofEmail(text) ?? 'unknown'
  if (channel !== null && PUSH_CHANNELS.has(channel)) return ofPush(text) ?? 'unknown'
  if (channel !== null && PHONE_CHANNELS.has(channel)) return ofPhone(text) ?? 'unknown'
  return ofEmail(text) ?? ofPush(text) ?? ofPhone(text) ?? 'unknown'
}

function ofEmail(text: string): CauseName | undefined {
  const { code } = findCode(text)
  const words = toWords(text.replace(SMTP_CODES, ' '))
  return (
    findPhrase(EMAIL, words, text) ??
    (code === undefined ? undefined : ofCode(code)) ??
    findPhrase(WEAK_EMAIL, words, text) ??
    (code !== undefined && /^[45]\.7\.[12]$/.test(code) ? 'policy' : undefined)
  )
}

function ofPush(text: string): CauseName | undefined {
  return findPhrase(PUSH, toWords(text), text)
}

function ofPhone(text: string): CauseName | undefined {
  // The text of a message, which an SMPP receipt repeats.
  return findPhrase(PHONE, toWords(text.replace(/ text:.*$/s, '')), text)
}

/** Reply codes and enhanced ones, also in the middle of a sentence of several lines. */
const SMTP_CODES = /\b[45]\d\d(?![\w.])-?|\b[45]\.\d{1,3}\.\d{1,3}\b/g

/** The words of a text as in the rules, without addresses and the paths of links. */
function toWords(text: string): string[] {
  let plain = text.replace(/['’]/g, '')
  if (plain.includes('://')) plain = plain.replace(/:\/\/([^\s/?#]*)\S*/g, ' $1 ')
  if (plain.includes('@')) {
    const parts = plain.split(/[\s<>()",;:]+/)
    plain = parts.filter((part) => !part.includes('@')).join(' ')
  }
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
}

/** The cause of the first rule that applies. @param whole the text with its codes */
function findPhrase(phrases: Phrases, words: string[], whole: string): CauseName | undefined {
  const text = ` ^ ${words.join(' ')} `
  let found: Phrase | undefined
  for (const word of new Set(['^', ...words])) {
    for (const phrase of phrases.get(word) ?? []) {
      const { rank, rule, head, tail } = phrase
      if (found && found.rank <= rank) break
      const start = text.indexOf(head)
      if (start < 0) continue
      if (tail !== undefined && !text.includes(tail, start + head.length - 1)) continue
      if (rule.beside === undefined || whole.includes(rule.beside)) found = phrase
    }
  }
  return found?.rule.cause
}

function indexPhrases(rules: readonly Rule[]): Phrases {
  const phrases = rules.flatMap((rule, rank) =>
    rule.phrases.map((phrase) => {
      const [head = '', tail] = phrase.split(' … ')
      return { rank, rule, head: ` ${head} `, tail: tail === undefined ? undefined : ` ${tail} ` }
    }),
  )
  return Map.groupBy(phrases, ({ head }) => head.slice(1, head.indexOf(' ', 1)))
}

/** RFC 3463, the registry of RFC 5248, and Microsoft's own codes, by subject and detail. */
const CODES: Readonly<Record<string, CauseName>> = {
  '1.1': 'mailboxUnknown',
  '1.2': 'dns',
  '1.3': 'mailboxUnknown',
  '1.4': 'mailboxUnknown',
  '1.6': 'mailboxInactive',
  '1.8': 'dns',
  '1.10': 'dns',
  '2.1': 'mailboxInactive',
  '2.2': 'mailboxFull',
  '2.3': 'messageTooLarge',
  '3.2': 'timeout',
  '3.4': 'messageTooLarge',
  '4.1': 'timeout',
  '4.2': 'timeout',
  '4.3': 'dns',
  '4.4': 'routing',
  '4.5': 'timeout',
  '4.6': 'routing',
  '4.7': 'timeout',
  '4.14': 'routing',
  '4.300': 'timeout',
  '4.310': 'dns',
  '4.312': 'dns',
  '4.316': 'timeout',
  '5.3': 'rateLimited',
  '6.1': 'content',
  '6.2': 'content',
  '6.3': 'content',
  '7.17': 'mailboxInactive',
  '7.18': 'mailboxInactive',
  '7.20': 'authentication',
  '7.21': 'authentication',
  '7.22': 'authentication',
  '7.23': 'authentication',
  '7.24': 'authentication',
  '7.25': 'authentication',
  '7.26': 'authentication',
  '7.28': 'rateLimited',
  '7.29': 'authentication',
  '7.57': 'relay',
  '7.64': 'relay',
  '7.509': 'authentication',
  '7.511': 'reputation',
  '7.515': 'authentication',
  '7.708': 'reputation',
}

function ofCode(code: string): CauseName | undefined {
  const rest = code.slice(2)
  const isBannedIp = /^7\.6(?:0[6-9]|[1-4]\d)$/.test(rest)
  return isBannedIp ? 'reputation' : CODES[rest]
}
