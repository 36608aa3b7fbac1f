import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { Server, TOKEN } from '../bench/server.ts'
import { describeInBrowser, launch, recentEvent, send, Visitor } from './browser.ts'

const HOUR = 3_600_000

describeInBrowser('recent events and contacts in a browser', () => {
  let server: Server
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([Server.start('receiver'), launch()])
    const old = Array.from({ length: 120 }, (_, index) =>
      oldEvent({ messageName: `Old ${index}`, contactId: 500 + index }, index * 10_000),
    )
    await send(server, ...old)
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })
  beforeEach(async () => {
    visitor = await Visitor.arrive(browser, server)
    await visitor.page.clock.install()
    await visitor.signIn(TOKEN, '/recent')
  })
  afterEach(async () => {
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
    await visitor.context.close()
  })

  const begin = Date.now()
  /** An event from before the tests. */
  const oldEvent = (changes: object, ago: number) =>
    recentEvent({ ...changes }, Date.now() - begin + HOUR + ago)

  const row = (name: string) => visitor.page.locator('#events > li', { hasText: name })
  const appears = (name: string) => visitor.expectSoon(() => row(name).count()).toBe(1)
  const topOf = async (name: string) => (await row(name).boundingBox())?.y ?? Number.NaN

  it('appear by themselves, in order, and are announced to screen readers', async () => {
    await send(server, recentEvent({ messageName: 'Fresh' }, 60_000))
    await appears('Fresh')
    expect(await visitor.page.locator('#events > li').first().textContent()).toContain('Fresh')
    expect(await visitor.page.locator('#announcement').textContent()).toBe(
      'New events have arrived',
    )
    const late = oldEvent({ messageName: 'Late' }, 45_000)
    await send(server, late)
    await appears('Late')
    const names = await visitor.page.locator('#events > li').allTextContents()
    const index = names.findIndex((text) => text.includes('Late'))
    expect(names[index - 1]).toContain('Old 4')
    expect(names[index + 1]).toContain('Old 5')
  })

  it('do not move the row under the pointer', async () => {
    await row('Old 7').hover()
    const before = await topOf('Old 7')
    await send(server, recentEvent({ messageName: 'Above' }, 30_000))
    await appears('Above')
    expect(Math.abs((await topOf('Old 7')) - before)).toBeLessThan(2)
  })

  it('do not move the scrolled list, nor close an open row', async () => {
    await row('Old 30').locator('summary').click()
    await row('Old 30').getByText('Message ID').first().waitFor()
    await visitor.page.mouse.move(2, 2)
    await row('Old 33').scrollIntoViewIfNeeded()
    const before = await topOf('Old 33')
    await send(server, recentEvent({ messageName: 'Above all' }, 20_000))
    await appears('Above all')
    expect(Math.abs((await topOf('Old 33')) - before)).toBeLessThan(2)
    expect(await row('Old 30').locator('details').getAttribute('open')).not.toBeNull()
  })

  it('do not change while paused', async () => {
    const { page } = visitor
    await page.getByRole('button', { name: 'Pause' }).click()
    await send(server, recentEvent({ messageName: 'Held back' }, 10_000))
    visitor.requested.length = 0
    await page.clock.fastForward(60_000)
    await page.evaluate('fetch("/health")') // a request that comes after those of the timers
    expect(visitor.requested).toEqual([`${server.origin}/health`])
    await page.getByRole('button', { name: 'Pause' }).click()
    await appears('Held back')
  })

  it('say that the receiver is not responding, and continue when it does', async () => {
    const { page, context } = visitor
    await context.route('**/recent*', (route) => route.abort())
    const notice = page.getByText('not responding').first()
    await visitor.expectSoon(() => notice.isVisible()).toBe(true)
    await context.unroute('**/recent*')
    await send(server, recentEvent({ messageName: 'Back again' }, 5_000))
    await appears('Back again')
    visitor.errors.length = 0 // the browser reports the failed requests
  })

  it('are filtered by the URL', async () => {
    const { page } = visitor
    await send(server, recentEvent({ activityStatus: 'SPAM', messageId: 77 }, HOUR))
    await page.getByLabel('Status').selectOption('SPAM')
    await page.waitForURL(/activityStatus=SPAM/)
    expect(await page.locator('#events > li').count()).toBe(1)
    await page.goto('/recent?messageId=77')
    expect(await page.locator('#events > li').count()).toBe(1)
  })

  it('open to show every sent parameter, even without scripts', async () => {
    const event = { messageName: 'All of it', somethingNew: { deep: ['value'] } }
    await send(server, recentEvent(event, 3_000))
    await visitor.context.close()
    visitor = await Visitor.arrive(browser, server, { javaScriptEnabled: false })
    await visitor.signIn(TOKEN, '/recent')
    await row('All of it').locator('summary').click()
    await row('All of it').getByRole('link').first().click()
    await visitor.page.getByText('somethingNew').waitFor()
    await visitor.page.getByText('deep').waitFor()
  })

  it('are found by contact, without an email address in the URL', async () => {
    const { page } = visitor
    const names = { contactId: 31337, email: 'Somebody@example.com', sms: '380000000000' }
    await send(server, recentEvent({ ...names, messageName: 'To somebody' }, 2_000))
    await send(
      server,
      recentEvent({ ...names, mediaType: 'viber', messageName: 'By Viber' }, 1_000),
    )
    for (const input of ['somebody@example.com', '+380 00 000 00 00', '31337']) {
      await page.goto('/contact')
      await page.locator('main').getByRole('searchbox').fill(input)
      await page.locator('main').getByRole('button').first().click()
      await page.waitForURL(/\/contact\/31337$/)
      await page.getByText('To somebody').first().waitFor()
      await page.getByText('By Viber').first().waitFor()
    }
    await page.goto('/contact')
    await page.locator('main').getByRole('searchbox').fill('nobody@example.com')
    await page.locator('main').getByRole('button').first().click()
    await page
      .getByRole('alert')
      .or(page.getByRole('status'))
      .or(page.locator('.note, .empty'))
      .first()
      .waitFor()
    const requested = visitor.requested.map((url) => url.slice(new URL(url).origin.length))
    expect(requested.filter((path) => /@|%40|380000|somebody|nobody/i.test(path))).toEqual([])
  })

  it('give way to the sign-in form after signing out elsewhere', async () => {
    await visitor.context.clearCookies({ name: /^yespo-session-/ })
    const field = visitor.page.getByLabel('Read token')
    await visitor.expectSoon(() => field.isVisible()).toBe(true)
  })
})
