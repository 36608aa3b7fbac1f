import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { redirectWithNotice } from '../../src/web/notice.ts'
import { ORIGIN, visit } from '../visit.ts'

const app = new Hono<{ Bindings: Env }>().post('/', (context) =>
  redirectWithNotice(context, '/status', 'chips.remove', { name: '<b>“Sale”</b>' }),
)

async function act(): Promise<string> {
  const response = await app.request(`${ORIGIN}/`, { method: 'POST' }, env)
  expect(response.status).toBe(303)
  expect(response.headers.get('Location')).toBe('/status')
  return response.headers.get('Set-Cookie')?.split(';')[0] ?? ''
}

it('is told on the next page, once, in the language of the viewer', async () => {
  const cookie = await act()
  const response = await visit('/recent', { cookie, language: 'uk' })
  const page = await response.text()
  expect(page).toContain('Прибрати фільтр «&lt;b&gt;“Sale”&lt;/b&gt;»')
  expect(page).toMatch(/<div class="toasts" role="status"><p class="toast">/)
  expect(response.headers.get('Set-Cookie')).toMatch(/^__Host-notice=;.*Max-Age=0/)
})

it.each(['x', '%5B%22nothing%22%5D', '%5B%5D', 'null', '%7B%7D'])(
  'is left out if the cookie is %s',
  async (value) => {
    const response = await visit('/recent', { cookie: `__Host-notice=${value}` })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<div class="toasts" role="status"></div>')
  },
)
