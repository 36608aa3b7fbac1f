import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { clearTables, read } from '../receiver.ts'
import { visit } from '../visit.ts'

const DAY = 86_400_000
const AS_OF = Date.parse('2026-06-01T00:00Z')
const BIG = '9007199254740995'

const before = (days: number) => AS_OF / DAY - days

beforeEach(async () => {
  await clearTables()
  await env.DB.prepare("INSERT INTO key_values VALUES ('engagement.until', ?)")
    .bind(String(AS_OF))
    .run()
})

async function fill(mediaType: string, pages: readonly (readonly unknown[])[][]): Promise<void> {
  for (const page of pages) {
    const contacts = `[${page.map((contact) => `[${contact.map((value) => value ?? 'null').join()}]`).join()}]`
    await env.DB.prepare('INSERT INTO engagement VALUES (?, CAST(? AS INTEGER), ?)')
      .bind(mediaType, page === pages[0] ? '-9223372036854775808' : String(page[0]?.[0]), contacts)
      .run()
  }
}

/** Who read within 90 days, later, or never; two of them had nothing delivered of late. */
const fillSome = () =>
  fill('email', [
    [
      [1, before(5), before(4)],
      [2, before(5), before(100)],
      [3, before(5), null],
    ],
    [
      [4, before(91), null],
      [5, before(300), before(200)],
      [BIG, before(90), null],
    ],
  ])

async function text(path: string): Promise<string> {
  const response = await read(path)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
  return new TextDecoder().decode(await response.arrayBuffer())
}

const QUIET = 'deliveredWithin=90&notEngagedWithin=90'

describe('engagement', () => {
  it('counts contacts by band', async () => {
    await fillSome()
    expect(JSON.parse(await text('/reports/engagement'))).toMatchObject({
      mediaType: 'email',
      asOf: AS_OF,
      contacts: 6,
      bands: [
        { band: '0-30', contacts: 1 },
        { band: '31-90', contacts: 0 },
        { band: '91-180', contacts: 1 },
        { band: 'more', contacts: 1 },
        { band: 'never', contacts: 3 },
        { band: 'unknown', contacts: 0 },
      ],
    })
  })

  it('tells in one call who opened nothing in 90 days though something was delivered', async () => {
    await fillSome()
    expect(JSON.parse(await text(`/reports/engagement?${QUIET}`))).toMatchObject({ contacts: 3 })
    const lines = (await text(`/reports/engagement.ndjson?${QUIET}`)).trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      contactId: 3,
      email: null,
      sms: null,
      externalCustomerId: null,
      band: 'never',
      lastDeliveredOn: '2026-05-27',
      lastEngagedOn: null,
    })
    expect(lines[2]).toContain(`"contactId":${BIG},`)
  })

  it('lists contacts with their identifiers, in CSV that no spreadsheet runs', async () => {
    await fillSome()
    await env.DB.prepare(
      `INSERT INTO contact_identifiers VALUES (3, 'email', 'a@example.com', 'A@example.com'),
         (3, 'sms', '380500000003', '+380500000003'), (1, 'email', 'other@example.com', '')`,
    ).run()
    const csv = await text('/reports/engagement.csv?band=never&limit=1')
    expect(csv).toBe(
      'contactId,email,sms,externalCustomerId,band,lastDeliveredOn,lastEngagedOn\r\n' +
        "3,A@example.com,'+380500000003,,never,2026-05-27,\r\n",
    )
  })

  it('goes on after the last contact received, across pages', async () => {
    const pages = Array.from({ length: 9 }, (_, page) =>
      Array.from({ length: 3 }, (_, index) => [10 * page + index, before(1), null]),
    )
    await fill('email', pages)
    await fill('sms', [[[7, before(1), null]]])
    const all = pages.flat().map(([contactId]) => contactId)
    const contactsOf = (ndjson: string) =>
      ndjson.split('\n').flatMap((line) => (line === '' ? [] : Number(JSON.parse(line).contactId)))
    expect(contactsOf(await text('/reports/engagement.ndjson'))).toEqual(all)
    for (const last of [0, 2, 41, 82, 100]) {
      const rest = await text(`/reports/engagement.ndjson?cursor=${last}`)
      expect(contactsOf(rest)).toEqual(all.filter((contactId) => Number(contactId) > last))
    }
  })

  it('cannot be told in a channel without reads', async () => {
    await fill('sms', [[[7, before(1), null]]])
    const { bands } = JSON.parse(await text('/reports/engagement?mediaType=sms'))
    expect(bands.filter(({ contacts }: { contacts: number }) => contacts > 0)).toEqual([
      { band: 'unknown', title: 'Cannot be told', contacts: 1 },
    ])
    expect(await text('/reports/engagement.ndjson?mediaType=sms&band=never')).toBe('')
  })

  it.each([
    'deliveredWithin=0',
    'notEngagedWithin=x',
    'band=sometimes',
    'cursor=abc',
    'mediaType=',
  ])('rejects %s', async (query) => {
    expect((await read(`/reports/engagement.csv?${query}`)).status).toBe(400)
  })

  it('has a page with its bands, and a file of each', async () => {
    await fillSome()
    const page = await (await visit('/engagement')).text()
    expect(page).toContain('Never, although delivered')
    expect(page).toContain('3 contacts have opened and clicked nothing in 90 days')
    const [, href = ''] = /href="([^"]*contacts\.csv[^"]*band=more[^"]*)"/.exec(page) ?? []
    const file = await visit(href.replaceAll('&amp;', '&'))
    expect(file.headers.get('Content-Disposition')).toContain('engagement.csv')
    expect(await file.text()).toContain('\r\n5,')
    const anonymous = await app.request('/engagement/contacts.csv', {}, env)
    expect(anonymous.status).toBe(401)
  })
})
