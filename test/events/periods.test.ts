import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { list, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const PATHS = [
  '/activity',
  '/activity.csv',
  '/activity.ndjson',
  '/contacts/889891911',
  '/reports/messages',
  '/reports/broadcasts',
  '/reports/workflows',
  '/reports/channels',
  '/reports/senders',
  '/reports/tags',
  '/reports/totals',
  '/reports/bounces',
  '/coverage',
]
const PAGES = ['/', '/campaigns', '/recent', '/bounces']

/** Reversed periods, in every format of a time. */
const REVERSED: [since: string, until: string][] = [
  ['2023-09-15', '2023-09-14'],
  ['2023-09-14', '2023-09-14'],
  ['2023-09-14T08:30:04', '2023-09-14T08:30:03'],
  ['2023-09-14T08:30:03Z', '2023-09-14T10:30:03+03:00'],
  ['1694680204000', '1694680203000'],
  ['1694680204', '1694680203'],
  ['1694680203', '1694680203000'],
  ['2023-09-14T08:30:04Z', '1694680203'],
]

describe('a period that ends before it begins', () => {
  it.each(PATHS)('is rejected with an explanation: %s', async (path) => {
    for (const [since, until] of REVERSED) {
      const query = new URLSearchParams({ since, until })
      const response = await read(`${path}?${query}`)
      expect([query.toString(), response.status]).toEqual([query.toString(), 400])
      expect(await response.json()).toEqual({
        error: {
          code: 'invalid_parameter',
          parameter: 'since',
          message: '“since” must be before “until”.',
        },
      })
    }
  })

  it.each(PAGES)('is rejected by a page, too: %s', async (path) => {
    await store(buildEvent())
    for (const [since, until] of REVERSED) {
      const response = await visit(`${path}?${new URLSearchParams({ since, until })}`)
      expect(response.status).toBe(400)
      expect(await response.text()).toMatch(/must be before|must be earlier/)
    }
  })

  it.each(['/activity', '/reports/messages', '/reports/totals', '/reports/bounces', '/coverage'])(
    'cannot occur if one end is open: %s',
    async (path) => {
      expect((await read(`${path}?since=1694680203`)).status).toBe(
        path.endsWith('totals') ? 400 : 200,
      )
      expect((await read(`${path}?until=1694680203`)).status).toBe(200)
    },
  )

  it('is a start in the future if the end is left out', async () => {
    for (const path of ['/reports/totals', '/coverage']) {
      const response = await read(`${path}?since=2099-01-01`)
      expect(await response.text()).toContain('“since” must be before “until”')
    }
  })
})

describe('a time', () => {
  const [before, then, after] = ['1694680202', '1694680203', '1694680204']

  it.each<[query: string, events: number]>([
    [`since=${then}`, 1],
    [`since=${then}000`, 1],
    [`since=${then}001`, 0],
    [`since=${after}`, 0],
    [`since=${before}`, 1],
    [`until=${then}`, 0],
    [`until=${after}`, 1],
    [`since=${then}&until=${after}`, 1],
    [`since=${then}&until=${after}000`, 1],
    [`since=${then}000&until=${after}`, 1],
    [`since=2023-09-14T08:30:03Z&until=${after}`, 1],
    [`since=${before}&until=${then}`, 0],
    ['since=0', 1],
    ['until=9999999999', 1],
    ['since=1000000000', 1],
    ['since=9999999999', 0],
  ])('in seconds is recognized: %s', async (query, events) => {
    await store(buildEvent())
    expect((await list(`?${query}`)).activity).toHaveLength(events)
    const response = await read(`/activity.ndjson?${query}`)
    expect((await response.text()).split('\n').filter(Boolean)).toHaveLength(events)
  })

  it('in seconds is recognized by reports and pages', async () => {
    await store(buildEvent({ activityStatus: 'UNDELIVERED', hardBounce: true }))
    const period = `since=${then}&until=${after}`
    expect(await (await read(`/reports/bounces?${period}`)).json()).toMatchObject({ events: 1 })
    expect(await (await read(`/reports/messages?${period}`)).json()).toMatchObject({ report: [{}] })
    expect(await (await read(`/contacts/889891911?${period}`)).json()).toMatchObject({
      activity: [{}],
    })
    expect(await (await visit(`/recent?${period}`)).text()).toContain('Undelivered')
  })

  it.each([
    ['2023-09-14 08:30:03Z', 1],
    ['2023-09-14 08:30', 1],
    ['2023-09-14 08:31', 0],
    ['2023-09-14 10:30', 0],
    ['2023-09-14T11:30:03 03:00', 1],
    ['2023-09-14T11:30:04 03:00', 0],
    ['2023-09-14 11:30:03.000 0300', 1],
    ['2023-09-14 11:30:03.5 0300', 0],
    ['2023-09-14 11:30 03', 1],
    ['2023-09-14 11:31 03', 0],
    [' 2023-09-14 ', 1],
    ['2023-09-15', 0],
  ])('with a space is recognized: %s', async (since, events) => {
    await store(buildEvent())
    const { activity } = await list(`?since=${encodeURIComponent(since)}`)
    expect(activity).toHaveLength(events)
    expect((await list(`?since=${since.replaceAll(' ', '+')}`)).activity).toHaveLength(events)
  })

  it.each([
    'x',
    '1694680203s',
    '99999999999999999',
    '1694680203000000',
    '16946802030',
    '999999999',
    '-1',
    '-1694680203',
    '2026',
    '202611',
    '20261122',
    '202611221000',
    '20261122100000',
    '2026-11-22 1000',
    '2026-11-22 03:00 03:00 03:00',
    '2026-11-31',
    '2026-11-22 25:00',
  ])('like %s is rejected, with the valid formats', async (since) => {
    const response = await read(`/activity?since=${encodeURIComponent(since)}`)
    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(/milliseconds .*seconds .*since 1970/)
  })
})
