import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Server, TOKEN } from '../bench/server.ts'
import { describeInBrowser, launch, recentEvent, Visitor } from './browser.ts'

describeInBrowser('trying quarantined items again', () => {
  let server: Server
  let browser: Browser

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([Server.start('receiver'), launch()])
  })

  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  beforeEach(async () => {
    const db = await server.database()
    const events = Array.from({ length: 450 }, () => recentEvent())
    await db.prepare('DELETE FROM quarantine').run()
    await db
      .prepare(
        `INSERT INTO quarantine SELECT 'r' || key, 0, 0, 'element', 'why', key, 'webhook', NULL, value FROM json_each(?)`,
      )
      .bind(JSON.stringify(events))
      .run()
  })

  it('continues by itself to the end, and adds up', async () => {
    const visitor = await Visitor.arrive(browser, server)
    await visitor.signIn(TOKEN, '/quarantine')
    await visitor.page.goto('/quarantine')
    await visitor.page.getByRole('button', { name: 'Try again: why' }).click()
    const end = visitor.page.getByText('450 items became 450 events')
    await end.waitFor()
    expect(await visitor.page.getByRole('button', { name: 'Continue' }).count()).toBe(0)
    expect(visitor.errors).toEqual([])
    await visitor.context.close()
  })

  it('does not start from a URL, and needs a click without scripts', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const visitor = await Visitor.arrive(browser, server, { javaScriptEnabled })
      await visitor.signIn(TOKEN, '/quarantine')
      await visitor.page.goto('/quarantine?replayed=0&more=999999999999999.z.0')
      await visitor.page.getByRole('button', { name: 'Continue', exact: true }).waitFor()
      await visitor.page.getByRole('button', { name: 'Continue', exact: true }).click()
      await visitor.page.getByText('Tried again: 50 items').waitFor()
      await visitor.context.close()
    }
  })
})
