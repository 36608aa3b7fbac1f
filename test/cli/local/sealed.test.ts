import { expect, it } from 'vitest'
import { open, seal, toStored } from '../../../src/cli/local/sealed.ts'

const NOW = Date.UTC(2026, 10, 1)
const BYTES = new Uint8Array([0, 255, 10, 32])

it.each<[QueueContentType | undefined, unknown]>([
  ['text', ''],
  ['text', '1 json\n{"a":"Київ"}\n'],
  ['json', { a: [1, null, '\n'] }],
  [undefined, 'a text as JSON'],
  ['bytes', BYTES.buffer],
  ['bytes', new ArrayBuffer(0)],
])('opens what it sealed as %s: %j', (contentType, body) => {
  const stored = toStored('QUEUE', { body, ...(contentType && { contentType }) }, NOW)
  const { body: sealed } = seal({ ...stored, id: 1_234_567 }, NOW)
  expect(open(sealed)).toEqual({ id: 1_234_567, body })
})

it('opens a part of a larger buffer alone', () => {
  const stored = toStored('QUEUE', { body: BYTES.subarray(1, 3), contentType: 'bytes' }, NOW)
  expect(open(seal({ ...stored, id: 5 }, NOW).body)).toEqual({
    id: 5,
    body: BYTES.slice(1, 3).buffer,
  })
})

it('keeps the rest of a delay', () => {
  const stored = { ...toStored('QUEUE', { body: 'a', delaySeconds: 60 }, NOW), id: 1 }
  expect(seal(stored, NOW).delaySeconds).toBe(60)
  expect(seal(stored, NOW + 45_000).delaySeconds).toBe(15)
  expect(seal(stored, NOW + 3_600_000).delaySeconds).toBe(0)
})

it('refuses what no SQL value can hold', () => {
  const draft = { body: new Map(), contentType: 'v8' } as const
  expect(() => toStored('QUEUE', draft, NOW)).toThrow('text, json and bytes')
})
