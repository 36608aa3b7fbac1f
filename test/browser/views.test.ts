import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PARAMETERS } from '../../src/event/parameters.ts'
import { Server, TOKEN } from '../bench/server.ts'
import { PATIENT } from '../patience.ts'
import { describeInBrowser, launch, recentEvent, send, Visitor } from './browser.ts'

const MAX_BYTES = 100_000
const CONTACT = 4_021_133
const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(1)</script>'\u202e&lt;${'W'.repeat(300)}`

const VIEWS = [
  '/',
  '/?period=7days&as=table',
  '/campaigns',
  '/campaigns?by=broadcasts&sort=undelivered',
  '/campaigns?by=workflows',
  '/campaigns?by=channels',
  '/campaigns?by=senders',
  '/campaigns?by=tags',
  '/campaigns/2489300',
  '/campaigns/clicks?messageId=2489300',
  '/campaigns/hours',
  '/campaigns/people?messageId=2489300&did=clicked',
  '/engagement',
  '/recent',
  '/recent?activityStatus=UNDELIVERED',
  '/contact',
  `/contact/${CONTACT}`,
  `/contact/${CONTACT}/erase`,
  '/erasures',
  '/erasures/1',
  '/erasures/check',
  '/search',
  '/bounces',
  '/providers',
  '/quarantine',
  '/status',
  '/coverage',
  `/coverage?days=30&day=${new Date().toISOString().slice(0, 10)}`,
  '/recent?period=year', // rejected with an explanation
  '/recent?messageId=abc',
  '/campaigns?sort=read&first=2026-03-02&last=2026-03-01',
  '/coverage?days=1',
  '/nothing',
]

/** An event with hostile text in every text parameter. */
function hostileEvent(activityStatus: string, mediaType: string): object {
  const texts = PARAMETERS.filter(({ type }) => type === 'string').map(({ name }) => [
    name,
    HOSTILE,
  ])
  return recentEvent(
    {
      ...Object.fromEntries(texts),
      subscriptions: [HOSTILE],
      activityStatus,
      activityDateTime: new Date(Date.now() - 60_000).toISOString().slice(0, 19),
      contactId: CONTACT,
      broadcastId: 7,
      workflowId: 8,
      hardBounce: true,
      mediaType,
      email: `${HOSTILE}@example.com`,
      clickEventLink: 'javascript:alert(1)',
      viewMessageLink: HOSTILE,
      [HOSTILE]: { [HOSTILE]: HOSTILE },
    },
    600_000,
  )
}

describeInBrowser('every view', () => {
  let server: Server
  let browser: Browser

  beforeAll(async () => {
    ;[server, browser] = await Promise.all([Server.start('receiver'), launch()])
    const statuses = ['SENT', 'DELIVERED', 'READ', 'CLICKED', 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']
    await send(
      server,
      ...statuses.flatMap((activityStatus, index) => [
        recentEvent(
          { activityStatus, contactId: CONTACT, statusDescription: '5.1.1 (unknown)' },
          index * 60_000,
        ),
        hostileEvent(activityStatus, 'email'),
      ]),
      hostileEvent(HOSTILE, HOSTILE),
    )
    await server.post([Buffer.from(JSON.stringify([{ activityStatus: HOSTILE }, HOSTILE, 7]))])
    const headers = { Authorization: `Bearer ${TOKEN}` }
    const erased = await fetch(`${server.origin}/contacts/1`, { method: 'DELETE', headers })
    expect(await erased.json()).toMatchObject({ erasure: { number: 1 } })
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  // All that axe finds takes a second a view. Colors are what differs in the other two.
  const SCREENS = [
    ['en', 'light', 1280, 'any rule'],
    ['uk', 'dark', 390, 'any rule'],
    ['uk', 'dark', 1280, 'color-contrast'],
    ['en', 'light', 390, 'color-contrast'],
  ] as const

  it.each(SCREENS)(
    'is accessible: %s, %s, %i pixels wide, by %s',
    async (language, colorScheme, width, rule) => {
      const options = {
        colorScheme,
        viewport: { width, height: 800 },
        reducedMotion: 'reduce',
      } as const
      const visitor = await Visitor.arrive(browser, server, options)
      const expectNoBarriers = async (path: string) => {
        const barriers = await visitor.findBarriers(rule === 'any rule' ? undefined : [rule])
        expect.soft({ [path]: barriers }).toEqual({ [path]: [] })
      }
      expect((await visitor.page.goto('/'))?.status()).toBe(401)
      await expectNoBarriers('/sign-in')
      await visitor.signIn(TOKEN)
      await visitor.speak(language)
      for (const path of VIEWS) {
        await visitor.page.goto(path)
        await expectNoBarriers(path)
        const overflow = await visitor.page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        expect.soft({ [path]: overflow }).toEqual({ [path]: 0 })
      }
      expect(visitor.errors).toEqual([])
      expect(visitor.elsewhere).toEqual([])
      await visitor.context.close()
    },
  )

  it('is small, has no email address in a URL, and shows hostile text as text, even in open rows', async () => {
    const visitor = await Visitor.arrive(browser, server)
    await visitor.signIn(TOKEN)
    const { page } = visitor
    for (const path of VIEWS) {
      await page.goto(path, { waitUntil: 'networkidle' })
      const bytes = await page.evaluate<number>(
        `['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))
          .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)`,
      )
      expect(bytes, path).toBeGreaterThan(20_000)
      expect(bytes, path).toBeLessThan(MAX_BYTES)

      const links = await page
        .locator('a[href], form[action], [data-live], [data-load]')
        .evaluateAll((elements) => elements.map(({ outerHTML }) => outerHTML.split('>')[0] ?? ''))
      const own = links.filter((tag) => !tag.includes('href="http'))
      expect(own.filter((tag) => /@|%40/.test(tag))).toEqual([])

      const summaries = await page.locator('main details:not(.menu) > summary').all()
      for (const summary of summaries) await summary.click()
      // Some load what is in them.
      await expect
        .poll(() => page.locator('main details[open] [data-load]').count(), PATIENT)
        .toBe(0)
      expect(await page.locator('main img, main script, main [onerror]').count()).toBe(0)
      expect(await page.locator('a[href^="javascript:" i]').count()).toBe(0)
    }
    expect(visitor.errors).toEqual([])
    expect(visitor.elsewhere).toEqual([])
    await visitor.context.close()
  })
})
