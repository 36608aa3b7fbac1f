import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { list, post, read, untilStored } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const FAMILY = '👨‍👩‍👧‍👦'
const CUT = /\ufffd|\u200d(?=…|<)|[👨👩👧](?=…|<)/u

/** Texts that are cut at each position within a character. */
const around = (max: number) =>
  Array.from({ length: FAMILY.length }, (_, room) => `${'x'.repeat(max - room)}${FAMILY} sale`)

async function show(path: string): Promise<string> {
  const response = await visit(path)
  const page = await response.text()
  expect(response.status, page).toBe(200)
  return page
}

const now = () => new Date(Date.now() - 60_000).toISOString().slice(0, 19)

describe('no text is cut within a character', () => {
  it('on the activity page and the page of a contact', async () => {
    const texts = [...around(40), ...around(60), ...around(120), ...around(200)]
    await store(
      ...texts.map((text, index) =>
        buildEvent({
          messageName: text,
          mediaType: text,
          email: text,
          statusDescription: text,
          contactId: 1,
          iid: `${index}`,
          activityDateTime: now(),
          activityStatus: index % 2 ? text : 'UNDELIVERED',
        }),
      ),
    )
    for (const path of ['/recent', '/contact/1']) {
      const page = await show(path)
      expect(page).toContain('xxx…')
      expect(page).not.toMatch(CUT)
    }
  })

  it('on Campaigns, Bounces and the overview', async () => {
    const texts = [...around(60), ...around(120), ...around(200), ...around(500), ...around(2_000)]
    await store(
      ...texts.map((text, messageId) =>
        buildEvent({
          messageId,
          messageName: text,
          from: text,
          messageTag: text,
          messageLanguageCode: text,
          workflowBlockId: text,
          mediaType: text,
          activityStatus: 'UNDELIVERED',
          hardBounce: true,
          statusDescription: text,
          activityDateTime: now(),
        }),
      ),
      ...around(60).map((activityStatus) =>
        buildEvent({ activityStatus, activityDateTime: now() }),
      ),
    )
    const pages = ['messages', 'broadcasts', 'channels', 'senders', 'tags', 'languages', 'blocks']
    for (const by of pages) expect(await show(`/campaigns?by=${by}`)).not.toMatch(CUT)
    for (const path of ['/bounces', '/', '/?as=table']) expect(await show(path)).not.toMatch(CUT)
    const reports = ['messages', 'bounces?limit=200']
    for (const path of reports) {
      const text = await (await read(`/reports/${path}`)).text()
      expect(/\ufffd|\u200d"|[👨👩👧]"/u.test(text)).toBe(false)
    }
  })

  it('on the page of an event', async () => {
    for (const text of around(30_000 - 100)) {
      await store(buildEvent({ messageName: text, clickEventLink: `${text}${'y'.repeat(200)}` }))
    }
    for (const { id } of (await list()).activity) {
      expect(await show(`/recent/${id}`)).not.toMatch(/\ufffd|\u200d…/u)
    }
  })

  it('in the reasons and texts of quarantined items, or in an error', async () => {
    const names = around(40)
    await post(names.map((name) => ({ ...buildEvent(), [name]: '\ud800' })))
    await post(around(2_000).map((text) => [text]))
    await untilStored(names.length + FAMILY.length, 'quarantine')
    expect(await show('/quarantine')).not.toMatch(/\ufffd/u)
    const { results } = await env.DB.prepare('SELECT * FROM quarantine').all<{
      request: string
      elementIndex: number
      reason: string
    }>()
    for (const { request, elementIndex, reason } of results) {
      expect(reason).not.toMatch(/\ufffd|\u200d…/u)
      const path = `/quarantine/${request}.${elementIndex}`
      for (const page of [path, `${path}/delete`]) expect(await show(page)).not.toMatch(/\ufffd/u)
    }
    const [name = ''] = around(100)
    const rejected = await read(`/activity?${new URLSearchParams({ [`${name}x`]: '1' })}`)
    expect(/\ufffd/u.test(await rejected.text())).toBe(false)
  })
})
