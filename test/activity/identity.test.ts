import { expect, it } from 'vitest'
import { createIdentifier } from '../../src/activity/identity.ts'
import { buildEvent } from '../event.ts'

const identifyAll = (events: object[], occurredAt = 0) => {
  const identify = createIdentifier()
  return events.map((event) => identify(event, occurredAt))
}

const identifyOne = (event: object, occurredAt = 0) => identifyAll([event], occurredAt)[0]

it('gives 128 bits in base64url', () => {
  expect(identifyOne(buildEvent())).toMatch(/^[\w-]{22}$/)
})

it('never changes: stored ids must stay findable', () => {
  const event = { iid: 'a', activityStatus: 'READ', clickEventLink: 'https://example.com/é' }
  expect(identifyAll([event, event], 1694680203000)).toEqual([
    'xGUIpKQ34FjuojxJgnHAFw',
    'Gzql0zqMKTZ7aOzMiaKOQQ',
  ])
  expect(identifyOne({ activityStatus: 'READ', b: [1, { d: 1, c: null }], a: null })).toBe(
    '0m5F-OKoYbswiuRz2aVgAg',
  )
})

it('goes by iid, status, time and link, and by nothing else', () => {
  const event = buildEvent({ activityStatus: 'CLICKED', clickEventLink: 'https://example.com/1' })
  const id = identifyOne(event)
  expect(identifyOne({ ...event, email: 'other@example.com', added: 1 })).toBe(id)
  expect(identifyOne({ ...event, iid: 'other' })).not.toBe(id)
  expect(identifyOne({ ...event, activityStatus: 'READ' })).not.toBe(id)
  expect(identifyOne({ ...event, clickEventLink: 'https://example.com/2' })).not.toBe(id)
  expect(identifyOne({ ...event, clickEventLink: null })).toBe(
    identifyOne({ ...event, clickEventLink: undefined }),
  )
  expect(identifyOne(event, 1)).not.toBe(id)
})

it.each([{ iid: undefined }, { iid: null }, { iid: '' }, { iid: 5 }])(
  'goes by the whole element where there is no iid: %j',
  (none) => {
    const event = buildEvent(none)
    const reversed = Object.fromEntries(Object.entries(event).reverse())
    expect(identifyOne(reversed)).toBe(identifyOne(event))
    expect(identifyOne({ ...event, nothing: null })).toBe(identifyOne(event))
    expect(identifyOne({ ...event, email: 'other@example.com' })).not.toBe(identifyOne(event))
    expect(identifyOne({ ...event, a: { b: null } })).not.toBe(identifyOne({ ...event, a: {} }))
  },
)

it('tells equal events of one body apart by their order, the same way every time', () => {
  const [click, other] = [buildEvent({ activityStatus: 'CLICKED' }), buildEvent()]
  const ids = identifyAll([click, other, click, click])
  expect(new Set(ids).size).toBe(4)
  expect(identifyAll([click, other, click, click])).toEqual(ids)
  expect(identifyAll([click])[0]).toBe(ids[0])
})
