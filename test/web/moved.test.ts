import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { visit } from '../visit.ts'

const ORIGIN = 'https://receiver.example.com'

describe('a former URL', () => {
  it.each([
    ['/set-aside', '/quarantine'],
    ['/set-aside?reason=why+not&cursor=1.a.0', '/quarantine?reason=why+not&cursor=1.a.0'],
    ['/set-aside/discard?reason=x', '/quarantine/delete?reason=x'],
    ['/set-aside/a_b-C/12', '/quarantine/a_b-C.12'],
    ['/set-aside/a_b-C/12/discard', '/quarantine/a_b-C.12/delete'],
    ['/forgotten', '/erasures'],
    ['/forgotten/7', '/erasures/7'],
    ['/contact/4711/forget', '/contact/4711/erase'],
    ['/set-aside/%2F%2Fevil.example.com/0', '/quarantine/%2F%2Fevil.example.com.0'],
  ])('%s redirects to %s', async (path, target) => {
    const response = await app.request(`${ORIGIN}${path}`, {}, env)
    expect([response.status, response.headers.get('Location')]).toEqual([301, target])
  })

  it('accepts no form', async () => {
    const init = { method: 'POST', body: new URLSearchParams({ reason: 'why' }) }
    expect((await app.request(`${ORIGIN}/set-aside/discard`, init, env)).status).toBe(404)
  })
})

describe.each(['/quarantine', '/erasures'])('%s', (path) => {
  it('is a page for a browser with a session, and the sign-in form without one', async () => {
    const page = await visit(path)
    expect([page.status, page.headers.get('Content-Type')]).toEqual([
      200,
      'text/html; charset=UTF-8',
    ])
    const headers = { Accept: 'text/html' }
    const stranger = await app.request(`${ORIGIN}${path}`, { headers }, env)
    expect([stranger.status, await stranger.text()]).toEqual([
      401,
      expect.stringContaining('Read token'),
    ])
  })

  it('is JSON for a program, regardless of what it accepts', async () => {
    const headers = { Accept: 'text/html', Authorization: 'Bearer read-token-for-tests' }
    const response = await app.request(`${ORIGIN}${path}`, { headers }, env)
    expect(await response.json()).toHaveProperty(path.slice(1), [])
    const stranger = await app.request(`${ORIGIN}${path}`, {}, env)
    expect(stranger.headers.get('WWW-Authenticate')).toContain('Bearer')
  })
})
