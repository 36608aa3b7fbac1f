import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Server, TOKEN } from '../bench/server.ts'
import { describeInBrowser, launch, recentEvent, send, Visitor } from './browser.ts'

const PHONE = { viewport: { width: 390, height: 844 } }

/** The path of the page. */
const pathOf = (page: Page) => new URL(page.url()).pathname

describeInBrowser('the header in a browser', () => {
  let server: Server
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([Server.start('receiver'), launch()])
    const names = ['Spring sale', 'Summer sale', 'Autumn sale']
    await send(
      server,
      ...names.map((messageName, index) =>
        recentEvent({ messageName, messageId: index + 1 }, (index + 5) * 60_000),
      ),
    )
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })
  afterEach(async () => {
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
    await visitor.context.close()
  })

  it('has the first number, and the current view, on the first screen of a phone', async () => {
    visitor = await Visitor.arrive(browser, server, PHONE)
    const { page } = visitor
    await visitor.signIn(TOKEN)
    const number = await page.locator('.results strong').first().boundingBox()
    expect((number?.y ?? Infinity) + (number?.height ?? 0)).toBeLessThan(PHONE.viewport.height / 2)
    await page.goto('/status')
    const current = await page.locator('nav [aria-current=page]').boundingBox()
    expect(current?.x).toBeGreaterThanOrEqual(0)
    expect((current?.x ?? Infinity) + (current?.width ?? 0)).toBeLessThanOrEqual(390)
    const header = await page.locator('header').boundingBox()
    expect(header?.height).toBeLessThan(110)
  })

  it('switches the language, and stays on the page', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN, '/recent?activityStatus=DELIVERED')
    await page.getByRole('button', { name: 'Українська' }).click()
    await page.getByRole('heading', { level: 1, name: 'Події' }).waitFor()
    expect(page.url()).toContain('/recent?activityStatus=DELIVERED')
    await page.goto('/')
    await page.getByRole('heading', { level: 1, name: 'Огляд' }).waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  })

  it('goes to pages by G and a letter, also of a Ukrainian keyboard', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN)
    await page.keyboard.type('gc')
    await page.waitForURL('**/campaigns')
    await page.evaluate(`for (const [key, code] of [['п', 'KeyG'], ['у', 'KeyE']])
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }))`)
    await page.waitForURL('**/recent')
  })

  it('moves through rows by J and K, opens by Enter and closes by Escape', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN, '/recent')
    const open = page.locator('.events details[open]')
    await page.keyboard.type('jjj')
    await page.keyboard.press('Enter')
    expect(await open.textContent()).toContain('Autumn sale')
    await page.keyboard.press('Escape')
    expect(await open.count()).toBe(0)
    await page.keyboard.type('k')
    await page.keyboard.press('Enter')
    expect(await open.textContent()).toContain('Summer sale')
  })

  it('leaves out rows that are folded away', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN, '/recent')
    await page.evaluate(`document.querySelector('.events').insertAdjacentHTML('beforebegin',
      '<details><summary>Folded</summary><table><tbody><tr><td><a href="/">In it</a></td></tr></tbody></table></details>')`)
    await page.keyboard.type('j')
    await page.keyboard.press('Enter')
    expect(await page.locator('.events details[open]').count()).toBe(1)
  })

  it('searches by /, and leaves what is typed into a field alone', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN)
    await page.keyboard.press('/')
    await page.keyboard.type('gc/j?')
    expect(await page.locator('#search').inputValue()).toBe('gc/j?')
    expect(pathOf(page)).toBe('/')
    await page.keyboard.press('Escape')
    expect(await page.evaluate('document.activeElement.id')).toBe('')
  })

  it('shows the keys by ?, and can turn them off', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN)
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await dialog.waitFor()
    expect(await visitor.findBarriers()).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.locator('summary[aria-label="Menu"]').click()
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    await page.getByLabel('Shortcuts are on').uncheck()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.keyboard.type('gc?')
    expect(await dialog.isVisible()).toBe(false)
    expect(pathOf(page)).toBe('/')
  })

  it('makes cards of the rows of a wide table on a phone', async () => {
    visitor = await Visitor.arrive(browser, server, PHONE)
    const { page } = visitor
    await visitor.signIn(TOKEN)
    const cell = page.locator('.stacked td').first()
    expect(await cell.getAttribute('data-label')).toBe('Delivered')
    const table = await page.locator('.stacked').first().boundingBox()
    expect((table?.x ?? 0) + (table?.width ?? Infinity)).toBeLessThanOrEqual(390)
  })
})
