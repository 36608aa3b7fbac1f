import { describe, expect, it } from 'vitest'
import { PROVIDERS, providerOf, titleOfProvider } from '../../src/event/mailbox-provider.ts'

describe('providerOf', () => {
  it.each([
    ['gmail', 'gmail.com googlemail.com GMAIL.COM gmail.com.'],
    ['outlook', 'outlook.com hotmail.com live.com msn.com hotmail.co.uk outlook.fr live.nl'],
    ['yahoo', 'yahoo.com ymail.com rocketmail.com yahoo.co.uk aol.com'],
    ['icloud', 'icloud.com me.com mac.com privaterelay.appleid.com'],
    ['ukr.net', 'ukr.net Ukr.Net'],
    ['i.ua', 'i.ua ua.fm email.ua'],
    ['meta.ua', 'meta.ua'],
    ['bigmir.net', 'bigmir.net'],
    ['mail.ru', 'mail.ru inbox.ru list.ru bk.ru internet.ru'],
    ['yandex', 'yandex.ru yandex.ua ya.ru yandex.com'],
    ['proton', 'proton.me protonmail.com pm.me'],
    ['gmx', 'gmx.de gmx.net gmx.at'],
    ['web.de', 'web.de'],
    ['wp', 'wp.pl'],
    ['o2.pl', 'o2.pl tlen.pl'],
    ['interia', 'interia.pl interia.eu'],
    ['seznam', 'seznam.cz email.cz'],
  ])('is %s for its domains', (provider, domains) => {
    expect(domains.split(' ').map(providerOf)).toEqual(domains.split(' ').map(() => provider))
  })

  it('is the domain itself for any other, in one spelling', () => {
    expect(providerOf('Shop.Example.com')).toBe('shop.example.com')
    expect(providerOf('приклад.укр')).toBe('xn--80aikifvh.xn--j1amh')
    expect(providerOf('yahoo.co.jp')).toBe('yahoo.co.jp') // another company
    expect(providerOf('mail.gmail.com')).toBe('mail.gmail.com')
    expect(providerOf('notgmail.com')).toBe('notgmail.com')
  })

  it.each([
    '',
    ' ',
    'gmail',
    'outlook',
    'constructor',
    '[10.0.0.1]',
    'a..b',
    `${'a'.repeat(64)}.com`,
  ])('is empty for %j, which is no domain', (domain) => {
    expect(providerOf(domain)).toBe('')
  })

  it('is a domain of at most 253 characters', () => {
    const longest = `${`${'a'.repeat(62)}.`.repeat(4)}a`
    expect(providerOf(longest)).toBe(longest)
    expect(providerOf(`${longest}a`)).toBe('')
  })

  it('has each domain once, in its one spelling', () => {
    const domains = PROVIDERS.flatMap((provider) => provider.domains)
    expect(domains.filter((domain, index) => domains.indexOf(domain) !== index)).toEqual([])
    expect(domains.filter((domain) => domain !== domain.toLowerCase())).toEqual([])
    expect(
      domains.filter((domain) => providerOf(domain) === domain && !domain.includes('.')),
    ).toEqual([])
  })

  it('has names that are no one else’s domain', () => {
    for (const { name } of PROVIDERS) {
      if (name.includes('.')) expect(providerOf(name)).toBe(name)
    }
  })
})

describe('titleOfProvider', () => {
  it('is the title, or the domain', () => {
    expect(titleOfProvider('gmail')).toBe('Gmail')
    expect(titleOfProvider('shop.example.com')).toBe('shop.example.com')
  })
})
