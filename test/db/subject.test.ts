import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { redact } from '../../src/db/erasure/redact.ts'
import {
  findSubjects,
  keysAbout,
  keysOf,
  subjectMatcher,
  toSubject,
  type Identifier,
} from '../../src/db/erasure/subject.ts'

const NOBODY = [{ contactId: null, identifiers: [] }]
const noSubject = { contactIds: [], identifiers: [] }
const email = (value: string): Identifier => ({ name: 'email', value })
const isAnna = subjectMatcher({
  contactIds: ['4711'],
  identifiers: [email('anna@example.com'), { name: 'sms', value: '+380 00 000 00 01' }],
})
const isBert = subjectMatcher({
  contactIds: [],
  requested: email('bert@example.com'),
  identifiers: [],
})

describe('an identifier', () => {
  it.each<[Identifier['name'], string]>([
    ['sms', 'none'],
    ['sms', '-'],
    ['sms', 'n/a 1'],
    ['sms', '1234'],
    ['email', 'none'],
    ['email', '@'],
    ['externalCustomerId', ' - '],
    ['webpush', '?'],
  ])('identifies no one if it is a placeholder: %s %s', (name, value) => {
    const identifiers = [{ name, value }]
    expect(keysOf({ ...noSubject, requested: { name, value }, identifiers })).toEqual([])
    expect(keysAbout({ contactId: '5', identifiers })).toEqual(['contactId 5'])
    expect(keysAbout({ contactId: null, identifiers })).toEqual([])
  })

  it.each<[Identifier['name'], string, string]>([
    ['sms', '+38 (000) 000-00-01', '380000000001'],
    ['email', ' \u00c4NNA@example.com', '\u00e4nna@EXAMPLE.com'],
    ['email', 'a\u0308nna@example.com', '\u00e4nna@example.com'],
    ['externalCustomerId', '7', '7'],
  ])('is the same in another spelling: %s %s', (name, value, other) => {
    const isMatch = subjectMatcher({ ...noSubject, requested: { name, value } })
    expect(isMatch({ contactId: '5', identifiers: [{ name, value: other }] })).toBe(true)
    expect(isMatch({ contactId: '5', identifiers: [{ name, value: `${other}1` }] })).toBe(false)
  })
})

describe('a row', () => {
  const subjectIn = (extra: object, contactId: number | null = null) =>
    toSubject(contactId, () => null, JSON.stringify(extra))

  it('has its subject even from values of another type', () => {
    expect(subjectIn({ contactId: ' 4711', sms: 380000000001, note: 'x' })).toEqual({
      contactId: '4711',
      identifiers: [{ name: 'sms', value: '380000000001' }],
    })
    expect(subjectIn({ externalCustomerId: 777123, webPushToken: 'a', mobPushToken: 'b' })).toEqual(
      {
        contactId: null,
        identifiers: [
          { name: 'externalCustomerId', value: '777123' },
          { name: 'webpush', value: 'a' },
          { name: 'mobilepush', value: 'b' },
        ],
      },
    )
    expect(subjectIn({ EMAIL: ['anna@example.com'] }).identifiers).toEqual([
      email('anna@example.com'),
    ])
  })

  it('is not about a nested subject, and about its own contact first', () => {
    expect(subjectIn({ manager: { contactId: 4711 }, contactId: 'none' })).toEqual(NOBODY[0])
    expect(subjectIn({ ContactId: 4712 }, 4711).contactId).toBe('4711')
    expect(toSubject(null, () => null, '{"contactId":9007199254740993.5}').contactId).toBe(null)
  })
})

describe('an invalid element', () => {
  it.each([
    ['{"contactId":4711}'],
    ['{"contact\\u0049d":4711}'],
    ['{"contactId":" 4711"}'],
    ['{"contactId":4.711e3}'],
    ['{"CONTACTID":[1,"4711"]}'],
    ['{"a":[{"b":{"contactId":4711}}]}'],
    ['{"email":["x",["y"],"anna@example.com"]}'],
    ['{"Email":"ANNA@example.com"}'],
    ['{"e\\u006dail":"anna@example.com"}'],
    ['{"sms":380000000001}'],
    ['{"sms":3.80000000001e11}'],
    ['{"contactId" : 4711, broken'],
    ['{broken "ContactId":"4711"'],
    ['{"email":[ "an\\u006ea@example.com", broken'],
    ['{"note":"a\nb","email":"anna@example.com"'],
    ['{"email":"x'.concat('"},{"contactId":4711}')],
  ])('mentions the subject: %s', (text) => {
    expect(findSubjects(text).some(isAnna)).toBe(true)
  })

  it.each([
    ['{"contactId":4.711e3,broken', '4'],
    ['{"contactId":4.711e3}', '4'],
    ['{"contactId":47110}', '4711'],
    ['{"contactId":47110,broken', '4711'],
    ['{"contactId":9007199254740993}', '9007199254740992'],
  ])('does not mention others: %s', (text, contactId) => {
    expect(
      findSubjects(text).some(subjectMatcher({ contactIds: [contactId], identifiers: [] })),
    ).toBe(false)
  })

  it('mentions all its subjects, up to a limit, in linear time', () => {
    const of = (count: number) =>
      JSON.stringify(
        Array.from({ length: count }, (_, index) => ({ contactId: index, sms: 10_000 + index })),
      )
    const keysIn = (text: string) => findSubjects(text).flatMap(keysAbout)
    expect(keysIn(of(4))).toHaveLength(8)
    expect(keysIn(of(5_000))).toHaveLength(2_000)
    expect(findSubjects(of(5_000), Infinity)).toHaveLength(5_000)
  })

  it.each([
    ['a text', (long: string) => `{"contactId":4711,"email":"${long}"}`],
    ['a text that is cut off', (long: string) => `{"contactId":4711,"email":"${long}`],
    ['a text in malformed JSON', (long: string) => `broken "email":"${long}","contactId":4711`],
  ])('may have %s of millions of characters', (_, write) => {
    for (const long of ['a'.repeat(9_000_000), '\\n'.repeat(4_500_000)]) {
      expect(findSubjects(write(long)).some(isAnna)).toBe(true)
    }
  })

  it('may be nested to any depth', () => {
    const deep = `${'['.repeat(100_000)}{"contactId":4711}${']'.repeat(100_000)}`
    expect(findSubjects(deep).some(isAnna)).toBe(true)
    expect(redact('message', deep, isAnna)).toBeNull()
    expect(redact('message', `{"v":1,"accepted":1,"rejected":0,"x":${deep}}`, isAnna)).toBeNull()
  })
})

describe('a body', () => {
  it('keeps elements about others unchanged', () => {
    const bert = '{"contactId":5, "b":1e2,"c":-0,"d":1,"d":2,"e":12345678901234567890}'
    const spaced = '{ "email" : "bert@example.com" }'
    const body = `[{"contactId":4711},${bert}, ${spaced},{"email":"anna@example.com"}]`
    expect(redact('body', body, isAnna)).toBe(`[${bert},${spaced}]`)
    expect(redact('body', `[${bert} ]`, isAnna)).toBe(`[${bert} ]`)
    expect(redact('body', '[{"contactId":4711},{"contactId":5},{broken', isAnna)).toBeNull()
  })

  it('is read even if some of its bytes are not text', () => {
    const isMatch = subjectMatcher({ ...noSubject, requested: email('\u00e4nna@example.com') })
    const bytes = (text: string) => Buffer.from(text).toString('latin1')
    const own = bytes('{"email":"\u00c4nna@example.com"}')
    const bert = '{"email":"bert@example.com","x":"\u00ff"}'
    expect(redact('bodyBytes', `[${own},${bert}]`, isMatch)).toBe(`[${bert}]`)
    expect(redact('bytes', own, isMatch)).toBeNull()
    expect(redact('bytes', bert, isMatch)).toBe(bert)
  })

  it('loses a subject that follows thousands of others', () => {
    const others = Array.from({ length: 2_500 }, (_, index) => `{"contactId":${10_000 + index}}`)
    const body = `[${[...others, '{"contactId":4711}'].join()}]`
    expect(redact('body', body, isAnna)).toBe(`[${others.join()}]`)
  })

  it('is deleted as a whole if it mentions the subject and is too long to split', () => {
    const long = `[${'{},'.repeat(1_000_000)}{"contactId":4711}]`
    expect(redact('body', long, isAnna)).toBeNull()
    expect(redact('body', long.replace('4711', '4712'), isAnna)).not.toBeNull()
  })
})

describe('a message that cannot be read', () => {
  const wrap = (row: string) =>
    `{"v":2,"accepted":4711,"rejected":0,"receivedAt":1,"rows":[[1,"id",${row}]]}`

  it.each([
    ['4711'],
    ['"Anna@example.com"'],
    ['380000000001'],
    ['"+380000000001"'],
    ['"{\\"email\\":[\\"anna@example.com\\"]}"'],
    ['"anna@example.com",broken'],
    ['"\\"broken\\"",4711,broken'],
  ])('is deleted if it mentions the subject: %s', (row) => {
    expect(redact('message', wrap(row), isAnna)).toBeNull()
  })

  it.each([['47110'], ['4.5'], ['"4711 "'], ['"anna"'], ['"https://example.com/380000000001"']])(
    'stays if it does not: %s',
    (row) => {
      expect(redact('message', wrap(row), isAnna)).toBe(wrap(row))
    },
  )

  it('is deleted if it has the requested identifier', () => {
    expect(redact('message', wrap('"BERT@example.com",4712'), isBert)).toBeNull()
  })
})
