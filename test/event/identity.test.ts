import { Buffer } from 'node:buffer'
import { expect, it } from 'vitest'
import { createIdentifier, digest128 } from '../../src/event/identity.ts'
import { buildEvent } from '../event.ts'

const identifyAll = (events: object[], occurredAt = 0) => {
  const identify = createIdentifier()
  return events.map((event) => identify(event, occurredAt))
}

const identifyOne = (event: object, occurredAt = 0) => identifyAll([event], occurredAt)[0]

it('is 128 bits in hexadecimal digits', () => {
  expect(identifyOne(buildEvent())).toMatch(/^[\da-f]{32}$/)
})

it('never changes, so that stored IDs can be found', () => {
  const event = { iid: 'a', activityStatus: 'READ', clickEventLink: 'https://example.com/é' }
  expect(identifyAll([event, event], 1694680203000)).toEqual([
    '70cc7786df12bc8feeba756bc214e8ee',
    '8bab27fcb73e58a3d8e0cd06de58f145',
  ])
  const more = { b: [1, { d: 1, c: null }], a: null, subscriptions: ['b', 'a'], hardBounce: true }
  expect(identifyOne({ activityStatus: 'READ', ...more })).toBe('49df04014353c098f81d314e2baa234e')
  const numbers = { activityStatus: 'READ', numbers: [1e30, 1e31, 1.5e-7, -0, 0.5] }
  expect(identifyOne(numbers, 1694680203000)).toBe('009037fec7791adb99207e1ded67501d')
})

it('depends on every parameter and the time', () => {
  const event = buildEvent()
  const id = identifyOne(event)
  expect(identifyOne({ ...event })).toBe(id)
  expect(identifyOne(Object.fromEntries(Object.entries(event).reverse()))).toBe(id)
  expect(identifyOne({ ...event, email: 'other@example.com' })).not.toBe(id)
  expect(identifyOne({ ...event, added: 1 })).not.toBe(id)
  expect(identifyOne(event, 1)).not.toBe(id)
})

it('numbers equal events of one body, the same way each time', () => {
  const [click, other] = [buildEvent({ activityStatus: 'CLICKED' }), buildEvent()]
  const ids = identifyAll([click, other, click, click])
  expect(new Set(ids).size).toBe(4)
  expect(identifyAll([click, other, click, click])).toEqual(ids)
  expect(identifyAll([click])[0]).toBe(ids[0])
})

it('does not depend on the order, nor on the rest of the body', () => {
  const one = buildEvent({ activityStatus: 'CLICKED' })
  const other = { ...one, osName: 'iOS' }
  const [id, idOfOther] = [identifyOne(one), identifyOne(other)]
  expect(identifyAll([one, other])).toEqual([id, idOfOther])
  expect(identifyAll([other, one])).toEqual([idOfOther, id])
  expect(identifyAll([other, one, other, one]).slice(0, 2)).toEqual([idOfOther, id])
})

it('numbers events with the same meaning, regardless of spelling', () => {
  const one = buildEvent({ activityStatus: 'CLICKED', mediaType: 'email' })
  const same = { ...one, mediaType: 'Email', nothing: null }
  expect(identifyAll([one, same])).toEqual(identifyAll([same, one]))
  expect(identifyAll([one, same])).toEqual(identifyAll([one, one]))
})

it('ignores parameters that only the API adds in its rows', () => {
  const event = buildEvent()
  const row = { ...event, offset: 5, externalRequestId: 'x', statusData: { a: 1 } }
  expect(createIdentifier('api')(row, 0)).toBe(identifyOne(event))
  expect(identifyOne(row)).not.toBe(identifyOne(event))
  const identify = createIdentifier('api')
  expect([row, { ...row, offset: 6 }].map((each) => identify(each, 0))).toEqual(
    identifyAll([event, event]),
  )
})

it('of a body is 128 bits in base64url, of text the same as of its bytes', () => {
  expect(digest128('[{"a":"є"}]')).toBe(digest128(Buffer.from('[{"a":"є"}]')))
  expect(digest128('[]')).toBe('T1PNoYwrqgwDVLtfmj7L5Q')
  expect(digest128('ab')).toMatch(/^[\w-]{22}$/)
})
