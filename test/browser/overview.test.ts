import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Server, TOKEN } from '../bench/server.ts'
import { describeInBrowser, launch, recentEvent, send, Visitor } from './browser.ts'

const MINUTE = 60_000

/** The URL of the last 24 hours: today may have just begun. */
const DAY = `/?since=${new Date(Date.now() - 24 * 60 * MINUTE).toISOString().slice(0, 14)}00Z`

describeInBrowser('the overview in a browser', () => {
  let server: Server
  let browser: Browser
  let visitor: Visitor

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([Server.start('receiver'), launch()])
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

  it('lets people sign in with the token only, and sign out', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await page.goto('/')
    await page.getByLabel('Read token').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('navigation').count()).toBe(0)
    await visitor.signIn(TOKEN)
    expect(await page.evaluate('document.cookie')).not.toContain('session')
    const cookies = await visitor.context.cookies()
    expect(cookies.find(({ name }) => name.startsWith('yespo-session-'))).toMatchObject({
      httpOnly: true,
      secure: false,
      sameSite: 'Strict',
    })
    await visitor.signOut()
    await page.getByLabel('Read token').waitFor()
    await page.goto('/')
    expect(await page.getByLabel('Read token').count()).toBe(1)
  })

  it('waits for the first event, and turns green when it arrives', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await visitor.signIn(TOKEN)
    await page.getByText('Waiting for the first event…').waitFor()
    await page.getByRole('button', { name: 'Copy Webhook URL' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `${server.origin}/webhooks/yespo`,
    )
    await send(server, recentEvent({ activityStatus: 'DELIVERED' }, 5 * MINUTE))
    await page.getByText('The first event has arrived').waitFor()
    await page.getByRole('link', { name: 'See it' }).click()
    await page.getByRole('heading', { name: 'Activity' }).waitFor()
  })

  it('shows events over time, and links each bar to its events', async () => {
    const click = { activityStatus: 'CLICKED', clickEventLink: 'https://example.com/' }
    await send(server, recentEvent(click, 6 * MINUTE), recentEvent(click, 6 * MINUTE))
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN, DAY)
    await page.getByRole('link', { name: '2 events: Clicked' }).waitFor()
    await page.getByText('Kathmandu time').waitFor()
    await page.getByRole('link', { name: 'Clicked', exact: true }).click()
    await page.waitForURL(/activityStatus=CLICKED/)
    const bars = page.locator('.chart a')
    const busy = await page.locator('.chart path').evaluateAll((paths) => paths.length)
    expect(busy).toBe(1)
    await bars.last().hover({ force: true })
    expect(await page.locator('.tip').textContent()).toMatch(/Clicked|no events/)
    await bars.last().click({ force: true })
    await page.waitForURL(/since=/)
    await page.getByText('By the minute').waitFor()
  })

  it.each([390, 1280])(
    'keeps the numbers of the axis next to the bars at %i pixels',
    async (width) => {
      visitor = await Visitor.arrive(browser, server, { viewport: { width, height: 900 } })
      const { page } = visitor
      await visitor.signIn(TOKEN, DAY)
      const boxes = await Promise.all(
        (await page.locator('.axis text').all()).map((each) => each.boundingBox()),
      )
      const bars = await page.locator('.chart .bars').boundingBox()
      expect(boxes.length).toBeGreaterThan(1)
      for (const box of boxes) {
        expect(box?.x).toBeGreaterThanOrEqual(0)
        expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThan(bars?.x ?? 0)
      }
      expect(bars?.width).toBeGreaterThan(width * 0.7)
    },
  )

  it('has a table for those who cannot see the chart, with numbers that link to their rows', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await visitor.signIn(TOKEN, DAY)
    await page.getByRole('link', { name: 'Show as a table' }).click()
    const table = page.getByRole('table').first()
    await table.getByRole('columnheader', { name: 'Clicked' }).waitFor()
    await table.getByRole('cell').getByRole('link', { name: '2' }).first().click()
    await page.waitForURL(/\/recent\?.*activityStatus=CLICKED/)
  })

  it('refreshes the latest figures by itself', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page } = visitor
    await page.clock.install()
    await visitor.signIn(TOKEN)
    const recent = page.locator('#now a[href^="/recent"]')
    const before = Number(await recent.textContent())
    await send(server, recentEvent())
    await visitor.expectSoon(() => recent.textContent()).toBe(String(before + 1))
  })

  it('works without scripts', async () => {
    visitor = await Visitor.arrive(browser, server, { javaScriptEnabled: false })
    const { page } = visitor
    await visitor.signIn(TOKEN, DAY)
    expect(await page.locator('.chart a').count()).toBe(25)
    await page.locator('.period summary').click()
    await page.getByRole('link', { name: 'Last 7 days' }).click()
    expect(await page.locator('.chart a').count()).toBe(7)
    const monthsAgo = new Date(Date.now() - 100 * 86_400_000).toISOString().slice(0, 10)
    await page.locator('.period summary').click()
    await page.getByLabel('From').fill(monthsAgo)
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('Daily').waitFor()
  })

  it('opens from a link on another site without signing in again', async () => {
    visitor = await Visitor.arrive(browser, server)
    const { page, context } = visitor
    await visitor.signIn(TOKEN)
    const link = `<a href="${server.origin}/?period=week">the week</a>`
    await context.route('http://elsewhere.example.com/', (route) =>
      route.fulfill({ contentType: 'text/html', body: link }),
    )
    await page.goto('http://elsewhere.example.com/')
    visitor.requested.length = 0
    await page.getByRole('link').click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    expect(page.url()).toBe(`${server.origin}/?period=week`)
  })
})
