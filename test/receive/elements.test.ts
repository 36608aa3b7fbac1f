import { describe, expect, it } from 'vitest'
import { NOT_UTF8, parseElements } from '../../src/receive/elements.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const parse = (text: string) => parseElements(bytes(text)).values

describe('parseElements', () => {
  it('takes an array, or a single object', () => {
    expect(parse('[{"a":1}, 2]')).toEqual([{ a: 1 }, 2])
    expect(parse(' {"a":1} ')).toEqual([{ a: 1 }])
    expect(parse('[]')).toEqual([])
  })

  it('takes a byte order mark', () => {
    expect(parseElements(latin1('\xef\xbb\xbf[1]')).values).toEqual([1])
    expect(parseElements(latin1('\xef\xbb\xbf[1,"\xff"]')).values).toEqual([1, NOT_UTF8])
  })

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '123456789012345678901234567890',
    '5.0',
    '1E2',
    '-0',
    '0.10',
    '1e400',
  ])('keeps %s to the digit, wherever it stands', (literal) => {
    const text = `[{"a":${literal},"b":[ ${literal},{"c":\n${literal}}]},${literal}]`
    expect(JSON.stringify(parse(text))).toBe(text.replace(/\s/g, ''))
    expect(JSON.stringify(parse(`{"a":${literal}}`))).toBe(`[{"a":${literal}}]`)
  })

  it('gives back the piece of text that an element was', () => {
    const { sourceOf } = parseElements(bytes('[ {"a" : 1.0} , "\\u0041"]'))
    expect(sourceOf(0)).toBe('{"a" : 1.0}')
    expect(sourceOf(1)).toBe('"\\u0041"')
    expect(parseElements(bytes(' {"a" : 1}\n')).sourceOf(0)).toBe('{"a" : 1}')
  })

  it('reads the others where one element is not UTF-8', () => {
    const { values, sourceOf } = parseElements(latin1('[{"a":"\xd0\x9f"},{"a":"\xd0"},{"a":1.0}]'))
    expect(JSON.stringify(values[0])).toBe('{"a":"П"}')
    expect(values[1]).toBe(NOT_UTF8)
    expect(sourceOf(1)).toBe('{"a":"\xd0"}')
    expect(JSON.stringify(values[2])).toBe('{"a":1.0}')
  })

  it('takes nesting of any depth', () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
    expect(parse(`[${deep},1.0]`)).toHaveLength(2)
  })

  it.each([
    ['', 'The body is empty; expected a JSON array of events.'],
    [' \n', 'The body is empty; expected a JSON array of events.'],
    ['5', 'The body is a number; expected a JSON array of events, or one event.'],
    ['"a"', 'The body is a string; expected a JSON array of events, or one event.'],
    ['true', 'The body is a boolean; expected a JSON array of events, or one event.'],
    ['null', 'The body is null; expected a JSON array of events, or one event.'],
    ['[{]', 'The body is not JSON: unexpected "]" in line 1, column 3.'],
    ['[1', 'The body is not JSON: unexpected end of the text in line 1, column 3.'],
  ])('refuses %j', (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ status: 400, message }))
  })

  it('refuses bytes that are no JSON in any reading', () => {
    expect(() => parseElements(latin1('\xff\xfe[\0'))).toThrow(
      expect.objectContaining({ status: 400 }),
    )
  })
})

it('gives what was sent as it was, also beside an element that is not UTF-8', () => {
  const body = Buffer.concat([
    Buffer.from('[{"name":"Київ"},"'),
    Buffer.from([0xff]),
    Buffer.from('"]'),
  ])
  const { sourceOf } = parseElements(body)
  expect([sourceOf(0), sourceOf(1)]).toEqual(['{"name":"Київ"}', '"\u00ff"'])
})

it('gives the rest of a body as it was, where that is UTF-8', () => {
  const body = Buffer.concat([
    Buffer.from('["'),
    Buffer.from([0xff]),
    Buffer.from(`"${',1'.repeat(50_000)},"ї"]`),
  ])
  const { values, sourceOf } = parseElements(body)
  expect(sourceOf(values.length - 1)).toBe('1,"ї"')
})
