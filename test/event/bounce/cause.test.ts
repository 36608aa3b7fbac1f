import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { causeOf } from '../../../src/event/bounce/cause.ts'
import { CAUSES } from '../../../src/event/bounce/causes.ts'
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
