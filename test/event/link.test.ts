import { describe, expect, it } from 'vitest'
import { normalizeLink, utmOf } from '../../src/event/link.ts'
import { Random } from '../../src/simulator/random.ts'

const SHOP = 'https://shop.example.com/'

describe('normalizeLink', () => {
  it.each([
    [
      SHOP,
      ['https://shop.example.com', 'HTTPS://SHOP.Example.com/', 'https://shop.example.com:443'],
    ],
    [
      SHOP,
      [`${SHOP}?`, `${SHOP}#`, `${SHOP}?#`, `${SHOP}?&`, ` ${SHOP}\n`, 'https://shop.example.com.'],
    ],
    ['http://a.com/x', ['http://a.com:80/x', 'http://A.com/x#', 'http://a.com/%78']],
    ['http://a.com:8080/x', ['http://a.com:8080/x', 'HTTP://A.COM:8080/x?']],
    [
      `${SHOP}товар?q=%22й%22`,
      [
        `${SHOP}%D1%82%D0%BE%D0%B2%D0%B0%D1%80?q=%22%D0%B9%22`,
        `${SHOP}%d1%82%d0%be%d0%b2%d0%b0%d1%80?q="й"`,
        `${SHOP}товар?q=%22й%22`,
      ],
    ],
    ['https://xn--80aikifvh.xn--j1amh/', ['https://приклад.укр', 'https://ПРИКЛАД.укр/']],
    [`${SHOP}a%2Fb%20c`, [`${SHOP}a%2fb%20c`, `${SHOP}a%2Fb c`]],
    [`${SHOP}?a=1&b=2`, [`${SHOP}?a=1&b=2`, `${SHOP}?a=1&amp;b=2`, `${SHOP}?&a=1&&b=2&`]],
  ])('has one spelling of %s', (link, spellings) => {
    expect(spellings.map(normalizeLink)).toEqual(spellings.map(() => link))
  })

  it.each(['aXZhbkBleGFtcGxlLmNvbQ', 'aXZhbkBleGFtcGxlLmNvbQ==', 'aXZhbkBleGFtcGxlLmNvbQ%3D%3D'])(
    'masks an address in Base64: %s',
    (address) => {
      expect(normalizeLink(`${SHOP}?e=${address}`)).toBe(`${SHOP}?e=…`)
      expect(normalizeLink(`${SHOP}u/${address}`)).toBe(`${SHOP}u/…`)
      expect(utmOf(`${SHOP}?utm_content=${address}`)).toEqual({ content: '…' })
    },
  )

  it('keeps long words that are no address', () => {
    const link = `${SHOP}AutumnCollectionForChildren?category=womenswinterjackets`
    expect(normalizeLink(link)).toBe(link)
  })

  it('takes time in proportion to the length of a link', () => {
    const link = `${SHOP}?a=1-${'a'.repeat(7_900)}`
    const times = Array.from({ length: 5 }, () => {
      const started = performance.now()
      normalizeLink(link)
      return performance.now() - started
    })
    expect(Math.min(...times)).toBeLessThan(10)
  })

  it('tells apart what leads elsewhere', () => {
    const links =
      `http://a.com/ https://a.com/ https://www.a.com/ https://a.com/A https://a.com/a https://a.com/a/
      https://a.com/a?x=1&y=2 https://a.com/a?y=2&x=1 https://a.com/a#part https://a.com/a#/cart`.split(
        /\s+/,
      )
    expect(new Set(links.map(normalizeLink)).size).toBe(links.length)
  })

  it.each(
    `utm_source UTM_Medium utm_anything gclid gbraid wbraid fbclid yclid ysclid mc_cid mc_eid _ga _gl _hsenc _hsmi
    mkt_tok vero_id twclid ttclid msclkid igshid dclid epik`.split(/\s+/),
  )('removes %s', (name) => {
    expect(normalizeLink(`${SHOP}?page=2&${name}=x.y&sort=price`)).toBe(`${SHOP}?page=2&sort=price`)
    expect(normalizeLink(`${SHOP}?${name}=x`)).toBe(SHOP)
    expect(normalizeLink(`${SHOP}#${name}=x`)).toBe(SHOP)
  })

  it('keeps parameters that may lead elsewhere, in their order', () => {
    const link = `${SHOP}p/?size=xl&color=red&ref=banner&page=2&empty=&flag&color=blue`
    expect(normalizeLink(link)).toBe(link)
  })

  it.each([
    [`${SHOP}#reviews`, `${SHOP}#reviews`],
    [`${SHOP}#utm_source=yespo&utm_medium=email`, SHOP],
    [`${SHOP}#tab=2&utm_source=yespo`, `${SHOP}#tab=2`],
    [`${SHOP}#:~:text=Great%20offer`, SHOP],
    [`${SHOP}#part:~:text=Great%20offer`, `${SHOP}#part`],
    [`${SHOP}#/cart?email=anna@example.com&step=2`, `${SHOP}#/cart?email=…&step=2`],
  ])('keeps of the fragment of %s what leads elsewhere', (link, normalized) => {
    expect(normalizeLink(link)).toBe(normalized)
  })

  it.each([
    'anna@example.com',
    'anna%40example.com',
    'anna%2540example.com',
    'Anna.K%2Bnews%40Example.com',
    '+380671231001',
    '%2B380671231001',
    '380671231001',
    '%2B38%20(067)%20123-10-01',
    '0671231001',
    '067-123-10-01',
    '+48123456789',
    '79161234567',
    'd41d8cd98f00b204e9800998ecf8427e',
    'D41D8CD98F00B204',
    '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'order-3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
    'dGhpcyBpcyBhIHRva2Vu0A1b2C3d',
    'aZ09bY18cX27dW36eV45',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '4111111111111111',
  ])('masks %s, in the path and in the query', (value) => {
    expect(normalizeLink(`${SHOP}u/${value}/x`)).toBe(`${SHOP}u/…/x`)
    expect(normalizeLink(`${SHOP}?a=1&v=${value}&b=2`)).toBe(`${SHOP}?a=1&v=…&b=2`)
  })

  it.each([
    'iphone-15-pro-max-256gb',
    'samsunggalaxys24ultra512gbtitanium',
    'Sony-WH-1000XM4-Wireless-Headphones',
    'summer_sale_2026',
    '2026-11-27',
    '10000-200000',
    '4820000000017',
    'p123456789',
    '@shop',
    '@50.4501,30.5234,15z',
    'krasyve-plattia-dlia-vechirky-ta-sviata',
    'internationalization',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ])('keeps %s, which is not personal', (value) => {
    const link = `${SHOP}p/${value}?v=${value}`
    expect(normalizeLink(link)).toBe(link)
  })

  it.each(['email', 'phone', 'token', 'user_id', 'contactId', 'first_name', 'hash', 'sid'])(
    'masks any value of %s',
    (name) => {
      expect(normalizeLink(`${SHOP}?${name}=x1&page=2`)).toBe(`${SHOP}?${name}=…&page=2`)
    },
  )

  it('is the same for everyone who was sent a personalised link', () => {
    const random = new Random(20)
    const links = Array.from({ length: 50 }, () => {
      const email = `${random.hex(6)}%40example.com`
      return `${SHOP}unsubscribe/${random.uuid()}?email=${email}&utm_content=${random.hex(9)}&k=${random.hex(32)}`
    })
    expect([...new Set(links.map(normalizeLink))]).toEqual([`${SHOP}unsubscribe/…?email=…&k=…`])
  })

  it('cleans a link in a parameter', () => {
    const inner = encodeURIComponent('https://A.com/x?utm_source=y&b=2&email=anna@example.com')
    expect(normalizeLink(`${SHOP}go?to=${inner}&n=1`)).toBe(
      `${SHOP}go?to=https://a.com/x?b=2%26email=…&n=1`,
    )
    const nested = Array.from({ length: 9 }).reduce<string>(
      (link) => `${SHOP}?to=${encodeURIComponent(link)}`,
      'https://a.com/?email=anna@example.com',
    )
    expect(normalizeLink(nested)).not.toContain('anna')
  })

  it('masks a user before the host', () => {
    expect(normalizeLink('https://anna:secret@shop.example.com/x')).toBe(
      'https://…@shop.example.com/x',
    )
  })

  it.each([
    ['mailto:anna@example.com?subject=Hi', 'mailto:…'],
    ['tel:+380671231001', 'tel:…'],
    ['SMS:0671231001', 'sms:…'],
    ['viber://chat?number=%2B380671231001', 'viber://chat?number=…'],
    ['viber://pa?chatURI=shop', 'viber://pa?chatURI=shop'],
    ['myapp://product/42?utm_source=yespo', 'myapp://product/42'],
    ['javascript:alert(1)', 'javascript:…'],
    ['shop.example.com/x?utm_source=yespo', 'shop.example.com/x'],
    ['shop.example.com:8080', 'shop.example.com:8080/'],
    ['/x?utm_source=yespo&a=1', '/x?a=1'],
    ['anna@example.com', '…'],
    ['', ''],
    ['?', ''],
    ['%', '%'],
    ['%zz%E0%A4%A', '%zz%E0%A4%A'],
    ['https://', 'https:///'],
    ['{{link}}', '%7B%7Blink%7D%7D'],
  ])('does something sensible with %j', (link, normalized) => {
    expect(normalizeLink(link)).toBe(normalized)
  })

  it('is short, whatever comes', () => {
    expect(normalizeLink(`${SHOP}${'a/'.repeat(100_000)}`)).toHaveLength(1_000)
    expect(normalizeLink(`${SHOP}${'😀'.repeat(5_000)}`).length).toBeLessThanOrEqual(1_000)
    const late = `${SHOP}?utm_content=${'x'.repeat(7_970)}&e=anna@example.com`
    expect(normalizeLink(late)).not.toContain('ann')
  })

  it('is idempotent, and never throws', () => {
    const random = new Random(7)
    const parts =
      ` / ? # & = % %d0%b9 %D0 й … é ☂ \ud800 :~: http:// https://a.com : @ + ; " ' < [ a1B2c3D4e5F6g7H8 utm_x= 380671231001 \\ %2525 to=https%3A%2F%2Fa.b%2F%3Fx%3D1%26y%3D2`.split(
        ' ',
      )
    for (let round = 0; round < 3_000; round++) {
      const link = Array.from({ length: random.between(1, 9) }, () => random.pick(parts)).join('')
      const once = normalizeLink(random.chance(0.5) ? `https://a.com/${link}` : link)
      expect(normalizeLink(once)).toBe(once)
    }
  })

  it('takes linear time', () => {
    const hostile = ['%', '%41', '&', 'a1', '@', '/', '?', '#', 'é', ':', '.'].map((part) =>
      `${SHOP}?a=${part}`.padEnd(60_000, part),
    )
    const start = performance.now()
    for (const link of hostile) normalizeLink(link)
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('utmOf', () => {
  it('has the decoded parameters', () => {
    const link = `${SHOP}?a=1&utm_source=yespo&UTM_MEDIUM=e-mail&utm_campaign=%D1%80%D1%96%D0%B7%D0%B4%D0%B2%D0%BE+2026&utm_term=&utm_id=7#x`
    expect(utmOf(link)).toEqual({ source: 'yespo', medium: 'e-mail', campaign: 'різдво 2026' })
  })

  it('has those of a fragment and of a link that was escaped twice', () => {
    expect(utmOf(`${SHOP}?a=1&amp;utm_source=yespo#utm_content=top`)).toEqual({
      source: 'yespo',
      content: 'top',
    })
  })

  it('takes the first of several', () => {
    expect(utmOf(`${SHOP}?utm_source=a&utm_source=b`)).toEqual({ source: 'a' })
  })

  it('masks what is personal, and shortens what is long', () => {
    expect(utmOf(`${SHOP}?utm_term=anna%40example.com&utm_content=${'x'.repeat(300)}`)).toEqual({
      term: '…',
      content: `${'x'.repeat(199)}…`,
    })
  })

  it.each(['', SHOP, 'mailto:x', '%', `${SHOP}?xutm_source=a`, `${SHOP}?utm_source=%20`])(
    'is empty for %j',
    (link) => {
      expect(utmOf(link)).toEqual({})
    },
  )

  it('keeps a badly escaped value as it is', () => {
    expect(utmOf(`${SHOP}?utm_source=50%&utm_medium=%ff`)).toEqual({ source: '50%', medium: '%ff' })
  })
})
