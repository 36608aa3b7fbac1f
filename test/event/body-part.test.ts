import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import {
  asPart,
  decodeAssembly,
  decodePart,
  encodeAssembly,
  encodeParts,
  isAboutBody,
} from '../../src/event/body-part.ts'
import { fitsQueue } from '../../src/event/message.ts'

const DIGEST = 'BzdA-2R_8LZ4Q2mJb7e1Rw'
const ENVELOPE = { receivedAt: 1_700_000_000_000, origin: 'webhook', labels: '{"a":"b"}' } as const

const encode = (body: Uint8Array) => encodeParts(body, DIGEST, ENVELOPE, 'Europe/Kyiv')

describe('the parts of a body', () => {
  it('carry its bytes, and what the consumer has to know', () => {
    const [message = new Uint8Array(), ...others] = encode(Buffer.from('[{"a":"є"}]'))
    expect(others).toEqual([])
    expect(decodePart(message)).toEqual({
      v: 1,
      body: DIGEST,
      part: 0,
      parts: 1,
      start: 0,
      encoding: 'utf8',
      content: '[{"a":"є"}]',
      zone: 'Europe/Kyiv',
      ...ENVELOPE,
    })
  })

  it.each([
    ['plain text', 'a'],
    ['characters of two bytes', 'є'],
    ['characters of three bytes', '€'],
    ['characters of four bytes', '😀'],
  ])('never end inside a character: %s', (_, character) => {
    for (const before of ['', '-', '--', '---']) {
      const text = before + character.repeat(300_000 / Buffer.byteLength(character))
      const messages = encode(Buffer.from(text))
      const parts = messages.map(decodePart)
      expect(messages.every(fitsQueue)).toBe(true)
      expect(parts.map(({ part }) => part)).toEqual([0, 1, 2])
      expect(new Set(parts.map((each) => each.parts))).toEqual(new Set([3]))
      expect(parts.map(({ content }) => content).join('')).toBe(text)
      let start = 0
      for (const part of parts) {
        expect(part.start).toBe(start)
        start += Buffer.byteLength(part.content)
      }
    }
  })

  it('have a character for each byte if the body is not UTF-8', () => {
    const body = Buffer.alloc(250_000, 0b1000_0001)
    const parts = encode(body).map(decodePart)
    expect(new Set(parts.map(({ encoding }) => encoding))).toEqual(new Set(['latin1']))
    expect(parts.map(({ start }) => start)).toEqual([0, 120_000, 240_000])
    expect(Buffer.from(parts.map(({ content }) => content).join(''), 'latin1').equals(body)).toBe(
      true,
    )
  })

  it('leave none empty', () => {
    expect(encode(Buffer.alloc(120_000, 'a'))).toHaveLength(1)
    expect(encode(Buffer.alloc(120_001, 'a'))).toHaveLength(2)
  })

  it('can be read from a view of a larger buffer', () => {
    const [message = new Uint8Array()] = encode(Buffer.from('[1]'))
    const larger = Buffer.concat([Buffer.from('before'), message, Buffer.from('after')])
    const view = new Uint8Array(larger.buffer, larger.byteOffset + 6, message.length)
    expect(decodePart(view).content).toBe('[1]')
  })
})

describe('the request to go on with a body', () => {
  it('names it', () => {
    expect(decodeAssembly(encodeAssembly(DIGEST))).toBe(DIGEST)
  })

  it.each([
    '',
    '{"v":1,"accepted":1,"rejected":0}',
    ` ${encodeAssembly('a')}`,
    `${encodeAssembly('a')} `,
  ])('is no other message: %j', (text) => {
    expect(decodeAssembly(text)).toBeUndefined()
    expect(isAboutBody(text)).toBe(false)
  })
})

it('tells messages about a body from others', () => {
  const bytes = new Uint8Array([1, 2])
  expect(asPart(bytes)).toBe(bytes)
  expect(asPart(bytes.buffer)).toEqual(bytes)
  expect(asPart('text')).toBeUndefined()
  expect([bytes, bytes.buffer, encodeAssembly('a')].map(isAboutBody)).toEqual([true, true, true])
  expect([{ v: 1 }, null, 5].map(isAboutBody)).toEqual([false, false, false])
})
