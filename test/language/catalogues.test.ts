import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { expect, it } from 'vitest'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { DOCUMENTED_STATUSES } from '../../src/event/certain.ts'
import { LANGUAGE_CODES, LANGUAGES } from '../../src/language/languages.ts'
import { CATALOGUES, isTextKey, textOf, type TextKey } from '../../src/language/messages.ts'
import { listLiterals } from './literals.ts'

type Part = {
  type: number
  value?: string
  options?: Record<string, { value: Part[] }>
  children?: Part[]
}

const KEYS = Object.keys(CATALOGUES.en) as TextKey[]
const SRC = join(import.meta.dirname, '../../src')

/** The placeholders and elements of a message, without the forms of plurals. */
function placeholdersOf(parts: Part[]): string[] {
  return parts.flatMap(({ type, value = '', options, children }) => {
    const own = type === 0 || type === 7 ? [] : [type === 8 ? `<${value}>` : value]
    const inner = [...Object.values(options ?? {}).map((option) => option.value), children ?? []]
    return [...own, ...inner.flatMap(placeholdersOf)]
  })
}

function read(language: keyof typeof LANGUAGES, key: TextKey) {
  const message = new IntlMessageFormat(CATALOGUES[language][key], LANGUAGES[language].locale)
  return message.getAst() as Part[]
}

it.each(LANGUAGE_CODES)('has the same texts and placeholders as English in %s', (language) => {
  expect(Object.keys(CATALOGUES[language])).toEqual(KEYS)
  for (const key of KEYS) {
    const [own, english] = [language, 'en' as const].map((each) =>
      [...new Set(placeholdersOf(read(each, key)))].toSorted(),
    )
    expect(own, key).toEqual(english)
  }
})

it.each(LANGUAGE_CODES)('has every plural form of %s', (language) => {
  const forms = new Intl.PluralRules(LANGUAGES[language].locale).resolvedOptions().pluralCategories
  const check = (parts: Part[], key: TextKey) => {
    for (const { type, options = {}, children = [] } of parts) {
      if (type === 6) expect(Object.keys(options), key).toEqual(expect.arrayContaining(forms))
      for (const { value } of Object.values(options)) check(value, key)
      check(children, key)
    }
  }
  for (const key of KEYS) check(read(language, key), key)
})

it('never calls Kyiv by another name, and is in the script of its language', () => {
  for (const language of LANGUAGE_CODES) {
    expect(Object.values(CATALOGUES[language]).join('\n')).not.toMatch(/Kiev|Киев/)
  }
  const latin = KEYS.filter((key) => /[а-яіїєґ]/i.test(CATALOGUES.en[key]))
  expect(latin).toEqual([])
})

it('names every parameter and status', () => {
  const names = [
    ...PARAMETERS.map(({ name }) => `parameter.${name}`),
    ...DOCUMENTED_STATUSES.map((status) => `status.${status}`),
  ]
  expect(names.filter((name) => !isTextKey(name))).toEqual([])
})

it('names the count in the form of its language', () => {
  expect(textOf('en', 'zone', { city: 'Kyiv' })).toBe('Kyiv time')
  expect(textOf('uk', 'zone', { city: 'Kyiv' })).toBe('за київським часом')
})

it('has no literal text in a page', () => {
  const found = globSync('**/*.tsx', { cwd: SRC }).flatMap((file) => {
    const source = readFileSync(join(SRC, file), 'utf8')
    return listLiterals(source).map((text) => `${file}: ${text}`)
  })
  expect(found).toEqual([])
})
