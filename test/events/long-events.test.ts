import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { list, read, type Responded } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const LONG = 1_780_000
const MAX_RESPONSE = 6_000_000 // a page, and the event that filled it

/** Events of one contact and delivery, almost as long as allowed; every third is short. */
const events = Array.from({ length: 9 }, (_, index) =>
  buildEvent({
    iid: 'long',
    contactId: 5,
    messageId: 1 + (index % 2),
    activityDateTime: `2024-01-01T00:00:0${index}`,
    activityStatus: 'UNDELIVERED',
    messageName: `name ${index}`,
    ...(index % 3 !== 0 && { statusDescription: `${index}`.repeat(LONG) }),
    ...(index === 6 && { more: 'y'.repeat(LONG) }),
  }),
)

async function storeAll(): Promise<void> {
  for (const event of events) await store(event)
}

type Page = { activity: Responded[]; next: string | null }

async function readPages(path: string): Promise<{ pages: number; activity: Responded[] }> {
  const activity: Responded[] = []
  let [next, pages]: [string | null, number] = ['', 0]
  while (next !== null && pages < 50) {
    const query = next === '' ? '' : `&cursor=${next}`
    const text = await (await read(`${path}${query}`)).text()
    expect(text.length).toBeLessThan(MAX_RESPONSE)
    const page: Page = JSON.parse(text)
    activity.push(...page.activity)
    next = page.next
    pages++
  }
  return { pages, activity }
}

describe('a page of long events', () => {
  it.each([
    '/activity?limit=50',
    '/activity?limit=500',
    '/activity?limit=50&messageId=1,2',
    '/activity?limit=50&activityStatus=UNDELIVERED',
    '/contacts/5?limit=50',
    '/contacts?email=contact@example.com&limit=50',
  ])(
    'is limited in size, and all pages have every event once: %s',
    async (path) => {
      await storeAll()
      const { pages, activity } = await readPages(path)
      expect(pages).toBeGreaterThan(2)
      expect(activity.map(({ messageName }) => messageName)).toEqual(
        events.map(({ messageName }) => messageName).reverse(),
      )
      for (const [index, event] of events.toReversed().entries()) {
        expect(activity[index]?.['statusDescription']).toBe(event['statusDescription'])
      }
      expect(JSON.stringify(activity[2]?.extra).length).toBeGreaterThan(LONG)
    },
    600_000,
  )

  it('of an export is followed by the others, each event once', async () => {
    await storeAll()
    const bytes = await (await read('/activity.ndjson')).arrayBuffer()
    const lines = new TextDecoder().decode(bytes).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).messageName)).toEqual(
      events.map(({ messageName }) => messageName).reverse(),
    )
  }, 600_000)

  it('of a delivery has its newest events, and says that there are more', async () => {
    await storeAll()
    const text = await (await read('/deliveries/long')).text()
    expect(text.length).toBeLessThan(2 * MAX_RESPONSE)
    const delivery = JSON.parse(text)
    expect(delivery.complete).toBe(false)
    expect(delivery.activity.at(-1).messageName).toBe('name 8')
  }, 600_000)

  it('on the dashboard is short, and shows all events', async () => {
    await storeAll()
    for (const path of ['/recent', '/recent?messageId=1,2']) {
      const page = await (await visit(path)).text()
      expect(page.length).toBeLessThan(100_000)
      expect(page.match(/<li data-id=/g)).toHaveLength(9)
    }
    const contact = await (await visit('/contact/5')).text()
    expect(contact.length).toBeLessThan(100_000)
    expect(contact).toContain('<li class="card">')
  }, 600_000)

  it('has no effect on pages of normal events', async () => {
    await store(...Array.from({ length: 60 }, () => buildEvent({ messageName: 'я'.repeat(900) })))
    const { activity } = await list('?limit=50')
    expect(activity).toHaveLength(50)
    expect(activity[0]?.['messageName']).toBe('я'.repeat(900))
  })
})
