import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  countMessage,
  encodeQuarantined,
  fitsQueue,
  isCompletePart,
  isFromApi,
  MAX_MESSAGE_BYTES,
  MAX_QUEUED_BYTES,
  packMessages,
  readReceivedAt,
  splitText,
} from '../../src/event/message.ts'
import { encodeSlice, isSlice } from '../../src/sync/slice.ts'

const arrival = { receivedAt: 1, origin: 'webhook', labels: '{"X-Shop":"\\"rows\\":[["}' } as const
const quarantined = { kind: 'element', request: 'r', elementIndex: 7, reason: 'because' } as const

describe('packMessages', () => {
  it('keeps every row, in order, and never makes a message too large', () => {
    const row = fc
      .record({ character: fc.constantFrom('a', 'é', '"'), length: fc.nat(70_000) })
      .map(({ character, length }) => JSON.stringify([character.repeat(length)]))
    const texts = fc.array(row, { maxLength: 12 })
    fc.assert(
      fc.property(texts, texts, (rows, rejected) => {
        const messages = packMessages(arrival, rows, rejected)
        const opened = messages.map((text) => JSON.parse(text))
        expect(opened.flatMap(({ rows }) => rows)).toEqual(rows.map((text) => JSON.parse(text)))
        expect(opened.flatMap(({ quarantine }) => quarantine)).toEqual(
          rejected.map((text) => JSON.parse(text)),
        )
        for (const [index, text] of messages.entries()) {
          const { rows, quarantine } = opened[index]
          expect(countMessage(text)).toEqual({ accepted: rows.length, rejected: quarantine.length })
          if (rows.length + quarantine.length > 1) {
            expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('never makes a message that could be mistaken for a slice', () => {
    const slice = encodeSlice({ run: 1, since: 0, until: 1000, sent: 1 })
    const sent = fc.oneof(fc.string(), fc.constantFrom(slice, `${slice}"`, `"]}${slice}`))
    fc.assert(
      fc.property(fc.option(sent), sent, (labels, text) => {
        const [row, rejected] = [
          JSON.stringify([text]),
          encodeQuarantined({ ...quarantined, sent: text }),
        ]
        for (const message of [
          ...packMessages({ ...arrival, labels }, [row], []),
          ...packMessages({ ...arrival, labels }, [], rejected),
        ]) {
          expect(countMessage(message)).toBeDefined()
          expect(isSlice(message)).toBe(false)
        }
      }),
    )
    expect(isSlice(slice)).toBe(true)
  })

  it('makes no message without rows', () => {
    expect(packMessages(arrival, [], [])).toEqual([])
  })

  it('is read only by versions that know its format', () => {
    expect(countMessage('{"v":2,"accepted":1,"rejected":0,"rows":[]}')).toBeUndefined()
    expect(countMessage('not a message')).toBeUndefined()
  })
})

describe('encodeQuarantined', () => {
  it('splits a long item into parts that fit into a message, never within a character', () => {
    const sent = '😀"\\я'.repeat(40_000)
    const parts = encodeQuarantined({ ...quarantined, sent })
    const opened = parts.map((text) => JSON.parse(text))
    expect(opened.map((part) => part[5]).join('')).toBe(sent)
    expect(opened.map((part) => part[2])).toEqual(opened.map((_, index) => index))
    expect(opened.every((part) => part[5].isWellFormed())).toBe(true)
    expect(Math.max(...parts.map((part) => Buffer.byteLength(part)))).toBeLessThan(127_000)
  })

  it('makes one part of a short or empty item', () => {
    expect(encodeQuarantined({ ...quarantined, sent: '' })).toEqual([
      '["r",7,0,"element","because",""]',
    ])
  })
})

describe('splitText', () => {
  it('makes pieces of at most 30,000 characters', () => {
    expect(splitText('a'.repeat(30_000))).toHaveLength(1)
    expect(splitText('a'.repeat(60_001)).map(({ length }) => length)).toEqual([30_000, 30_000, 1])
    expect(splitText(`${'a'.repeat(29_999)}😀`).map(({ length }) => length)).toEqual([29_999, 2])
  })
})

describe('isCompletePart', () => {
  it('is sure only of a first part after which no other one can come', () => {
    expect(isCompletePart(0, '')).toBe(true)
    expect(isCompletePart(0, 'a'.repeat(29_998))).toBe(true)
    // A part ends one character early if it would end inside of one.
    expect(isCompletePart(0, 'a'.repeat(29_999))).toBe(false)
    expect(isCompletePart(1, 'a')).toBe(false)
  })
})

describe('the text of a message', () => {
  const [message = ''] = packMessages({ ...arrival, receivedAt: 17 }, ['[1]'], [])

  it('says when its content was received', () => {
    expect(readReceivedAt(message)).toBe(17)
    expect(readReceivedAt('{"rows":[{"receivedAt":5}]}')).toBe(0)
    expect(readReceivedAt('no message')).toBe(0)
  })

  it('says where its content came from', () => {
    expect(isFromApi(message)).toBe(false)
    const [other = ''] = packMessages({ ...arrival, origin: 'api', labels: null }, ['[1]'], [])
    expect(isFromApi(other)).toBe(true)
    expect(isFromApi('{"rows":[{"origin":"api"}]}')).toBe(false)
  })

  it('fits into a queue by its bytes', () => {
    expect(fitsQueue('a'.repeat(MAX_QUEUED_BYTES))).toBe(true)
    expect(fitsQueue('a'.repeat(MAX_QUEUED_BYTES + 1))).toBe(false)
    expect(fitsQueue('€'.repeat(MAX_QUEUED_BYTES / 3))).toBe(true)
    expect(fitsQueue('€'.repeat(MAX_QUEUED_BYTES / 3 + 1))).toBe(false)
    expect(fitsQueue(new Uint8Array(MAX_QUEUED_BYTES + 1))).toBe(false)
  })
})
