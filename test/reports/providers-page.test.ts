import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const PERIOD = 'since=2026-03-01T00:00Z&until=2026-03-02T00:00Z'

beforeEach(clearTables)

async function show(path: string): Promise<string> {
  const response = await visit(path)
  const page = await response.text()
  expect(response.status, page).toBe(200)
  return page.replace(/\s+/g, ' ')
}

const at = (changes: Record<string, unknown> = {}) =>
  buildEvent({ activityDateTime: '2026-03-01T10:00:00', ...changes })

describe('the page of mailbox providers', () => {
  it('shows each with its rates and the causes of its bounces', async () => {
    await store(
      ...['a@outlook.com', 'b@live.com', 'c@hotmail.com'].map((email) => at({ email })),
      at({
        email: 'd@hotmail.com',
        activityStatus: 'UNDELIVERED',
        hardBounce: true,
        statusDescription: '550 5.1.1 user unknown',
      }),
      at({ email: 'e@shop.example.com' }),
    )
    await rollUpAll()
    const page = await show(`/providers?${PERIOD}`)
    expect(page).toContain('Outlook, Hotmail')
    expect(page).toContain('25.0%')
    expect(page).toContain('Mailbox unknown: 1')
    expect(page.indexOf('Outlook, Hotmail')).toBeLessThan(page.indexOf('shop.example.com'))
    expect(await show(`/providers?${PERIOD}&minVolume=2`)).not.toContain('shop.example.com')
  })

  it('shows people with machines and without', async () => {
    const sent = { iid: 'one', email: 'a@gmail.com' }
    const clicks = [1, 2, 3].map((page) =>
      at({ ...sent, activityStatus: 'CLICKED', clickEventLink: `https://a.com/${page}` }),
    )
    await store(at(sent), ...clicks)
    await rollUpAll()
    expect(await show(`/providers?${PERIOD}`)).toContain('0 without machines')
  })

  it('says that there is nothing, and offers a longer period', async () => {
    expect(await show('/providers?period=today')).toContain('<a href="/providers?period=30days">')
    expect(await show(`/providers?${PERIOD}`)).toContain('No emails in this period.')
  })

  it('is reached from the bounces', async () => {
    expect(await show('/bounces?period=7days')).toContain(
      '<a href="/providers?period=7days&amp;sort=undelivered">',
    )
  })
})

describe('the page of campaigns', () => {
  const clicks = [
    at({ activityStatus: 'CLICKED', clickEventLink: 'https://a.com/sale?utm_source=x' }),
    at({ activityStatus: 'CLICKED', clickEventLink: 'https://a.com/sale' }),
    at({ activityStatus: 'CLICKED', clickEventLink: 'https://a.com/other', messageId: 9 }),
  ]

  it('shows the links of chosen campaigns', async () => {
    await store(...clicks)
    await rollUpAll()
    const page = await show(`/campaigns?${PERIOD}&messageId=2489300`)
    expect(page).toContain('<bdi title="https://a.com/sale">')
    expect(page).not.toContain('https://a.com/other')
  })

  it('shows no links of all campaigns together', async () => {
    await store(...clicks)
    await rollUpAll()
    expect(await show(`/campaigns?${PERIOD}`)).not.toContain('https://a.com')
  })
})
