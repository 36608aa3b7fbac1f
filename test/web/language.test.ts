import { expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { env } from 'cloudflare:workers'
import { ORIGIN, visit } from '../visit.ts'

async function load(headers: Record<string, string>): Promise<string> {
  const response = await app.request(
    `${ORIGIN}/`,
    { headers: { Accept: 'text/html', ...headers } },
    env,
  )
  return response.text()
}

it.each([
  ['uk', 'uk'],
  ['uk-UA,uk;q=0.9,en;q=0.8', 'uk'],
  ['en-US,en;q=0.9,uk;q=0.8', 'en'],
  ['pl,uk;q=0.5', 'uk'],
  ['pl', 'en'],
  ['*', 'en'],
])('takes the language of a browser that sends %s', async (header, language) => {
  expect(await load({ 'Accept-Language': header })).toContain(`<html lang="${language}">`)
})

it('remembers the chosen language, and goes back to the page', async () => {
  const response = await visit('/language', {
    fields: { language: 'uk', to: '/campaigns?by=tags' },
  })
  expect(response.status).toBe(303)
  expect(response.headers.get('Location')).toBe('/campaigns?by=tags')
  const [cookie = ''] = response.headers.get('Set-Cookie')?.split(';') ?? []
  expect(await load({ 'Accept-Language': 'en', Cookie: cookie })).toContain('<html lang="uk">')
})

it.each([
  { language: 'xx', to: '/' },
  { language: 'uk', to: 'https://example.com/' },
  { language: 'uk', to: '//example.com/' },
  {},
])('takes only known languages and own pages: %j', async (fields) => {
  const response = await visit('/language', { fields: { ...fields } as Record<string, string> })
  expect(response.headers.get('Location')).toBe('/')
  if (fields.language !== 'uk') expect(response.headers.get('Set-Cookie')).toBeNull()
})

it('takes no form of another site', async () => {
  const response = await visit('/language', {
    fields: { language: 'uk' },
    origin: 'https://example.com',
  })
  expect(response.status).toBe(403)
})
