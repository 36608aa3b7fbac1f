import { describe, expect, it } from 'vitest'
import { Elements } from '../../src/ingest/parse-elements.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const NOT_UTF8 = { reason: 'the event has bytes that are not UTF-8' }

function readAll(body: Uint8Array): unknown[] {
  const elements = new Elements(body)
  return Array.from({ length: elements.count }, (_, index) => elements.read(index))
}

const parse = (text: string) =>
  readAll(bytes(text)).map((read) => (read as { value: unknown }).value)

describe('the elements of a body', () => {
  it('are those of an array, or a single object', () => {
    expect(parse('[{"a":1}, 2]')).toEqual([{ a: 1 }, 2])
    expect(parse(' {"a":1} ')).toEqual([{ a: 1 }])
    expect(parse('[]')).toEqual([])
  })

  it('may be consecutive objects', () => {
    expect(parse('{"a":1}\n{"a":2}\r\n\n{"a":3}\n')).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
  })

  it('may follow a byte order mark', () => {
    expect(readAll(latin1('\xef\xbb\xbf[1]'))).toEqual([{ value: 1 }])
    expect(readAll(latin1('\xef\xbb\xbf[1,"\xff"]'))).toEqual([{ value: 1 }, NOT_UTF8])
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
  ])('keep %s to the digit, anywhere', (literal) => {
    const text = `[{"a":${literal},"b":[ ${literal},{"c":\n${literal}}]},${literal}]`
    expect(JSON.stringify(parse(text))).toBe(text.replace(/\s/g, ''))
    expect(JSON.stringify(parse(`{"a":${literal}}`))).toBe(`[{"a":${literal}}]`)
  })

  it('may have control characters in their texts', () => {
    expect(parse('[{"a":"550-5.1.1 a\r\n550 b\t\0"},{"b":"\\n"}]')).toEqual([
      { a: '550-5.1.1 a\r\n550 b\t\0' },
      { b: '\n' },
    ])
  })

  it('are read even if others are not UTF-8', () => {
    const read = readAll(latin1('[{"a":"\xd0\x9f"},{"a":"\xd0"},{"a":1.0}]'))
    expect(JSON.stringify(read[0])).toBe('{"value":{"a":"П"}}')
    expect(read[1]).toEqual(NOT_UTF8)
    expect(JSON.stringify(read[2])).toBe('{"value":{"a":1.0}}')
  })

  it('may be nested to any depth', () => {
    const deep = '['.repeat(900_000) + ']'.repeat(900_000)
    expect(new Elements(bytes(`[${deep},1.0]`)).count).toBe(2)
  })

  it('are not read if that would cost too much', () => {
    const values = `[${'1,'.repeat(5_000)}1]`
    expect(readAll(bytes(`[${values},{"a":"${'x'.repeat(1_900_000)}"},5]`))).toEqual([
      { reason: 'the event has more than 5000 values' },
      { reason: 'the event is larger than 1900000 bytes' },
      { value: 5 },
    ])
  })
})

describe('the source of an element', () => {
  it('is its piece of the body', () => {
    const elements = new Elements(bytes('[ {"a" : 1.0} , "\\u0041",{"name":"Київ"}]'))
    expect([0, 1, 2].map((index) => elements.sourceOf(index).text)).toEqual([
      '{"a" : 1.0}',
      '"\\u0041"',
      '{"name":"Київ"}',
    ])
    expect(elements.arrayOf([0, 2])).toEqual({
      text: '[{"a" : 1.0},{"name":"Київ"}]',
      isBytes: false,
    })
    expect(new Elements(bytes(' {"a" : 1}\n')).sourceOf(0).text).toBe('{"a" : 1}')
  })

  it('has a character for each byte only if it is not UTF-8', () => {
    const name = Buffer.from('[{"name":"Київ"},"')
    const elements = new Elements(Buffer.concat([name, Buffer.from([0xff]), Buffer.from('"]')]))
    expect(elements.sourceOf(0)).toEqual({ text: '{"name":"Київ"}', isBytes: false })
    expect(elements.sourceOf(1)).toEqual({ text: '"\u00ff"', isBytes: true })
    expect(elements.arrayOf([1])).toEqual({ text: '["\u00ff"]', isBytes: true })
  })
})

const EXPECTED = 'expected a JSON array of events'
const at = (found: string, line: number, column: number) =>
  `The body is not JSON: unexpected ${found} in line ${line}, column ${column}.`

describe('a body that cannot be read', () => {
  it.each([
    ['', `The body is empty; ${EXPECTED}.`],
    [' \n', `The body is empty; ${EXPECTED}.`],
    ['\xef\xbb\xbf', `The body is empty; ${EXPECTED}.`],
    ['5', `The body is a number; ${EXPECTED}, or one event.`],
    [' -0.5 ', `The body is a number; ${EXPECTED}, or one event.`],
    ['"a"', `The body is a string; ${EXPECTED}, or one event.`],
    ['true', `The body is a boolean; ${EXPECTED}, or one event.`],
    ['null', `The body is null; ${EXPECTED}, or one event.`],
    [
      '"[{\\"iid\\":\\"1\\"}]"',
      `The body is a string that holds JSON, encoded twice; ${EXPECTED}, or one event.`,
    ],
    [
      '"{\\"iid\\":\\"1\\"}"',
      `The body is a string that holds JSON, encoded twice; ${EXPECTED}, or one event.`,
    ],
    ['[{]', at('"]"', 1, 3)],
    ['[1', at('end of the text', 1, 3)],
    ['[{"a":1},\n {"a":', at('end of the text', 2, 7)],
    ['[{"a":1},]', `${at('"]"', 1, 10)} Remove the comma before it.`],
    ['[{"a":1,\r\n}]', `${at('"}"', 2, 1)} Remove the comma before it.`],
    ['[,{"a":1}]', at('","', 1, 2)],
    ['[{"a":NaN}]', `${at('"N"', 1, 7)} JSON has no NaN; send null.`],
    ['[{"a":-Infinity}]', `${at('"-"', 1, 7)} JSON has no -Infinity; send null.`],
    ['[{"a":undefined}]', `${at('"u"', 1, 7)} JSON has no undefined; send null.`],
    ['[{"a":None}]', `${at('"N"', 1, 7)} JSON has no None; send null.`],
    ['[{"a":Noneother}]', at('"N"', 1, 7)],
    ["[{'a':1}]", `${at('"\'"', 1, 3)} Names and texts are in straight double quotes.`],
    ['[{\u201ca\u201d:1}]', `${at('U+201C', 1, 3)} Names and texts are in straight double quotes.`],
    ['[{a:1}]', at('"a"', 1, 3)],
    ['// events\n[]', `${at('"/"', 1, 1)} JSON has no comments.`],
    ['[{"a":1} /* one */]', `${at('"/"', 1, 10)} JSON has no comments.`],
    ['{"a":1},{"b":2}', `${at('","', 1, 8)} Put several events in an array.`],
    ['[{"a":1}][{"b":2}]', at('"["', 1, 10)],
    ['[{"a":"\\x"}]', at('"\\\\"', 1, 8)],
    ['[{"a":01}]', at('"1"', 1, 8)],
    ['[{"a":1}]\0', at('U+0000', 1, 10)],
    ['<html><body>502</body></html>', `The body is HTML or XML, not JSON; ${EXPECTED}.`],
    ['\n<?xml version="1.0"?>', `The body is HTML or XML, not JSON; ${EXPECTED}.`],
    ['iid=1&activityStatus=READ', `The body is a form (name=value), not JSON; ${EXPECTED}.`],
    ['body=%5B%7B%7D%5D', `The body is a form (name=value), not JSON; ${EXPECTED}.`],
    [
      '--X\r\nContent-Disposition: form-data; name="a"\r\n',
      `The body is a form with parts (multipart/form-data), not JSON; ${EXPECTED}.`,
    ],
    ['\x1f\x8b\x08\x00', `The body is gzip that cannot be inflated; ${EXPECTED}.`],
    ['\xff\xfe[\0]\0', `The body is UTF-16, not UTF-8; ${EXPECTED}.`],
    ['\xfe\xff\0[\0]', `The body is UTF-16, not UTF-8; ${EXPECTED}.`],
    ['[\0{\0}\0]\0', `The body is UTF-16, not UTF-8; ${EXPECTED}.`],
    ['\0[\0{\0}\0]', `The body is UTF-16, not UTF-8; ${EXPECTED}.`],
    ['\xff\xfe\0\0[\0\0\0', `The body is UTF-32, not UTF-8; ${EXPECTED}.`],
    ['[\0\0\0]\0\0\0', `The body is UTF-32, not UTF-8; ${EXPECTED}.`],
  ])('%j', (text, message) => {
    // Texts with only Latin-1 characters stand for bytes.
    const body = /[^\0-\xff]/.test(text) ? bytes(text) : latin1(text)
    expect(new Elements(body).error?.message).toBe(message)
  })

  it('has its position counted in characters, not bytes', () => {
    const { error } = new Elements(bytes('[{"a":"Київ😀"},\n"ї" x]'))
    expect(error?.details).toEqual({ offset: 21, line: 2, column: 5 })
  })
})
