import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutText, shorten } from '../../src/platform/cut-text.ts'

const FAMILY = '👨‍👩‍👧‍👦'
const KISS = '👩‍❤️‍💋‍👨'
const UKRAINE = '🇺🇦'
const ENGLAND = '🏴󠁧󠁢󠁥󠁮󠁧󠁿'
const WAVE = '👋🏽'
const KEYCAP = '1️⃣'
const MARKED = 'и\u0306' // й of two code points
const ACCENT = 'e\u0301\u0323'
const HANGUL = '\u1112\u1161\u11ab'
const HINDI = 'क्षि'
const PAIR = '😀'
const RARE = '𠮷'

describe('a shortened text', () => {
  it.each([
    FAMILY,
    KISS,
    UKRAINE,
    ENGLAND,
    WAVE,
    KEYCAP,
    MARKED,
    ACCENT,
    HANGUL,
    HINDI,
    PAIR,
    RARE,
  ])('has all of %s or nothing of it', (character) => {
    for (let room = 0; room <= character.length + 1; room++) {
      const text = `${'x'.repeat(119)}${character} sale`
      const cut = cutText(text, 119 + room)
      const isIn = room >= character.length
      expect(cut.startsWith(`${'x'.repeat(119)}${isIn ? character : ''}`)).toBe(true)
      if (!isIn) expect(cut).toBe('x'.repeat(119))
    }
  })

  it('is unchanged if it is short enough', () => {
    for (const text of ['', 'x', PAIR, 'xy']) expect(shorten(text, 2)).toBe(text)
    expect(shorten('xyz', 2)).toBe('xy…')
  })

  it('does not become empty because of one endless character', () => {
    expect(cutText(`e${'\u0301'.repeat(500)}`, 120)).toHaveLength(120)
    expect(cutText(PAIR.repeat(1), 1)).toBe('')
    expect(cutText(`a${'\u200d😀'.repeat(500)}`, 120).isWellFormed()).toBe(true)
  })

  it('pairs the letters of flags from the start', () => {
    expect(cutText(UKRAINE.repeat(500), 1_998)).toBe(UKRAINE.repeat(499))
    expect(cutText(UKRAINE.repeat(500), 1_999)).toBe(UKRAINE.repeat(499))
  })

  it('is a prefix of the original and well-formed', () => {
    const pieces = fc.constantFrom(FAMILY, UKRAINE, WAVE, MARKED, PAIR, 'a', ' ', 'ї', HANGUL, '\n')
    const property = fc.property(fc.array(pieces), fc.nat({ max: 60 }), (parts, most) => {
      const text = parts.join('')
      const cut = cutText(text, most)
      expect(text.startsWith(cut)).toBe(true)
      expect(cut.length).toBeLessThanOrEqual(Math.max(most, 0))
      expect(cut.isWellFormed()).toBe(true)
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('is made fast, however long the original', () => {
    const started = Date.now()
    for (let times = 0; times < 100; times++) cutText(FAMILY.repeat(200_000), 1_000_000)
    expect(Date.now() - started).toBeLessThan(20_000)
  })
})
