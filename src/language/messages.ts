import { FormatError, IntlMessageFormat } from 'intl-messageformat'
import { en } from './en/index.ts'
import { LANGUAGES, type Language } from './languages.ts'
import type { Translation } from './translation.ts'
import { uk } from './uk/index.ts'

/** The name of a text in every catalogue. */
export type TextKey = keyof typeof en

/** Every text of every language, in ICU MessageFormat: https://unicode-org.github.io/icu/userguide/format_parse/messages/ */
export const CATALOGUES: Readonly<Record<Language, Translation<typeof en>>> = { en, uk }

/** Whether there is a text of this name. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key)
}

/** Values of placeholders. */
export type Values = Readonly<Record<string, string | number>>

/** Values of placeholders, and functions that make an element from what stands between `<name>` and `</name>`. */
export type RichValues<Element> = Readonly<
  Record<string, string | number | Element | ((content: (string | Element)[]) => Element)>
>

const PLAIN = /^[^{}<>']*$/

// Reading a message takes longer than using it.
const formats: Record<Language, Map<TextKey, IntlMessageFormat>> = { en: new Map(), uk: new Map() }

/** A text. @throws if a value of a placeholder is missing */
export function textOf(language: Language, key: TextKey, values?: Values): string {
  const message = CATALOGUES[language][key]
  if (PLAIN.test(message)) return message
  return String(formatOf(language, key).format(values))
}

/** A text with elements in it: its parts. */
export function partsOf<Element>(
  language: Language,
  key: TextKey,
  values: RichValues<Element>,
): (string | Element)[] {
  const formatted = formatOf(language, key).format<Element>(
    values as Record<string, string | Element>,
  )
  return [formatted].flat() as (string | Element)[]
}

function formatOf(language: Language, key: TextKey): IntlMessageFormat {
  let format = formats[language].get(key)
  if (!format) {
    format = new IntlMessageFormat(CATALOGUES[language][key], LANGUAGES[language].locale)
    formats[language].set(key, format)
  }
  return format
}

/** A text with its values, which is written in a language later. A value may be such a text itself, or a list of them. */
export type Phrase = {
  key: TextKey
  values?: Readonly<Record<string, string | number | Phrase | readonly Phrase[]>>
}

/** Writes a phrase in a language. One that another version stored may have no text here: its name stands for it. */
export function writePhrase(language: Language, { key, values = {} }: Phrase): string {
  if (!isTextKey(key)) return String(key)
  const written = Object.entries(values).map(([name, value]) => [name, write(language, value)])
  try {
    return textOf(language, key, Object.fromEntries(written) as Values)
  } catch (error) {
    if (error instanceof FormatError) return key
    throw error
  }
}

/** Writes sentences one after the other. */
export function writePhrases(language: Language, phrases: readonly Phrase[]): string {
  return phrases.map((phrase) => writePhrase(language, phrase)).join(' ')
}

function write(
  language: Language,
  value: string | number | Phrase | readonly Phrase[],
): string | number {
  if (typeof value !== 'object') return value
  if ('key' in value) return writePhrase(language, value)
  return value.map((phrase) => writePhrase(language, phrase)).join(', ')
}
