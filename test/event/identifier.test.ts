import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  IDENTIFIERS,
  normalizeIdentifier,
  readIdentifiers,
  readPhone,
  type IdentifierName,
} from '../../src/event/identifier.ts'

const PHONE = '380950000903'

describe('a phone number', () => {
  it.each([
    '380950000903',
    '+380950000903',
    '+38 (095) 000-09-03',
    '38 095 000 09 03',
    '00380950000903',
    '00 380 95 000 09 03',
    '(+380) 95-000-09-03',
    '+380 (0)95 000 09 03',
    '0950000903',
    '095 000 09 03',
    '(095) 000.09.03',
    '8 (095) 000-09-03',
    '\u202a+380 95 000 09 03\u202c',
    '380\u00a095\u2009000\u201109\u201303',
    '\ufeff380950000903',
    '３８０９５００００９０３',
    '٣٨٠٩٥٠٠٠٠٩٠٣',
    '38O95OOOO9O3',
    '38О95ОООО9О3',
    'tel:+380-95-000-09-03',
    'тел. 095-000-09-03',
    '+380950000903 ext. 12',
    '+380950000903;ext=12',
    '095 000 09 03 доб. 12',
    '380950000903x12',
    '380950000903 #4',
    '380950000903.0',
    '380,950,000,903',
    '+380950000903,',
    '380-95-000-09-03;',
    "'380950000903",
    '"380950000903"',
    '="380950000903"',
    '"tel:+380950000903"',
    '«+38 095 000 09 03».',
    "'095-000-09-03',",
    '3.80950000903E11',
    '3.80950000903e+11',
  ])('is the same written as %j', (written) => {
    expect(normalizeIdentifier('sms', written)).toBe(PHONE)
  })

  it.each([
    ['+44 (0)20 7946 0000', '442079460000'],
    ['0033612345678', '33612345678'],
    ['+1 (202) 555-0143', '12025550143'],
    ['+375 44 123-45-67', '375441234567'],
    ['8 044 123-45-67', '80441234567'],
    ['+7 (912) 000-00-01', '79120000001'],
    ['0161 496 0000', '01614960000'],
    ['12345', '12345'],
    ['095.000.09.00', '380950000900'],
  ])('of another country is unchanged: %j', (written, number) => {
    expect(normalizeIdentifier('sms', written)).toBe(number)
  })

  it.each(['none', '-', '', ' ', 'n/a 1', '1234', '+', '()'])('cannot be %j', (placeholder) => {
    expect(normalizeIdentifier('sms', placeholder)).toBeUndefined()
  })

  it('cannot contain letters, like the ID of a messenger', () => {
    expect(normalizeIdentifier('sms', ' 01234567890A= ')).toBe('01234567890A=')
    expect(normalizeIdentifier('sms', 'a1b2c3d4e5')).not.toBe(normalizeIdentifier('sms', '12345'))
    expect(normalizeIdentifier('sms', '0950000903, 0670000903')).toBe('0950000903, 0670000903')
  })

  it('cannot have lost digits', () => {
    expect(normalizeIdentifier('sms', '3.8095E+11')).toBe('3.8095E+11')
  })
})

describe('an email address', () => {
  it.each([
    ['Anna@Example.COM', 'anna@example.com'],
    [' anna@example.com\n', 'anna@example.com'],
    ['Anna <anna@example.com>', 'anna@example.com'],
    ['"Petrenko, Anna" <Anna@example.com>', 'anna@example.com'],
    ['<anna@example.com>;', 'anna@example.com'],
    ['mailto:anna@example.com', 'anna@example.com'],
    ['anna@example.com.', 'anna@example.com'],
    ['"anna"@example.com', 'anna@example.com'],
    ['ａｎｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'anna@example.com'],
    ['anna@example。com', 'anna@example.com'],
    ['\u200banna@example.com\u200e', 'anna@example.com'],
    ['ÄNNA@example.com', 'änna@example.com'],
    ['a\u0308nna@example.com', 'änna@example.com'],
    ['АННА@ПРИКЛАД.УКР', 'анна@xn--80aikifvh.xn--j1amh'],
    ['анна@приклад.укр', 'анна@xn--80aikifvh.xn--j1amh'],
    ['анна@XN--80AIKIFVH.xn--j1amh', 'анна@xn--80aikifvh.xn--j1amh'],
    ['anna@exa\u0308mple.com', 'anna@xn--exmple-cua.com'],
    ['ΣΑΣ@example.com', 'σασ@example.com'],
    ['σας@example.com', 'σασ@example.com'],
    ['anna+Shop@example.com', 'anna+shop@example.com'],
    ['a.n.n.a@example.com', 'a.n.n.a@example.com'],
    ["'anna@example.com'", 'anna@example.com'],
    ["'anna@example.com", 'anna@example.com'],
    ['"anna@example.com"', 'anna@example.com'],
    ['“anna@example.com”,', 'anna@example.com'],
    ['(anna@example.com)', 'anna@example.com'],
    ['[anna@example.com];', 'anna@example.com'],
    ["'<anna@example.com>'", 'anna@example.com'],
    ["Anna <'anna@example.com'>", 'anna@example.com'],
    ['MAILTO:anna@example.com?subject=x', 'anna@example.com'],
    ['mailto:anna@example.com?cc=b@example.com', 'anna@example.com'],
    ['"mailto:anna@example.com"', 'anna@example.com'],
    ['anna@example.com (Anna)', 'anna@example.com'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['a?b@example.com', 'a?b@example.com'],
    ['"anna shop"@example.com', '"anna shop"@example.com'],
    ['anna@[192.0.2.1]', 'anna@[192.0.2.1]'],
  ])('%j is %s', (written, address) => {
    expect(normalizeIdentifier('email', written)).toBe(address)
  })

  it.each([
    ['anna@example.com', 'аnna@example.com'], // Cyrillic
    ['anna@example.com', 'anna+shop@example.com'],
    ['anna@example.com', 'an.na@example.com'],
    ['ilker@example.com', 'ılker@example.com'],
    ['anna@example.com', 'anna@example.com.ua'],
    ['anna@example.com', 'anna @example.com'],
  ])('is distinguished from a similar one: %j, %j', (one, other) => {
    expect(normalizeIdentifier('email', one)).not.toBe(normalizeIdentifier('email', other))
  })

  it.each(['none', '-', '@', 'a@', '@example.com', '', ' '])('cannot be %j', (placeholder) => {
    expect(normalizeIdentifier('email', placeholder)).toBeUndefined()
  })

  it.each([
    ['anna shop@example.com', 'anna+shop@example.com'],
    [' anna@example.com ', 'anna@example.com'],
    ['Anna Shop <anna shop@example.com>', 'anna+shop@example.com'],
    ['a b c@example.com', 'a+b+c@example.com'],
    ['MAILTO:anna shop@example.com', 'anna+shop@example.com'],
    ['anna+shop@example.com', 'anna+shop@example.com'],
  ])('in a query has a plus instead of a space: %j', (query, address) => {
    expect(readIdentifiers('email', query)).toEqual([address])
  })
})

describe('any other identifier', () => {
  it.each([
    [' C-7 ', 'C-7'],
    ['c-7', 'c-7'],
    ['e\u0301-1', 'é-1'],
    ['007', '007'],
    ['a  b', 'a  b'],
  ])('is unchanged: %j', (written, id) => {
    expect(normalizeIdentifier('externalCustomerId', written)).toBe(id)
  })

  it.each(['null', 'None', 'undefined', 'n/a', '-', ' - ', '?', ''])(
    'cannot be %j',
    (placeholder) => {
      expect(normalizeIdentifier('externalCustomerId', placeholder)).toBeUndefined()
    },
  )

  it('in a query may have a space or a plus', () => {
    expect(readIdentifiers('webpush', 'a b')).toEqual(['a b', 'a+b'])
    expect(readIdentifiers('sms', ' 380950000903')).toEqual(['+380950000903'])
  })
})

describe('a phone number that is looked up', () => {
  it.each([
    '067 123 10 01',
    '+38 (067) 123-10-01',
    '80671231001',
    '380671231001',
    '671231001',
    '00380671231001',
    '+380 (0)67 123 10 01',
    '067-123-10-01 ext. 5',
  ])('is read as Ukrainian in Ukraine: %s', (text) => {
    expect(readPhone(text, 'UA').toSorted()).toEqual(['380671231001', '671231001'])
  })

  it.each([
    ['PL', '600 123 456', ['48600123456', '600123456']],
    ['PL', '+48 600 123 456', ['48600123456', '600123456']],
    ['PL', '48600123456', ['48600123456', '600123456']],
    ['RO', '0731 234 567', ['380731234567', '40731234567', '731234567']],
    ['RO', '+40 731 234 567', ['380731234567', '40731234567', '731234567']],
    ['IT', '347 123 4567', ['3471234567', '393471234567']],
    ['IT', '06 7123 1001', ['380671231001', '390671231001']],
    ['KZ', '8 (701) 123-45-67', ['7011234567', '77011234567', '87011234567']],
    ['BY', '8 029 123-45-67', ['291234567', '375291234567', '80291234567', '8291234567']],
    ['HU', '06 20 123 4567', ['06201234567', '201234567', '36201234567']],
  ])('is read as local in %s: %s', (country, text, spellings) => {
    expect(readPhone(text, country).toSorted()).toEqual(expect.arrayContaining(spellings))
  })

  it.each([
    ['UA', '+48 600 123 456'],
    ['UA', '+1 202 555 0143'],
    ['PL', '+380671231001'],
    ['PL', '0048 12'],
    ['US', '+49 170 1234567'],
    ['UA', 'messenger-67'],
    ['UA', 'none'],
  ])('is the number itself if it is not local in %s: %s', (country, text) => {
    expect(readPhone(text, country)).toEqual([text])
  })

  it.each([
    ['UA', '671231001'],
    ['PL', '600123456'],
    ['KZ', '7011234567'],
    ['US', '2025550143'],
  ])('is read in all of its spellings by each of them in %s: %s', (country, number) => {
    const spellings = readPhone(number, country).toSorted()
    for (const spelling of spellings) {
      expect(readPhone(spelling, country).toSorted()).toEqual(spellings)
      expect(normalizeIdentifier('sms', spelling)).toBe(spelling)
    }
  })
})

const written = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('mailto:', ...Array.from(`a@.?"'()<>[], ;\u00a8`)) }),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789+ ()-.Oо,x#')) }),
  fc.emailAddress(),
  fc.tuple(fc.string(), fc.domain()).map((parts) => parts.join('@')),
)
const name = fc.constantFrom<IdentifierName>(...IDENTIFIERS)

describe('any text', () => {
  it('is found again by its normalized form', () => {
    fc.assert(
      fc.property(name, written, (parameter, value) => {
        const key = normalizeIdentifier(parameter, value.toWellFormed())
        if (key !== undefined) expect(normalizeIdentifier(parameter, key)).toBe(key)
      }),
      { numRuns: 3_000 },
    )
  })

  it('does not become longer if it is long', () => {
    const long = `380950000903${'\ufdfa'.repeat(1_000)}@example.com` // each becomes 18 characters in NFKC
    for (const parameter of IDENTIFIERS) expect(normalizeIdentifier(parameter, long)).toBe(long)
  })

  it.each([']', '"', '.', "'", '] ', '[', '?', ' ('])(
    'is normalized fast, even with many of %j',
    (piece) => {
      const most = `x@y${piece.repeat(980 / piece.length)}z`
      const started = Date.now()
      for (let times = 0; times < 3_000; times++) normalizeIdentifier('email', most)
      expect(Date.now() - started).toBeLessThan(3_000)
    },
  )

  it.each(['<@', ' ', '.', '@', '1 ', 'x1', 'ext', '"', ',;', '\u200b', '０', 'ς@', "'(", '?'])(
    'is normalized in linear time, with any number of %j',
    (piece) => {
      const long = piece.repeat(200_000)
      const started = Date.now()
      for (const parameter of IDENTIFIERS) normalizeIdentifier(parameter, `a${long}b`)
      expect(Date.now() - started).toBeLessThan(5_000)
    },
  )
})
