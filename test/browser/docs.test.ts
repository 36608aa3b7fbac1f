import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { PAGE, POLICY } from '../openapi/documentation.ts'
import { describeInBrowser, launch, Visitor } from './browser.ts'

type Received = { method: string; url: string; authorization: string; cookie: string }

describeInBrowser("the API's documentation in a browser", () => {
  let received: Received[] = []
  let origin: string
  let browser: Browser
  let visitor: Visitor

  /** Responds with the page, and to all else with what it received. */
  const server = createServer(({ method = '', url = '', headers }, response) => {
    if (url === '/docs') {
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.setHeader('Content-Security-Policy', POLICY)
      response.end(PAGE.replaceAll('__ORIGIN__', origin))
      return
    }
    const { authorization = '', cookie = '' } = headers
    received.push({ method, url, authorization, cookie })
    response.setHeader('Content-Type', 'application/json')
    response.end('{"contactId":9223372036854775807}')
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launch()
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })
  beforeEach(async () => {
    received = []
    const permissions = ['clipboard-read', 'clipboard-write']
    visitor = await Visitor.arrive(browser, { origin }, { permissions })
    await visitor.page.goto('/docs')
  })
  afterEach(async () => {
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
    await visitor.context.close()
  })

  const operation = (id: string) => visitor.page.locator(`#${id}`)
  const listMenu = () => visitor.page.locator('#menu li:visible').allTextContents()

  it('finds operations by their names, or by what they say', async () => {
    const { page } = visitor
    const all = await listMenu()
    await page.keyboard.press('/')
    await page.keyboard.type('event lines')
    expect(await listMenu()).toEqual([expect.stringContaining('/activity.ndjson')])
    await page.keyboard.press('Enter')
    expect(await operation('exportActivityAsNdjson').isVisible()).toBe(true)
    await page.keyboard.press('/')
    await page.keyboard.type('no_api_key')
    expect(await listMenu()).toEqual(['Errors'])
    await page.getByRole('searchbox').fill('')
    expect(await listMenu()).toEqual(all)
  })

  it('shows samples in the chosen language, and remembers it', async () => {
    const { page } = visitor
    await page.goto('/docs#listActivity')
    const sample = operation('listActivity').locator('.sample:visible')
    expect(await sample.textContent()).toMatch(/^curl /)
    await page.locator('label[for=in-python]').click()
    expect(await sample.textContent()).toMatch(/^import requests/)
    await page.reload()
    expect(await sample.textContent()).toMatch(/^import requests/)
    await operation('listActivity').getByRole('button', { name: 'Copy' }).first().click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(await sample.textContent())
  })

  it('stays where it is when the language changes', async () => {
    const { page } = visitor
    await page.goto('/docs#receiveWebhook')
    const before = await page.evaluate('scrollY')
    expect(before).toBeGreaterThan(0)
    await page.locator('label[for=in-php]').click()
    await operation('receiveWebhook').locator('.sample.php').waitFor()
    expect(await page.evaluate('scrollY')).toBe(before)
  })

  it('writes what is entered into the samples, and sends it with the token', async () => {
    const { page } = visitor
    await page.goto('/docs#showContact')
    await page.getByLabel('Token').fill(' secret-token ')
    const contact = operation('showContact')
    await contact.getByLabel('contactId').fill('7')
    await contact.getByLabel('limit').fill("5'")
    expect(await contact.locator('.sample:visible').textContent()).toContain(
      `'${origin}/contacts/7?limit=5%27'`,
    )
    await contact.getByRole('button', { name: 'Try it' }).click()
    await contact.getByText('9223372036854775807').waitFor()
    expect(received).toEqual([
      {
        method: 'GET',
        url: '/contacts/7?limit=5%27',
        authorization: 'Bearer secret-token',
        cookie: '',
      },
    ])
    expect(await page.content()).not.toContain('secret-token')
    const stored = await page.evaluate('JSON.stringify([localStorage, sessionStorage])')
    expect(stored).not.toContain('secret-token')
  })

  it('sends no cookie, and no example of a change', async () => {
    const { page } = visitor
    await visitor.context.addCookies([{ name: 'session', value: 'one', url: origin }])
    page.removeAllListeners('dialog')
    page.on('dialog', (dialog) => void dialog.accept())
    await page.goto('/docs#eraseByIdentifier')
    const erase = operation('eraseByIdentifier')
    expect(await erase.locator('.sample:visible').textContent()).toContain('email=nobody')
    await erase.getByRole('button', { name: 'Try it' }).click()
    await erase.getByText('9223372036854775807').waitFor()
    expect(received).toEqual([expect.objectContaining({ url: '/contacts', cookie: '' })])
  })

  it('has its menu, and opens what it links to, without the script', async () => {
    const options = { javaScriptEnabled: false, viewport: { width: 390, height: 800 } }
    const plain = await Visitor.arrive(browser, { origin }, options)
    const { page } = plain
    await page.goto('/docs')
    expect(await page.getByRole('searchbox').isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('link', { name: 'Show a contact: its' }).click()
    expect(await page.locator('#showContact').isVisible()).toBe(true)
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0)
    await plain.context.close()
  })

  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const)('has no barriers at $width pixels, $colorScheme', async ({ width, colorScheme }) => {
    const { page } = visitor
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    for (const id of ['messagesReport', 'startBackfill', 'eraseContact']) {
      await page.goto(`/docs#${id}`)
      expect(await operation(id).isVisible()).toBe(true)
    }
    await page.keyboard.press('/')
    expect(await visitor.findBarriers()).toEqual([])
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
  })
})
