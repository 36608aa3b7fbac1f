import { createHash } from 'node:crypto'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { ENDPOINTS } from '../../src/api-routes.ts'
import { app } from '../../src/routes.ts'
import { describeApi } from '../../src/openapi/openapi.ts'
import { read } from '../receiver.ts'

const load = () => app.request('/docs', {}, env)
const hashOf = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

it('allows only its own script and style, by their hashes', async () => {
  const response = await load()
  const page = await response.text()
  const policy = response.headers.get('Content-Security-Policy')
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)]
  const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)]
  expect([scripts.length, styles.length]).toEqual([1, 1])
  expect(policy?.split('; ')).toEqual([
    "default-src 'none'",
    "connect-src 'self'",
    `style-src ${hashOf(styles[0]?.[1])}`,
    `script-src ${hashOf(scripts[0]?.[1])}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
  expect(page.match(/<[^>]* (style|on\w+)=/g)).toBeNull()
})

it('sends no referrer, and forbids browsers to guess its type', async () => {
  const { headers } = await load()
  expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  expect(headers.get('Referrer-Policy')).toBe('no-referrer')
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
})

it('loads nothing, and links to no other site', async () => {
  const page = await (await load()).text()
  expect(page.match(/src=|srcset=|url\(|@import|<link|<img|<iframe/g)).toBeNull()
  const targets = new Set(Array.from(page.matchAll(/href="([^"]*)"/g), ([, to = '']) => to))
  const ids = Array.from(page.matchAll(/ id="([^"]*)"/g), ([, id = '']) => id)
  expect(ids).toEqual([...new Set(ids)])
  const anchors = [...targets].filter((to) => to.startsWith('#'))
  expect(ids).toEqual(expect.arrayContaining(anchors.map((to) => to.slice(1))))
  expect([...targets].filter((to) => !to.startsWith('#'))).toEqual(['/', '/openapi.json'])
})

it('keeps the token in its field, and shows responses as text only', async () => {
  const page = await (await load()).text()
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(page) ?? []
  expect(
    script.match(
      /sessionStorage|indexedDB|cookie|innerHTML|insertAdjacent|localStorage\.\w+\(.*?\)/g,
    ),
  ).toEqual(['localStorage.getItem(LANGUAGE)', 'localStorage.setItem(LANGUAGE, language)'])
  expect(page).toMatch(/<input[^>]*id="token"[^>]*type="password"[^>]*autocomplete="off"/)
})

it('names the origin at which it was requested', async () => {
  const response = await app.request('https://shop.example.com/docs', {}, env)
  const page = await response.text()
  const [, url] = /<span class="url">(.*?)<\/span>/.exec(page) ?? []
  expect(url).toBe('https://shop.example.com/activity')
  expect(page.includes('__ORIGIN__')).toBe(false)
})

it('takes no markup from the name of a host', async () => {
  const page = await (await app.request('http://a"onload="b/docs', {}, env)).text()
  expect(page.includes('a"onload')).toBe(false)
})

it('shows an actual error as an example', async () => {
  const error = await (await read('/activity?limit=0')).json()
  const example = JSON.stringify(error, null, 2).replaceAll('"', '&quot;')
  const [, shown] =
    /<section id="errors">.*?<pre>(.*?)<\/pre>/s.exec(await (await load()).text()) ?? []
  expect(shown).toBe(example)
})

it('is at most 100 KB, compressed', async () => {
  const compressed = (await load()).body?.pipeThrough(new CompressionStream('gzip'))
  expect((await new Response(compressed).arrayBuffer()).byteLength).toBeLessThan(100_000)
})

it('has every operation, and a field with a label for every parameter', async () => {
  const page = await (await load()).text()
  const ids = [...page.matchAll(/<(?:input|select)\s[^>]*?\bid="([^"]+)"/g)].map(([, id]) => id)
  const labelled = [...page.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id)
  expect(labelled.toSorted()).toEqual(ids.toSorted())
  for (const { operationId, summary, parameters } of Object.values(
    describeApi(ENDPOINTS).paths,
  ).flatMap((methods) => Object.values(methods))) {
    expect(page).toContain(`<div class="operation" id="${operationId}">`)
    expect(page).toContain(`<a href="#${operationId}"`)
    expect(page).toContain(`<span>${summary}</span>`)
    expect(ids).toEqual(
      expect.arrayContaining(parameters.map(({ name }) => `${operationId}-${name}`)),
    )
  }
})

it('can be read by anyone, with GET only', async () => {
  expect((await app.request('/docs', { method: 'HEAD' }, env)).status).toBe(200)
  const rejected = await app.request('/docs', { method: 'DELETE' }, env)
  expect(rejected.status).toBe(405)
  expect(rejected.headers.get('Allow')).toBe('GET, HEAD')
})
