/** The languages of pages and alerts, with their names in themselves and the locale of their numbers and dates. */
export const LANGUAGES = {
  en: { name: 'English', locale: 'en-GB' },
  uk: { name: 'Українська', locale: 'uk-UA' },
} as const

/** An ISO 639-1 code. */
export type Language = keyof typeof LANGUAGES

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as Language[]

/** Whether texts of this language are available. */
export function isLanguage(code: string): code is Language {
  return Object.hasOwn(LANGUAGES, code)
}
