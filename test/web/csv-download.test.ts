import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { csvLink, downloadCsv, type Cell } from '../../src/web/csv-download.ts'

async function download(rows: Cell[][], language: string): Promise<Response> {
  const app = new Hono<{ Bindings: Env }>().get('/', (context) =>
    downloadCsv(context, { name: 'things', heads: ['Name', 'Share', 'Time'], rows }),
  )
  const headers = { Cookie: `language=${language}; zone=Europe%2FKyiv` }
  return app.request('/', { headers }, env)
}

const AT = new Date('2026-11-25T12:03:07.900Z')

it('has a byte order mark, and the separator, decimal mark and time of the viewer', async () => {
  const rows = [['Sale, “50 %”', 1234.5, AT]]
  const english = await (await download(rows, 'en')).bytes()
  expect(Array.from(english.slice(0, 3))).toEqual([0xef, 0xbb, 0xbf])
  expect(new TextDecoder().decode(english)).toBe(
    'Name,Share,Time\r\n"Sale, “50 %”",1234.5,2026-11-25 14:03:07\r\n',
  )
  expect(await (await download(rows, 'uk')).text()).toBe(
    'Name;Share;Time\r\nSale, “50 %”;1234,5;2026-11-25 14:03:07\r\n',
  )
})

it('quotes the separator, and shields formulas but no numbers', async () => {
  const rows = [['=1+1', -0.25, null], ['a;b "c"', undefined, null]] // prettier-ignore
  expect(await (await download(rows, 'uk')).text()).toBe(
    `Name;Share;Time\r\n'=1+1;-0,25;\r\n"a;b ""c""";;\r\n`,
  )
})

it('is a file with the day in its name', async () => {
  const { headers } = await download([], 'en')
  expect(headers.get('Content-Type')).toBe('text/csv; charset=utf-8')
  expect(headers.get('Content-Disposition')).toMatch(
    /^attachment; filename="things-\d{4}-\d\d-\d\d\.csv"$/,
  )
})

it('keeps the parameters of the page', () => {
  expect(csvLink('/bounces')).toBe('/bounces?format=csv')
  expect(csvLink('/bounces?period=week')).toBe('/bounces?period=week&format=csv')
})
