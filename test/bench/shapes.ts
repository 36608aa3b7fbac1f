import { Buffer } from 'node:buffer'
import { gzipSync } from 'node:zlib'

/** Builds a body of a given length, far more expensive than Yespo's. */
type Shape = (bytes: number) => Buffer

const TIME = '"activityDateTime":"2026-01-05T07:00:00"'
const STATUS = '"activityStatus":"READ"'
const MAX_EVENT = 1_890_000 // bytes: below the longest event that is stored
const MAX_ELEMENTS = 29_000

/** An event of some 600 bytes, as Yespo sends them. */
function makeEvent(index: number, more = ''): string {
  const id = String(index).padStart(12, '0')
  return `{"iid":"99d591ab-e7a5-49ed-8e16-${id}",${STATUS},${TIME},"contactId":${1_000_000 + index},"email":"contact${index}@example.com","mediaType":"email","messageId":2489300,"messageName":"The sale of spring begins","messageTag":"sale,spring","broadcastId":3459207,"from":"Shop <shop@example.com>","messageInstanceId":${4_000_000 + index},"imId":${5_000_000 + index},"hardBounce":false,"osName":"Windows 10","osType":"Desktop","clickEventLink":"https://shop.example.com/spring/sale?utm_source=yespo&utm_medium=email&utm_campaign=spring&id=${id}","viewMessageLink":"https://view.example.com/${id}"${more}}`
}

/** An event that is filled up to a length. */
function fillEvent(bytes: number, open: string, piece: string, close: string): string {
  const head = `{"iid":"1",${STATUS},${TIME},"x":${open}`
  const times = Math.floor((bytes - head.length - close.length - 2) / Buffer.byteLength(piece))
  return `${head}${trim(piece.repeat(times))}${close}}`
}

const trim = (text: string) => (text.endsWith(',') ? text.slice(0, -1) : text)

/** An array of as many elements as fit. */
function fill(bytes: number, make: (index: number) => string, most = Infinity): Buffer {
  const parts: string[] = []
  let left = bytes - 2
  for (let index = 0; parts.length < most; index++) {
    const text = make(index)
    left -= Buffer.byteLength(text) + 1
    if (left < 0) break
    parts.push(text)
  }
  return Buffer.from(`[${parts.join(',')}]`)
}

const repeat = (bytes: number, open: string, piece: string, close: string) =>
  Buffer.from(
    `${open}${trim(piece.repeat(Math.floor((bytes - open.length - close.length) / piece.length)))}${close}`,
  )

/** Members with different names. */
function members(bytes: number, value: string): string {
  const parts: string[] = []
  for (let left = bytes, index = 0; left > 0; index++) {
    const text = `"k${index.toString(36)}":${value}`
    left -= text.length + 1
    parts.push(text)
  }
  return parts.join(',')
}

const nest = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

/** Shapes of bodies, by name. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'events as Yespo sends them': (bytes) => fill(bytes, (index) => makeEvent(index)),
  'events with Cyrillic and emoji': (bytes) =>
    fill(bytes, (index) => makeEvent(index, ',"note":"Весняний розпродаж починається 😀"')),
  'events, indented': (bytes) =>
    fill(bytes, (index) => JSON.stringify(JSON.parse(makeEvent(index)), null, 8)),
  'the same event again and again': (bytes) => fill(bytes, () => makeEvent(1)),
  'the smallest events': (bytes) => fill(bytes, () => `{${STATUS},${TIME}}`, MAX_ELEMENTS),
  'small events with the last column': (bytes) =>
    fill(bytes, (index) => `{${STATUS},${TIME},"workflowInstanceId":"${index}"}`, MAX_ELEMENTS),
  'events with 100 fractions': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,"n":[${trim('1.0,'.repeat(100))}]`)),
  'events with 300 parameters': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,${members(3_000, '1')}`)),
  'events of 900 levels': (bytes) => fill(bytes, (index) => makeEvent(index, `,"n":${nest(900)}`)),
  'one object of fractions': (bytes) => repeat(bytes, '{"x":[', '1.0,', ']}'),
  'events of fractions, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '[', '1.0,', ']')),
  'events of 1e400, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '[', '1e400,', ']')),
  'events of ones, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '[', '1,', ']')),
  'events of empty objects, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '[', '{},', ']')),
  'events of objects, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '[', '{"a":{"b":1}},', ']')),
  'events of members, as long as any': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,"x":{${members(MAX_EVENT - 2_000, '1')}}`)),
  'events with one member again and again': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '{', '"a":1,', '}')),
  'events of 4,900 fractions': (bytes) => fill(bytes, () => fillEvent(19_500, '[', '1.0,', ']')),
  'events of 4,900 empty objects': (bytes) => fill(bytes, () => fillEvent(14_600, '[', '{},', ']')),
  'events of 4,900 members': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,"x":{${members(42_000, '1.0')}}`)),
  'events of 4,900 levels and ones': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,"x":[${`${nest(900)},`.repeat(5)}1]`)),
  'events of 4,900 texts': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,"x":{${members(49_000, '"\\u0416"')}}`)),
  'events of bounces with line ends': (bytes) =>
    fill(bytes, (index) => makeEvent(index, `,"statusDescription":"550 a\r\n550 b\r\n"`)),
  'events of escapes, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '"', '\\u0416', '"')),
  'events of quotes, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '"', '\\"', '"')),
  'events of emoji, as long as any': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '"', '😀', '"')),
  'events of line ends, unescaped': (bytes) =>
    fill(bytes, () => fillEvent(MAX_EVENT, '"', '\n', '"')),
  'events with one long number': (bytes) => fill(bytes, () => fillEvent(MAX_EVENT, '', '9', '')),
  'lone surrogates': (bytes) => fill(bytes, (index) => makeEvent(index, ',"n":"\\ud800"')),
  'each rejected for a reason of its own': (bytes) =>
    fill(bytes, (index) => `{"a${index}${'x'.repeat(90)}":"\\ud800"}`, MAX_ELEMENTS),
  '29,000 empty objects': () => Buffer.from(`[${trim('{},'.repeat(29_000))}]`),
  'empty objects': (bytes) => repeat(bytes, '[', '{},', ']'),
  ones: (bytes) => repeat(bytes, '[', '1,', ']'),
  'empty arrays': (bytes) => repeat(bytes, '[', '[],', ']'),
  'one object of empty arrays': (bytes) => repeat(bytes, '{"x":[', '[],', ']}'),
  'one object of members': (bytes) => Buffer.from(`{${members(bytes - 10, '1')}}`),
  'one object of members with fractions': (bytes) =>
    Buffer.from(`{${members(bytes - 10, '0.10')}}`),
  'one string of escapes': (bytes) => repeat(bytes, '["', '\\n', '"]'),
  'one string of Latin-1 bytes': (bytes) =>
    Buffer.from(`["${'\xe9'.repeat(bytes - 4)}"]`, 'latin1'),
  'events that are not UTF-8': (bytes) =>
    Buffer.from(
      fill(bytes, (index) => makeEvent(index, ',"n":"\xd0"')).toString('utf8'),
      'latin1',
    ).subarray(0),
  '29,000 strings that are not UTF-8': () =>
    Buffer.from(`[${trim('"\xff",'.repeat(29_000))}]`, 'latin1'),
  'levels of arrays': (bytes) => Buffer.from(`[${nest((bytes - 2) >> 1)}]`),
  'levels of objects': (bytes) =>
    Buffer.from(`${'{"a":'.repeat(bytes / 6)}1${'}'.repeat(bytes / 6)}`),
  'levels that never close': (bytes) => Buffer.from('['.repeat(bytes)),
  'one number': (bytes) => Buffer.from(`[${'9'.repeat(bytes - 2)}]`),
  blanks: (bytes) => Buffer.from(' '.repeat(bytes)),
  'cut off before the last bracket': (bytes) =>
    fill(bytes, (index) => makeEvent(index)).subarray(0, -1),
  'an empty object a line': (bytes) => repeat(bytes, '', '{}\n', ''),
  'over the limit': (bytes) => fill(bytes * 3, (index) => makeEvent(index)),
  'an event per line': (bytes) =>
    Buffer.from(
      fill(bytes, (index) => makeEvent(index))
        .toString()
        .replaceAll('},{', '}\n{')
        .slice(1, -1),
    ),
  'gzip of events': (bytes) => gzipSync(fill(bytes, (index) => makeEvent(index))),
  'gzip of 200 megabytes': () => gzipSync(Buffer.alloc(200_000_000, '[')),
  'gzip of gzip of noise': (bytes) => gzipSync(gzipSync(Buffer.alloc(bytes, 'noise'))),
}
