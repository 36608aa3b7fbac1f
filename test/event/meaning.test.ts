import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactNumber, parseExactly } from '../../src/event/exact-number.ts'
import { writeMeaning, writeOutline } from '../../src/event/meaning.ts'
import { PARAMETERS, type ParameterName } from '../../src/event/parameters.ts'
import { buildEvent } from '../event.ts'

const event = buildEvent({
  activityStatus: 'CLICKED',
  clickEventLink: 'https://example.com/a',
  subscriptions: ['news', 'sale'],
  messageTag: 'autumn,sale',
  hardBounce: false,
  sms: '380000000001',
  webpush: 'token',
  workflowId: 340484,
})

const meaningOf = (changes: object, occurredAt = 0) =>
  writeMeaning({ ...event, ...changes }, occurredAt)

it('is a text of the time and all parameters, in a format that never changes', () => {
  const more = { b: [1, { d: 1.5, c: null }], a: null, subscriptions: ['b', 'a'], hardBounce: true }
  expect(writeMeaning({ activityStatus: 'Read', ...more }, 5)).toBe(
    '[5,[["activityStatus","READ"],["b",["1",{"c":null,"d":"15e-1"}]],["hardBounce","true"],["subscriptions",["a","b"]]]]',
  )
})

describe('one event', () => {
  it.each<[string, object, object]>([
    ['the time in another spelling', { activityDateTime: '2023-09-14 08:30:03' }, {}],
    ['the time as a number', { activityDateTime: 1694680203000 }, {}],
    ['a channel with a capital', { mediaType: 'Email' }, { mediaType: 'email' }],
    ['a channel in capitals', { mediaType: 'WEB_PUSH' }, { mediaType: 'webpush' }],
    ['a channel in two words', { mediaType: 'Mobile Push' }, { mediaType: 'mobilepush' }],
    ['a channel with a hyphen', { mediaType: 'In-App' }, { mediaType: 'inapp' }],
    ['a status in another case', { activityStatus: 'Clicked ' }, {}],
    [
      'a status in words',
      { activityStatus: 'Subscription Changed' },
      { activityStatus: 'SUBSCRIPTION_CHANGED' },
    ],
    [
      'an unknown status in words',
      { activityStatus: 'Cart left' },
      { activityStatus: 'CART_LEFT' },
    ],
    ['a channel in a list', { mediaType: ['Email'] }, { mediaType: 'email' }],
    ['a contact ID as text', { contactId: '889891911' }, { contactId: 889891911 }],
    ['a contact ID with a fraction', { contactId: exactNumber('889891911.0') }, {}],
    ['a long ID as text', { imId: '9007199254740993' }, { imId: exactNumber('9007199254740993') }],
    ['a customer ID as a number', { externalCustomerId: 5 }, { externalCustomerId: '5' }],
    ['a truth value as text', { hardBounce: 'false' }, { hardBounce: false }],
    ['a truth value in capitals', { hardBounce: 'TRUE' }, { hardBounce: true }],
    ['a truth value as a number', { hardBounce: 1 }, { hardBounce: true }],
    ['a truth value as text with a fraction', { hardBounce: '1.0' }, { hardBounce: true }],
    ['a truth value as a fraction', { hardBounce: exactNumber('0.0') }, { hardBounce: '0.0' }],
    ['false as text with a fraction', { hardBounce: '0.0' }, { hardBounce: false }],
    ['a number as text with a fraction', { messageId: '5.0' }, { messageId: 5 }],
    ['a number as text with an exponent', { messageId: '0.5e1' }, { messageId: 5 }],
    ['a contact ID as text with a fraction', { contactId: '2009.0' }, { contactId: 2009 }],
    ['a text in a list', { clickEventLink: ['https://example.com/a'] }, {}],
    ['a number in a list', { sms: ['+38 095 000 09 03'] }, { sms: '380950000903' }],
    ['a list as JSON', { subscriptions: '["sale","news"]' }, {}],
    ['a list of one as JSON', { subscriptions: '["a"]' }, { subscriptions: ['a'] }],
    ['a list of numbers', { subscriptions: [5, 7] }, { subscriptions: ['7', '5'] }],
    ['a token with an invisible character', { webpush: 'tok\u200ben' }, {}],
    ["such a token under the API's name", { webpush: null, webPushToken: ' tok\u200ben' }, {}],
    ['such a token under both names', { webPushToken: '\ufefftoken' }, {}],
    ["a token under the API's name, in a list", { webpush: null, webPushToken: ['token'] }, {}],
    ['null for absent', { osName: null }, { osName: undefined }],
    ['empty for absent', { messageName: '', osName: ' ' }, { messageName: undefined }],
    ['an empty list for absent', { subscriptions: [] }, { subscriptions: undefined }],
    ['a list in another order', { subscriptions: ['sale', 'news', 'news'] }, {}],
    ['a list as one text', { subscriptions: 'sale, news' }, {}],
    ['tags in another order', { messageTag: 'sale, autumn' }, {}],
    ['an address in another case', { email: ' Contact@Example.COM' }, {}],
    ['an address with a name', { email: 'Anna <contact@example.com>' }, {}],
    ['a domain in Punycode', { email: 'a@приклад.укр' }, { email: 'a@xn--80aikifvh.xn--j1amh' }],
    ['a number with spaces', { sms: '+38 (000) 000-00-01' }, { sms: '00380000000001' }],
    ['a number without its country', { sms: '095 000 09 03' }, { sms: 380950000903 }],
    ['a number with a word', { sms: 'тел. 095-000-09-03' }, { sms: '380950000903' }],
    ['a link with blanks around', { clickEventLink: ' https://example.com/a\n' }, {}],
    ['a name in another Unicode form', { messageName: 'и\u0306' }, { messageName: '\u0439' }],
    ["a token under the API's name", { webpush: null, webPushToken: 'token' }, {}],
    ['a token under both names', { webPushToken: 'token' }, {}],
    ['nested members in another order', { x: { a: 1, b: 2 } }, { x: { b: '2', a: 1.0 } }],
  ])('is the same with %s', (_case, one, other) => {
    expect(meaningOf(one)).toBe(meaningOf(other))
  })

  it('has the same meaning in any spelling of any parameters', () => {
    fc.assert(
      fc.property(fc.array(member), fc.infiniteStream(fc.double({ noNaN: true })), (all, draws) => {
        const draw = () => Number(draws.next().value)
        const members = [...new Map(all).entries()]
        const spelled = members.map(([name, value]) => [name, respell(name, value, draw)] as const)
        const shuffled = spelled.toSorted(() => draw())
        const absent = draw() > 0 ? [['nobodyKnows', draw() > 0 ? null : '']] : []
        expect(writeMeaning(Object.fromEntries([...shuffled, ...absent]), 1)).toBe(
          writeMeaning(Object.fromEntries(members), 1),
        )
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('two events', () => {
  it.each(PARAMETERS.map(({ name }) => name).filter((name) => name !== 'activityDateTime'))(
    'differ even if only their %s does',
    (name) => {
      const one = meaningOf({ [name]: twoValues(name)[0] })
      expect(meaningOf({ [name]: twoValues(name)[1] })).not.toBe(one)
      expect(meaningOf({ [name]: undefined })).not.toBe(one)
    },
  )

  it.each<[string, object, object]>([
    ['the time', {}, { at: 1 }],
    ['permanent or not', { hardBounce: false }, { hardBounce: true }],
    ['permanent or unknown', { hardBounce: false }, { hardBounce: undefined }],
    ['the reason', { statusDescription: '4.2.2' }, { statusDescription: '4.2.1' }],
    ['the case of a link', { clickEventLink: 'https://example.com/A' }, {}],
    ['the number', { sms: '380950000903' }, { sms: '380950000904' }],
    ['an address with a tag', { email: 'a+b@example.com' }, { email: 'a@example.com' }],
    ['the placeholder of a number', { sms: 'none' }, { sms: '-' }],
    ['the case of a customer ID', { externalCustomerId: 'c-7' }, { externalCustomerId: 'C-7' }],
    ['the case of a token', { webpush: 'Token' }, {}],
    ['the case of an iid', { iid: 'a' }, { iid: 'A' }],
    ['an extra subscription', { subscriptions: ['news', 'sale', 'x'] }, {}],
    ['one key with a comma', { subscriptions: ['news,sale'] }, {}],
    ['a fraction', { workflowId: 1.5 }, { workflowId: 15 }],
    ['a sign', { workflowId: -1 }, { workflowId: 1 }],
    ['zeros', { workflowId: 10 }, { workflowId: 100 }],
    ['digits beyond 2^53', { imId: exactNumber('9007199254740993') }, { imId: 2 ** 53 }],
    ['leading zeros of a text', { externalCustomerId: '05' }, { externalCustomerId: 5 }],
    ['the name of an unknown parameter', { a: 1 }, { b: 1 }],
    ['the value of an unknown parameter', { a: 1 }, { a: 2 }],
    ['a text, or a list', { a: '["b"]' }, { a: ['b'] }],
    ['a list, or its item', { a: ['b'] }, { a: 'b' }],
    ['null inside', { a: { b: null } }, { a: { c: null } }],
    ['which of two has the value', { osName: 'x', osType: 'y' }, { osName: 'y', osType: 'x' }],
    ['a second token', { webPushToken: 'other' }, {}],
    ['a quote', { from: 'a","iid":"b' }, { from: 'a' }],
    ['an unknown status', { activityStatus: 'CART_LEFT' }, { activityStatus: 'CART_KEPT' }],
    ['a status of punctuation', { activityStatus: '-' }, { activityStatus: '_' }],
    [
      'the end of a long name',
      { messageName: `${'x'.repeat(5_000)}a` },
      { messageName: `${'x'.repeat(5_000)}b` },
    ],
    [
      'the end of a long channel',
      { mediaType: `${'x'.repeat(5_000)}a` },
      { mediaType: `${'x'.repeat(5_000)}b` },
    ],
    ['an ambiguous number', { messageId: '05' }, { messageId: 5 }],
    ['an ambiguous truth value', { hardBounce: '2.0' }, { hardBounce: true }],
    ['a list of two items', { clickEventLink: ['a', 'b'] }, { clickEventLink: ['a'] }],
    ['data of the status', { statusData: { code: 550 } }, { statusData: { code: 421 } }],
    ['data of the status, or none', { statusData: { code: 550 } }, { statusData: {} }],
    ['a request', { externalRequestId: 'a' }, { externalRequestId: 'b' }],
    ['an offset', { offset: 1 }, { offset: 2 }],
    ['an unknown channel', { mediaType: 'rcs' }, { mediaType: 'whatsapp' }],
  ])('differ in %s', (_case, one, other) => {
    expect(meaningOf(one, 'at' in one ? 1 : 0)).not.toBe(meaningOf(other, 'at' in other ? 1 : 0))
  })

  it('differ if their parameters do', () => {
    fc.assert(
      fc.property(fc.array(member), fc.array(member), (one, other) => {
        const [a, b] = [one, other].map((members) => Object.fromEntries(members))
        const isSame = writeMeaning(a ?? {}, 0) === writeMeaning(b ?? {}, 0)
        expect(isSame).toBe(plain(a) === plain(b))
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Two values of a parameter that mean different things. */
function twoValues(name: ParameterName): [unknown, unknown] {
  switch (PARAMETERS.find((parameter) => parameter.name === name)?.type) {
    case 'int':
      return [1, 2]
    case 'bool':
      return [true, false]
    case 'array of strings':
      return [['a'], ['b']]
    default:
      return ['a', 'b']
  }
}

const word = fc.stringMatching(/^[a-zё][a-z0-9ё_]{0,5}$/)
const member = fc.oneof(
  fc.tuple(fc.constantFrom('contactId', 'messageId', 'x'), fc.integer()),
  fc.tuple(fc.constantFrom('iid', 'messageName', 'clickEventLink', 'y'), word),
  fc.tuple(fc.constantFrom('mediaType'), fc.constantFrom('email', 'webpush', 'inapp', 'viber')),
  fc.tuple(fc.constantFrom('activityStatus'), fc.constantFrom('READ', 'CLICKED')),
  fc.tuple(fc.constantFrom('hardBounce'), fc.boolean()),
  fc.tuple(
    fc.constantFrom('subscriptions'),
    fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((keys) => keys.sort()),
  ),
) as fc.Arbitrary<[string, unknown]>

const CHANNELS: Readonly<Record<string, string[]>> = {
  email: ['Email', 'E-MAIL'],
  webpush: ['Web Push', 'WEB_PUSH'],
  inapp: ['In-App', 'IN_APP'],
  viber: ['Viber', 'VIBER'],
}

/** Writes a value as another program might. */
function respell(name: string, value: unknown, draw: () => number): unknown {
  if (draw() > 0) return value
  if (Array.isArray(value)) {
    if (draw() > 0) return draw() > 0 ? value.join(', ') : JSON.stringify(value)
    return [...value.toReversed(), value[0]]
  }
  if (typeof value === 'boolean') {
    return draw() > 0 ? String(value) : draw() > 0 ? Number(value) : `${Number(value)}.0`
  }
  if (typeof value === 'number') return draw() > 0 ? String(value) : exactNumber(`${value}.0`)
  if (name === 'mediaType') return CHANNELS[String(value)]?.[draw() > 0 ? 0 : 1]
  if (name === 'activityStatus') return String(value).toLowerCase()
  return ` ${String(value)} `
}

/** Values regardless of spelling; those of `member` do not differ in spelling only. */
function plain(members: object = {}): string {
  return JSON.stringify(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe('the outline of an event', () => {
  /** JSON text of values; many of them mean the same. */
  const NUMBERS = [
    '5',
    '5.0',
    '0.5e1',
    '50e-1',
    '1.5',
    '15e-1',
    '0',
    '-0',
    '0.0',
    '0e5',
    '1e2',
    '100',
  ]
  const LONG = [
    '9007199254740993',
    '9007199254740993.0',
    '9007199254740992',
    '12345678901234567890',
  ]
  const LARGE = [
    '1e21',
    '1000000000000000000000',
    '1e400',
    '1E400',
    `1${'0'.repeat(400)}`,
    '1e-400',
  ]
  const WORDS = [
    '',
    ' ',
    'a',
    ' a ',
    'é',
    'e\u0301',
    '\u212a',
    'K',
    'true',
    '05',
    '\u200b5',
    '5\ufeff',
  ]
  const STATUSES = ['READ', 'read', ' R_E-A D', 'Subscription Changed', 'SUBSCRIPTION_CHANGED']
  const UNKNOWN = [
    'Cart left',
    'CART_LEFT',
    '--',
    '_',
    'ß',
    'ss',
    'E\u0301',
    'CLIC\u212aED',
    'CLICKED',
  ]
  const numbers = [...NUMBERS, ...LONG, ...LARGE]
  const texts = [...numbers, ...WORDS, ...STATUSES, ...UNKNOWN].map((text) => JSON.stringify(text))
  const values = [...numbers, ...texts, 'true', 'false', 'null', '[]', '{}', '{"a":5}', '[[5]]']
  const literals = [...values, ...values.map((value) => `[${value}]`), '["a","b"]']

  // The status of an event is always a text.
  const literalsOf = (name: string) => (name === 'activityStatus' ? texts : literals)

  const NAMES = ['activityStatus', 'contactId', 'iid', 'clickEventLink'] as const

  /** As the edge reads it, with numbers as JavaScript has them. */
  const outlineOf = (text: string) => writeOutline(JSON.parse(text) as object)
  const wholeOf = (text: string) => writeMeaning(parseExactly(text) as object, 0)

  it.each(NAMES)('is the same for all spellings of a meaning: %s', (name) => {
    const spellings = Map.groupBy(
      ['{}', ...literalsOf(name).map((literal) => `{"${name}":${literal}}`)],
      wholeOf,
    )
    const outlines = [...spellings.values()].map((group) => [...new Set(group.map(outlineOf))])
    expect(outlines.filter((each) => each.length > 1)).toEqual([])
    expect(Math.max(...[...spellings.values()].map((group) => group.length))).toBeGreaterThan(2)
  })

  it('is the same for any two events with the same meaning', () => {
    const pairOf = (name: string) => {
      const groups = Map.groupBy(literalsOf(name), (literal) => wholeOf(`{"${name}":${literal}}`))
      return fc
        .constantFrom(...groups.values())
        .chain((group) => fc.tuple(fc.constantFrom(...group), fc.constantFrom(...group)))
    }
    const other = fc.constantFrom('"osName":null', '"osName":""', '"n":1.0', '"n":"1"', '"n":1')
    const pairs = fc.tuple(...NAMES.map(pairOf))
    let same = 0
    fc.assert(
      fc.property(pairs, other, other, (values, one, two) => {
        const text = (side: 0 | 1, more: string) =>
          `{${[more, ...NAMES.map((name, index) => `"${name}":${values[index]?.[side]}`)]}}`
        const [first, second] = [text(0, one), text(1, two)]
        if (wholeOf(first) !== wholeOf(second)) return
        same++
        expect(outlineOf(first)).toBe(outlineOf(second))
      }),
      { numRuns: 5_000 },
    )
    expect(same).toBeGreaterThan(500)
  })

  it('differs if the status, the contact, the delivery or the link does', () => {
    const changes = [
      {},
      { activityStatus: 'READ' },
      { contactId: 5 },
      { iid: 'another' },
      { clickEventLink: 'https://example.com/b' },
    ]
    const outlines = changes.map((change) => writeOutline({ ...event, ...change }))
    expect(new Set(outlines).size).toBe(changes.length)
  })
})
