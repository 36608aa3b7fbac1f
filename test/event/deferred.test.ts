import { expect, it } from 'vitest'
import {
  countDeferred,
  decodeDeferred,
  encodeDeferred,
  pickElements,
} from '../../src/event/deferred.ts'

const ENVELOPE = { receivedAt: 1_700_000_000_000, origin: 'webhook', labels: '{"a":"b"}' } as const

const SLICE = {
  count: 4,
  request: 'BzdA-2R_8LZ4Q2mJb7e1Rw',
  firstIndex: 64,
  zone: 'Europe/Kyiv',
  ordinals: [
    [1, 2],
    [3, 1],
  ],
  indexes: undefined,
  elements: '[{"a":1},{"a":1.0},{"elements":[2]},{"a":",\\"elements\\":"}]',
} as const

it('carries elements exactly as they were sent', () => {
  const text = encodeDeferred(SLICE, ENVELOPE)
  expect(countDeferred(text)).toBe(4)
  expect(decodeDeferred(text)).toEqual({ slice: SLICE, envelope: ENVELOPE })
})

it.each(['', '[]', '{"v":1,"accepted":1,"rejected":0,"rows":[]}', ' {"v":1,"deferred":1,'])(
  'is no other message: %j',
  (text) => {
    expect(countDeferred(text)).toBeUndefined()
    expect(decodeDeferred(text)).toBeUndefined()
  },
)

it('keeps ordinals and indexes of the elements that are picked, also a second time', () => {
  const all = ['{"a":0}', '{"a":1}', '{"a":2}', '{"a":3}']
  const some = pickElements(SLICE, all, [1, 2, 3])
  expect(some).toEqual({
    ...SLICE,
    count: 3,
    ordinals: [
      [0, 2],
      [2, 1],
    ],
    indexes: [1, 2, 3],
    elements: '[{"a":1},{"a":2},{"a":3}]',
  })
  expect(pickElements(some, all.slice(1), [0, 2])).toMatchObject({
    count: 2,
    ordinals: [
      [0, 2],
      [1, 1],
    ],
    indexes: [1, 3],
    elements: '[{"a":1},{"a":3}]',
  })
})
