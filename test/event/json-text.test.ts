import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJsonError } from '../../src/event/json-error.ts'

/** Whether a text is JSON, in which strings may have raw control characters. */
const isJson = (text: string) => {
  try {
    const escaped = text.replace(/"(?:[^"\\]|\\[^])*"/g, (each) => each.replace(CONTROLS, escape))
    JSON.parse(escaped)
    return true
  } catch {
    return false
  }
}

/** Replaces a control character; what is already escaped stays. */
const escape = (found: string) => (found.length === 2 ? found : '?')

// oxlint-disable-next-line no-control-regex -- JSON has to escape these
const CONTROLS = /\\[^]|[\u0000-\u001f]/g

/** JSON text with a random change, which mostly breaks it. */
const almostJson = fc
  .tuple(
    fc.json(),
    fc.nat(),
    fc.constantFrom(
      '',
      ',',
      ']',
      '}',
      '"',
      '0',
      '-',
      '\\',
      '\n',
      'e',
      '\u00a0',
      '\u0001',
      '{',
      '[',
      ':',
    ),
  )
  .map(([text, at, put]) => {
    const index = at % (text.length + 1)
    return text.slice(0, index) + put + text.slice(index + 1)
  })

describe('findJsonError', () => {
  it('finds an error exactly where JSON.parse does', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), almostJson, fc.string()), (text) => {
        expect(findJsonError(text) === undefined).toBe(isJson(text))
      }),
      { numRuns: 5_000 },
    )
  })

  it('stops at the first character that cannot follow', () => {
    fc.assert(
      fc.property(almostJson, (text) => {
        const error = findJsonError(text)
        if (!error) return
        // The text up to there could continue as JSON, so the error of a prefix is at its end.
        expect(findJsonError(text.slice(0, error.offset))?.offset ?? error.offset).toBe(
          error.offset,
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['{"a":1,}', 7, 1, 8, '"}"'],
    ['[1,\n 2,\n  x]', 10, 3, 3, '"x"'],
    ['[1', 2, 1, 3, 'end of the text'],
    ['', 0, 1, 1, 'end of the text'],
    ['{"a" 1}', 5, 1, 6, '"1"'],
    ['[\n\0]', 2, 2, 1, 'U+0000'],
    ['["\\\n"]', 2, 1, 3, '"\\\\"'],
    ['["а😀",x]', 7, 1, 8, '"x"'],
    ['[1]\u00a0', 3, 1, 4, 'U+00A0'],
    ['[01]', 2, 1, 3, '"1"'],
    ['["\\x"]', 2, 1, 3, '"\\\\"'],
    ["[']", 1, 1, 2, '"\'"'],
  ])('%j breaks at %i', (text, offset, line, column, found) => {
    expect(findJsonError(text)).toEqual({ offset, line, column, found })
  })

  it('reads a long string and deep nesting without running out of stack', () => {
    expect(findJsonError(`["${'a'.repeat(9_000_000)}"]`)).toBeUndefined()
    expect(findJsonError(`["${'\\n'.repeat(2_000_000)}"]`)).toBeUndefined()
    expect(findJsonError('['.repeat(3_000_000))?.offset).toBe(3_000_000)
  })
})

it('knows every hexadecimal digit of an escape, and no other character', () => {
  for (const digit of '0123456789abcdefABCDEF') {
    expect(findJsonError(`"\\u${digit.repeat(4)}"`), digit).toBeUndefined()
  }
  for (const other of '/:@G`g') {
    expect(findJsonError(`"\\u000${other}"`)?.found, other).toBeDefined()
  }
})
