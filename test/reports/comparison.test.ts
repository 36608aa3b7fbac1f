import { beforeEach, describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

type Line = { before: object; changes: { contacts: object; rates: object }; time?: string }
type Report = { report: Line[]; totals: Line[]; all: Line; periodBefore?: object; scanned: object }

beforeEach(clearTables)

async function ask(path: string): Promise<Report> {
  const response = await read(`/reports/${path}`)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
  return response.json()
}

/** Deliveries at a time, some of which are read. */
const sent = (time: string, delivered: number, reads: number, changes: object = {}) =>
  Array.from({ length: delivered }, (_, contactId) => {
    const of = {
      activityDateTime: time,
      contactId: contactId + 1,
      iid: `${time} ${contactId}`,
      ...changes,
    }
    const own = [buildEvent(of)]
    if (contactId < reads) own.push(buildEvent({ ...of, activityStatus: 'READ' }))
    return own
  }).flat()

const WEEK = 'since=2024-03-11&until=2024-03-18'

describe('compared with', () => {
  beforeEach(async () => {
    await store(
      ...sent('2024-03-13T12:00:00Z', 4, 3),
      ...sent('2024-03-06T12:00:00Z', 10, 5),
      ...sent('2024-02-14T12:00:00Z', 2, 0),
      ...sent('2024-03-14T12:00:00Z', 1, 1, { messageId: 7 }),
    )
  })

  it('the period before, each message has its counts and rates of then', async () => {
    const { report, periodBefore, scanned } = await ask(`messages?${WEEK}&compare=previous`)
    expect(periodBefore).toEqual({ since: Date.UTC(2024, 2, 4), until: Date.UTC(2024, 2, 11) })
    expect(scanned).toMatchObject({ complete: true })
    expect(report).toMatchObject([
      {
        messageId: 7,
        before: { delivered: { contacts: 0 }, rates: { read: { rate: null } } },
        changes: { contacts: { delivered: null }, rates: { read: null } },
      },
      {
        before: { delivered: { contacts: 10 }, rates: { read: { numerator: 5, rate: 0.5 } } },
        changes: { contacts: { delivered: -0.6, read: -0.4 }, rates: { read: 0.25 } },
      },
    ])
  })

  it('four weeks back, all campaigns together', async () => {
    const { all, periodBefore } = await ask(`all?${WEEK}&compare=4weeks`)
    expect(periodBefore).toEqual({ since: Date.UTC(2024, 1, 12), until: Date.UTC(2024, 1, 19) })
    expect(all).toMatchObject({
      delivered: { contacts: 5 },
      rates: { read: { numerator: 4, denominator: 5 } },
      before: { delivered: { contacts: 2 } },
      changes: { contacts: { delivered: 1.5, read: null }, rates: { read: 0.8 } },
    })
  })

  it('the week before, each day with its weekday', async () => {
    const { totals } = await ask(`totals?by=day&${WEEK}&compare=previous&timeZone=UTC`)
    expect(totals).toHaveLength(7)
    expect(totals[2]).toMatchObject({
      time: '2024-03-13',
      rates: { read: { rate: 0.75 } },
      before: { delivered: { contacts: 10 } },
      changes: { rates: { read: 0.25 } },
    })
    expect(totals[3]).toMatchObject({ before: { delivered: { contacts: 0 } } })
  })

  it('one campaign of the filter', async () => {
    const { all } = await ask(`all?${WEEK}&messageId=7`)
    expect(all).toMatchObject({ delivered: { contacts: 1 } })
    expect(all).not.toHaveProperty('before')
  })
})

describe('the page', () => {
  const show = async (query: string) => {
    const response = await visit(`/campaigns?${query}`, { zone: 'UTC' })
    const page = await response.text()
    expect(response.status, page).toBe(200)
    return page
  }

  it('shows how rates have changed', async () => {
    await store(...sent('2024-03-13T12:00:00Z', 4, 3), ...sent('2024-03-06T12:00:00Z', 10, 5))
    expect(await show(`${WEEK}&compare=previous`)).toContain(
      '<small title="50.0% before">+25.00 pp</small>',
    )
    expect(await show(WEEK)).not.toContain(' pp<')
  })

  it('marks rates that reach a threshold', async () => {
    const complaint = { activityStatus: 'SPAM', activityDateTime: '2024-03-13T12:00:00Z' }
    await store(...sent('2024-03-13T12:00:00Z', 4, 3), buildEvent({ ...complaint, contactId: 1 }))
    expect(await show(WEEK)).toContain('limit 0.30% exceeded')
  })

  it('shows the rates of two messages side by side, and day by day', async () => {
    await store(
      ...sent('2024-03-13T12:00:00Z', 4, 3, { messageName: 'Spring' }),
      ...sent('2024-03-14T12:00:00Z', 5, 1, { messageId: 7, messageName: 'Summer' }),
      ...sent('2024-03-15T12:00:00Z', 5, 1, { messageId: 8, messageName: 'Autumn' }),
    )
    expect(await show(WEEK)).not.toContain('<h2>Rates side by side</h2>')
    const page = await show(`${WEEK}&messageId=7,2489300`)
    expect(page).toContain('aria-label="Rates by day: Spring"')
    expect(page).toContain('aria-label="Rates by day: Summer"')
    expect(page).toMatch(/13 Mar<\/th><td class="right">4<\/td><td class="right"><small>75.0%/)
    expect(page).toContain('1 of 5')
  })

  it('shows the blocks of a workflow without an error, and without one in the switch', async () => {
    await store(buildEvent({ workflowId: 4, workflowBlockId: '_a' }))
    const page = await show('by=blocks&workflowId=4&since=2023-09-01&until=2023-10-01')
    expect(page).toContain('_a')
    expect(page).not.toContain('sort=steps')
  })
})

it('counts days by the clocks, when they change in between', async () => {
  // In Kyiv, 31 March 2024 has 23 hours.
  await store(...sent('2024-03-30T22:30:00Z', 3, 0), ...sent('2024-03-29T22:30:00Z', 1, 0))
  const query = 'by=day&timeZone=Europe/Kyiv&since=2024-03-31&until=2024-04-01&compare=previous'
  const { totals, periodBefore } = await ask(`totals?${query}`)
  expect(periodBefore).toEqual({
    since: Date.UTC(2024, 2, 29, 22),
    until: Date.UTC(2024, 2, 30, 22),
  })
  expect(totals).toMatchObject([{ changes: { contacts: { delivered: 2 } } }])
})

it.each(['messages', 'all'])('of %s needs a start', async (name) => {
  const response = await read(`/reports/${name}?compare=previous`)
  expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('since')])
})
