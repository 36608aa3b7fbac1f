import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { causeOf } from '../../../src/event/bounce/cause.ts'
import {
  EMAIL_RULES,
  PHONE_RULES,
  PUSH_RULES,
  WEAK_EMAIL_RULES,
} from '../../../src/event/bounce/cause-phrases.ts'
import { CAUSES, toCauseName, type CauseName } from '../../../src/event/bounce/causes.ts'
import { EMAIL, MORE, OTHERS, UNKNOWN, type Reply } from './replies.ts'

describe('causeOf', () => {
  it.each<Reply>([...EMAIL, ...OTHERS, ...MORE])(
    'finds %s: %s',
    (cause, text, mediaType = 'email') => {
      expect(causeOf(text, mediaType)).toBe(cause)
    },
  )

  it.each<Reply>([...UNKNOWN])('leaves a text %s: %s', (cause, text, mediaType = 'email') => {
    expect(causeOf(text, mediaType)).toBe(cause)
  })

  it('is unknown without a text', () => {
    expect(causeOf(null, 'email')).toBe('unknown')
    expect(causeOf('', null)).toBe('unknown')
  })

  it('knows texts of every channel if the channel is unknown', () => {
    expect(causeOf('552 mailbox full', null)).toBe('mailboxFull')
    expect(causeOf('ABSENT SUBSCRIBER', 'carrier pigeon')).toBe('smsNotReachable')
    expect(causeOf('BadDeviceToken', null)).toBe('pushTokenExpired')
  })

  it.each([
    ['email', [...EMAIL_RULES, ...WEAK_EMAIL_RULES]],
    ['sms', PHONE_RULES],
    ['webpush', PUSH_RULES],
  ] as const)('knows each phrase of its rules: %s', (channel, rules) => {
    const missed = rules.flatMap(({ cause, phrases, beside = '' }) =>
      phrases.filter((phrase) => {
        const text = phrase.replace('^ ', '').replace(' … ', ' some words ')
        return causeOf(`${text} ${beside}`, channel) !== cause
      }),
    )
    expect(missed).toEqual([])
  })

  it.each<[CauseName, string]>([
    ['mailboxUnknown', '1.1 1.3 1.4'],
    ['mailboxInactive', '1.6 2.1 7.17 7.18'],
    ['mailboxFull', '2.2'],
    ['messageTooLarge', '2.3 3.4'],
    ['dns', '1.2 1.8 1.10 4.3 4.310 4.312'],
    ['timeout', '3.2 4.1 4.2 4.5 4.7 4.300 4.316'],
    ['routing', '4.4 4.6 4.14'],
    ['rateLimited', '5.3 7.28'],
    ['content', '6.1 6.2 6.3'],
    ['authentication', '7.20 7.21 7.22 7.23 7.24 7.25 7.26 7.29 7.509 7.515'],
    ['relay', '7.57 7.64'],
    ['reputation', '7.511 7.708 7.606 7.610 7.649'],
    ['policy', '7.1 7.2'],
    ['unknown', '0.0 1.0 7.605 7.650 9.9'],
  ])('finds %s by a code alone: %s', (cause, codes) => {
    for (const code of codes.split(' ')) expect(causeOf(`550 5.${code}`, 'email'), code).toBe(cause)
  })

  it('reads the beginning of a long text', () => {
    const words = 'mailbox full'
    expect(causeOf(words.padStart(600), 'email')).toBe('mailboxFull')
    expect(causeOf(words.padStart(612), 'email')).toBe('unknown')
  })

  it('does not take words of an address for a cause', () => {
    expect(causeOf('<spamhaus.dkim@mailbox-full.example.com>: no', 'email')).toBe('unknown')
  })

  it('takes the server in a link for a cause, but not the path', () => {
    const link = 'https://help.example.com/antispam/spf?quota=full'
    expect(causeOf(`550 no such user, see ${link}`, 'email')).toBe('mailboxUnknown')
    expect(causeOf('550 https://www.spamhaus.org/query/ip/192.0.2.1', 'email')).toBe('reputation')
  })

  it('gives one of the causes for any text', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 700 }),
      fc.stringMatching(/^(?:[45]\.\d\.\d |a@|user |550-|\.|not ){0,300}$/),
    )
    const channel = fc.constantFrom('email', 'sms', 'webpush', 'constructor', null)
    fc.assert(
      fc.property(anything, channel, (text, mediaType) => {
        expect(Object.keys(CAUSES)).toContain(causeOf(text, mediaType))
      }),
    )
  })
})

it('takes a stored name that is no cause for an unknown one', () => {
  expect(toCauseName('dns')).toBe('dns')
  expect(toCauseName('noCauseAnymore')).toBe('unknown')
})

it('has a source for each cause', () => {
  const without = Object.entries(CAUSES).filter(([, { source }]) => source === '')
  expect(without.map(([name]) => name)).toEqual(['unknown'])
})
