import { beforeEach, expect, test } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

beforeEach(clearTables)

const SEPTEMBER = 'since=2023-09-01T00:00Z&until=2023-10-01T00:00Z'

async function show(path: string): Promise<string> {
  const response = await visit(path)
  expect(response.status).toBe(200)
  return response.text()
}

function bounce(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return buildEvent({ activityStatus: 'UNDELIVERED', hardBounce: true, ...changes })
}

test('says that nothing bounced, and offers a longer period', async () => {
  expect(await show('/bounces?period=today')).toContain('<a href="/bounces?period=30days">')
  expect(await show('/bounces')).toContain('No bounces in this period.')
})

test('every number links to that many rows', async () => {
  const long = 'Ж'.repeat(600)
  await store(
    bounce({ statusDescription: '550 5.1.1 a@example.com unknown', email: 'a@one.example.com' }),
    bounce({ statusDescription: '5.1.1', hardBounce: false, email: 'b@One.example.com' }),
    bounce({ statusDescription: 'mailbox of c@example.com is, alas, full & closed' }),
    bounce({ statusDescription: long, hardBounce: null }),
    bounce({ statusDescription: `${long}, told otherwise` }),
    bounce({ email: null, messageId: 3 }),
  )
  for (const filter of ['', '&messageId=2489300']) {
    const page = await show(`/bounces?${SEPTEMBER}${filter}`)
    const numbers = [...page.matchAll(/<a href="(\/recent\?[^"]+)">([\d,]+)<\/a>/g)]
    expect(numbers.length).toBeGreaterThan(10)
    for (const [, href = '', number] of numbers) {
      const rows = await show(href.replaceAll('&amp;', '&'))
      expect([href, [...rows.matchAll(/data-id=/g)].length]).toEqual([href, Number(number)])
    }
  }
})

test('has no address in a link', async () => {
  await store(bounce({ statusDescription: 'no mailbox secret@example.com here' }))
  expect(await show(`/bounces?${SEPTEMBER}`)).not.toContain('secret')
})

test('keeps the filter in links to another period', async () => {
  const page = await show('/bounces?mediaType=email&period=7days')
  expect(page).toContain('href="/bounces?mediaType=email&amp;period=today"')
  expect(page).toContain('href="/bounces?period=7days" aria-label="Remove Channel"')
})

test('distinguishes the reason “(none)” from no reason', async () => {
  await store(bounce({ statusDescription: '(none)' }), bounce(), bounce())
  const page = await show(`/bounces?${SEPTEMBER}`)
  expect(page).toMatch(/reason=%28none%29">1</)
  expect(page).toMatch(/hasReason=false">2</)
})

test.each([
  ['user@', '(no domain)'],
  ['user@ ', '(no domain)'],
])('does not link the domain of %j', async (email, name) => {
  await store(bounce({ email }))
  const page = await show(`/bounces?${SEPTEMBER}`)
  expect(page).toContain(`<th><bdi>${name}</bdi>`)
  expect(page).not.toContain('domain=')
  expect(page.match(/<td class="right">1<\/td>/g)).toHaveLength(4)
})
