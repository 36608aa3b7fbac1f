import { describe, expect, it } from 'vitest'
import { canonicalChannel } from '../../src/event/channel.ts'

describe('canonicalChannel', () => {
  it.each([
    ['email', ['email', 'Email', 'EMAIL', 'e-mail', 'E-Mail', ' email ']],
    ['sms', ['sms', 'SMS', 'Sms']],
    ['viber', ['viber', 'Viber', 'VIBER']],
    [
      'webpush',
      ['webpush', 'Web Push', 'WEB_PUSH', 'web_push', 'web-push', 'webPush', 'Web\u00a0push'],
    ],
    ['mobilepush', ['mobilepush', 'Mobile Push', 'MOBILE_PUSH', 'mobile-push', 'Mobile push']],
    ['appinbox', ['appinbox', 'AppInbox', 'App Inbox', 'APP_INBOX', 'app-inbox']],
    ['inapp', ['inapp', 'In-App', 'in-app', 'IN_APP', 'In App', 'InApp']],
    ['telegram', ['Telegram', 'telegram', 'TELEGRAM']],
    ['widget', ['Widget', 'widget', 'WIDGET']],
  ])('has one spelling for %s', (channel, spellings) => {
    expect(spellings.map(canonicalChannel)).toEqual(spellings.map(() => channel))
  })

  it('distinguishes unknown channels', () => {
    const names = ['RCS', 'WhatsApp', 'Пошта', 'пошта 2', '', '-', '+']
    expect(new Set(names.map(canonicalChannel)).size).toBe(names.length)
  })

  it('does not lengthen a long text', () => {
    const long = '\ufdfa'.repeat(1_000) // each becomes 18 characters in NFKC
    expect(canonicalChannel(` ${long}`)).toBe(long)
  })

  it('is idempotent', () => {
    for (const name of ['Web Push', 'ﬀ İ', 'Straße', '—']) {
      expect(canonicalChannel(canonicalChannel(name))).toBe(canonicalChannel(name))
    }
  })
})
