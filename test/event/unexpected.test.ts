import { describe, expect, it } from 'vitest'
import { findUnexpected, isKnownChannel, KINDS } from '../../src/event/unexpected.ts'

const EVENT = { activityStatus: 'SENT', mediaType: 'email', contactId: 5, hardBounce: null }

/** Finds what is undocumented in an event with other values, and with what was sent besides. */
function find(changes: object = {}, extra?: object | string): string[] {
  const values = new Map<string, unknown>(Object.entries({ ...EVENT, ...changes }))
  const text = typeof extra === 'object' ? JSON.stringify(extra) : extra
  return findUnexpected((name) => values.get(name), text).map(({ kind, name, detail }) =>
    [kind, name, detail].join('|'),
  )
}

it('finds nothing in a documented event', () => {
  expect(find()).toEqual([])
  expect(find({ activityStatus: 'SUBSCRIPTION_CHANGED', mediaType: 'inapp' }, {})).toEqual([])
})

it('is of one of four kinds', () => {
  expect(KINDS).toEqual(['parameter', 'type', 'status', 'channel'])
})

describe('a status', () => {
  it('is named if it is a word', () => {
    expect(find({ activityStatus: 'PAUSED' })).toEqual(['status|PAUSED|'])
    expect(find({ activityStatus: 'STATUS_12' })).toEqual(['status|STATUS_12|'])
  })

  it.each(['a@example.com', '380950000903', 'Olena Petrenko', 'status_123', 'a'.repeat(41)])(
    'is not named if it may be personal: %s',
    (activityStatus) => {
      expect(find({ activityStatus })).toEqual(['status||'])
    },
  )

  it('may be missing', () => {
    expect(find({ activityStatus: null })).toEqual([])
    expect(find({ activityStatus: 5 })).toEqual([])
  })
})

describe('a channel', () => {
  it('is known in its canonical spelling', () => {
    const known = 'email sms viber webpush mobilepush appinbox widget inapp telegram'.split(' ')
    expect(known.every(isKnownChannel)).toBe(true)
    expect(isKnownChannel('fax')).toBe(false)
    expect(find({ mediaType: 'Web Push' })).toEqual([])
  })

  it('is named if it is words', () => {
    expect(find({ mediaType: 'fax' })).toEqual(['channel|fax|'])
    expect(find({ mediaType: 'smokesignal' }, { mediaType: 'Smoke Signal' })).toEqual([
      'channel|smokesignal|',
    ])
  })

  it('is not named if an address was sent, though its spelling looks like a word', () => {
    expect(find({ mediaType: 'aexamplecom' }, { mediaType: 'a@example.com' })).toEqual([
      'channel||',
    ])
  })

  it('may be missing', () => {
    expect(find({ mediaType: null })).toEqual([])
    expect(find({ mediaType: '' })).toEqual([])
  })
})

describe('a parameter', () => {
  it('is named if its name is a word', () => {
    expect(find({}, { newThing: 1, 'a@example.com': 2 })).toEqual([
      'parameter|newThing|',
      'parameter||',
    ])
  })

  it('may be one of the API', () => {
    expect(find({}, { statusData: 's', externalRequestId: 'r' })).toEqual([])
  })

  it('is not looked for in a long text', () => {
    expect(find({}, { newThing: 'x'.repeat(20_000 - 15) })).toEqual(['parameter|newThing|'])
    expect(find({}, { newThing: 'x'.repeat(20_000 - 14) })).toEqual([])
  })
})

describe('a type', () => {
  it.each([
    ['hardBounce', 'true', 1, 'type|hardBounce|text, read'],
    ['hardBounce', 'perhaps', null, 'type|hardBounce|text, not read'],
    ['contactId', true, null, 'type|contactId|true or false, not read'],
    ['contactId', '5', 5, 'type|contactId|text, read'],
    ['iid', 5, '5', 'type|iid|a number, read'],
    ['iid', { a: 1 }, null, 'type|iid|an object, not read'],
    ['iid', ['a'], 'a', 'type|iid|a list, read'],
    ['subscriptions', 'a', '["a"]', 'type|subscriptions|text, read'],
    ['contactId', 5.5, null, 'type|contactId|a number, not read'],
    ['activityDateTime', 1_700_000_000, undefined, 'type|activityDateTime|a number, read'],
  ])('of %s is compared: %j', (name, sent, meaning, found) => {
    expect(find({ [name]: meaning }, { [name]: sent })).toEqual([found])
  })

  it('is right if only the spelling differs', () => {
    expect(find({ activityStatus: 'SENT' }, { activityStatus: ' sent' })).toEqual([])
    expect(find({ contactId: 5 }, { contactId: 5 })).toEqual([])
    expect(find({}, { activityDateTime: '2026-01-01 00:00' })).toEqual([])
  })
})
