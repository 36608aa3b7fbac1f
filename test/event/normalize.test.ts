import { describe, expect, it } from 'vitest'
import { exactNumber } from '../../src/event/exact-number.ts'
import { createIdentifier } from '../../src/event/identity.ts'
import { MAX_DEPTH, normalize, type Activity } from '../../src/event/normalize.ts'
import { buildEvent } from '../event.ts'

function accept(element: unknown): Activity {
  const result = normalize(element, createIdentifier(), 'UTC')
  if ('reason' in result) throw new Error(result.reason)
  return result.activity
}

function reject(element: unknown): string {
  const result = normalize(element, createIdentifier(), 'UTC')
  return 'reason' in result ? result.reason : 'accepted'
}

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

describe('a valid event', () => {
  it('has documented parameters of the right type in columns', () => {
    const { parameters, extra, occurredAt } = accept(
      buildEvent({ hardBounce: false, subscriptions: ['news', ''], messageName: '' }),
    )
    expect(parameters).toMatchObject({
      contactId: 889891911,
      hardBounce: false,
      subscriptions: ['news', ''],
      messageName: '',
    })
    expect(extra).toBeNull()
    expect(occurredAt).toBe(1694680203000)
  })

  it.each([
    ['contactId', '0123'],
    ['contactId', 'x'],
    ['contactId', true],
    ['contactId', 1.5],
    ['contactId', [5]],
    ['contactId', exactNumber('9223372036854775808')],
    ['email', ['a@example.com', 'b@example.com']],
    ['email', [['a@example.com']]],
    ['email', []],
    ['hardBounce', 'yes'],
    ['hardBounce', 2],
    ['subscriptions', ['news', {}]],
    ['subscriptions', 'news,sale'],
    ['subscriptions', '["\\ud800"]'],
    ['workflowInstanceId', {}],
    ['statusData', {}],
    ['constructor', 'x'],
    ['id', 'mine'],
  ])('has %s = %j, which does not fit its column, in extra', (name, value) => {
    const { parameters, extra } = accept(buildEvent({ [name]: value }))
    expect(Object.hasOwn(parameters, name)).toBe(false)
    expect(extra).toBe(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`)
  })

  it.each<[string, unknown, unknown]>([
    ['contactId', '123', 123],
    ['contactId', ' 123 ', 123],
    ['contactId', exactNumber('5.0'), 5],
    ['contactId', exactNumber('4.711e3'), 4711],
    ['contactId', exactNumber('-0'), 0],
    ['contactId', '9007199254740993', exactNumber('9007199254740993')],
    ['email', 5, '5'],
    ['email', ['a@example.com'], 'a@example.com'],
    ['sms', ['+38 095 000 12 12'], '+38 095 000 12 12'],
    ['sms', [380950000903], '380950000903'],
    ['mediaType', ['Email'], 'email'],
    ['sms', 380950000903, '380950000903'],
    ['sms', exactNumber('3.80950000903e11'), '380950000903'],
    ['externalCustomerId', exactNumber('1234567890123456789012'), '1234567890123456789012'],
    ['hardBounce', 'true', true],
    ['hardBounce', ' False', false],
    ['hardBounce', 0, false],
    ['hardBounce', '1', true],
    ['subscriptions', ['news', 5], ['news', '5']],
    ['subscriptions', 'news', ['news']],
    ['subscriptions', '["news","sale"]', ['news', 'sale']],
    ['activityStatus', 'Delivered', 'DELIVERED'],
    ['activityStatus', ' subscription changed', 'SUBSCRIPTION_CHANGED'],
    ['mediaType', 'ＳＭＳ', 'sms'],
  ])('has %s = %j interpreted, and the sent value in extra', (name, value, meaning) => {
    const { parameters, extra } = accept(buildEvent({ [name]: value }))
    expect(JSON.stringify({ ...parameters }[name])).toBe(JSON.stringify(meaning))
    expect(extra).toBe(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`)
  })

  it.each([
    ['Email', 'email'],
    ['E-mail', 'email'],
    ['WEB_PUSH', 'webpush'],
    ['In-App', 'inapp'],
  ])(
    'has the channel %s in its canonical spelling, and the sent one in `extra`',
    (mediaType, channel) => {
      expect(accept(buildEvent({ mediaType }))).toMatchObject({
        parameters: { mediaType: channel },
        extra: JSON.stringify({ mediaType }),
      })
    },
  )

  it('has long campaign values shortened, and in full in `extra`', () => {
    const long = 'x'.repeat(2_001)
    const given = {
      messageName: long,
      messageTag: long,
      from: long,
      messageLanguageCode: long,
      workflowBlockId: long,
    }
    const { parameters, extra } = accept(buildEvent(given))
    expect(JSON.parse(extra ?? '')).toEqual(given)
    expect(parameters.messageName).toBe('x'.repeat(2_000))
  })

  it('keeps a parameter called __proto__', () => {
    const element = JSON.parse(JSON.stringify(buildEvent()).replace('{', '{"__proto__":{"a":1},'))
    expect(accept(element).extra).toBe('{"__proto__":{"a":1}}')
  })

  it.each(['9007199254740993', '9223372036854775807', '-9223372036854775808'])(
    'keeps every digit of the integer %s',
    (literal) => {
      const { parameters } = accept(buildEvent({ contactId: exactNumber(literal) }))
      expect(JSON.stringify(parameters.contactId)).toBe(literal)
    },
  )

  it.each([
    [1694680203000, '{"activityDateTime":1694680203000}'],
    [exactNumber('1694680203000.0'), '{"activityDateTime":1694680203000.0}'],
    [1694680203, '{"activityDateTime":1694680203}'],
    ['1694680203000', null],
    [' 2023-09-14 08:30:03 UTC', null],
  ])('has the time %s interpreted, and the sent value in extra', (activityDateTime, extra) => {
    const activity = accept(buildEvent({ activityDateTime }))
    expect(activity).toMatchObject({ occurredAt: 1694680203000, extra })
    expect(activity.parameters.activityDateTime).toBe(extra ? undefined : activityDateTime)
  })

  it('treats null as absent', () => {
    expect(accept(buildEvent({ email: null, statusData: null }))).toMatchObject({ extra: null })
  })

  it('may have undocumented statuses and channels', () => {
    const { parameters } = accept(buildEvent({ activityStatus: 'RECEIVED', mediaType: 'fax' }))
    expect(parameters).toMatchObject({ activityStatus: 'RECEIVED', mediaType: 'fax' })
  })

  it(`may be nested ${MAX_DEPTH} levels deep`, () => {
    expect(accept(buildEvent({ deep: nested(MAX_DEPTH) })).extra).toContain('[[[')
  })
})

describe('an invalid event', () => {
  it.each([
    [5, 'the element is a number; an event is an object'],
    [exactNumber('5.0'), 'the element is a number; an event is an object'],
    ['text', 'the element is a string; an event is an object'],
    [null, 'the element is null; an event is an object'],
    [[], 'the element is an array; an event is an object'],
    [{}, 'activityStatus is missing'],
    [buildEvent({ activityStatus: null }), 'activityStatus is missing'],
    [buildEvent({ activityStatus: '' }), 'activityStatus is empty'],
    [buildEvent({ activityStatus: ' ' }), 'activityStatus is empty'],
    [buildEvent({ activityStatus: 1 }), 'activityStatus is a number; expected a string'],
    [buildEvent({ activityDateTime: null }), 'activityDateTime is missing'],
    [
      buildEvent({ activityDateTime: [1694680203000] }),
      'activityDateTime is an array; expected one like 2023-09-14T08:30:03, or milliseconds since 1970',
    ],
    [buildEvent({ email: 'a\ud800b' }), 'email contains broken Unicode text'],
    [buildEvent({ extra: [{ a: '\udc00' }] }), 'extra contains broken Unicode text'],
    [buildEvent({ extra: { '\ud800': 1 } }), 'extra contains broken Unicode text'],
    [buildEvent({ '\ud800': 1 }), 'the name of a parameter contains broken Unicode text'],
    [buildEvent({ subscriptions: ['\ud800'] }), 'subscriptions contains broken Unicode text'],
    [buildEvent({ deep: nested(MAX_DEPTH + 1) }), 'deep is nested deeper than 999 levels'],
    [buildEvent({ deep: nested(2_000) }), 'deep is nested deeper than 999 levels'],
  ])('%#: %s', (element, reason) => {
    expect(reject(element)).toBe(reason)
  })

  it.each(['2023-02-31T08:00:00', 20230914, ''])('has the impossible time %j', (time) => {
    expect(reject(buildEvent({ activityDateTime: time }))).toMatch(
      /^activityDateTime is not a date and time that exists/,
    )
  })
})
