import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { read, type Responded } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

/** An event dated that long in the future. */
const dated = (ahead: number, changes: object = {}) =>
  buildEvent({
    activityDateTime: new Date(Date.now() + ahead).toISOString().slice(0, 19),
    ...changes,
  })
type Page = { activity: Responded[]; next: string | null; datedAhead: number | null }
const FAR = { activityDateTime: '9999-12-28T23:59:59' }

async function show(path: string): Promise<string> {
  const response = await visit(path)
  const page = await response.text()
  expect(response.status, page).toBe(200)
  return page
}

const times = (page: string) =>
  [...page.matchAll(/<li data-id="(\d+)\./g)].map(([, time]) => Number(time))
const ZONE = 'YESPO_TIME_ZONE'
const AHEAD = 'a date more than a day in the future'

describe('an event dated far in the future', () => {
  it.each([
    ['9999-12-28T23:59:59'],
    ['9999-01-01T00:00:00'],
    ['2099-06-01T12:00:00'],
    [new Date(Date.now() + 400 * DAY).toISOString().slice(0, 19)],
    [new Date(Date.now() + 27 * HOUR).toISOString().slice(0, 19)],
  ])(
    'is not first on the activity page, and raises no time zone warning: %s',
    async (activityDateTime) => {
      await store(dated(-HOUR), dated(-MINUTE), buildEvent({ activityDateTime, contactId: 5 }))
      const recent = await show('/recent')
      expect(times(recent)).toHaveLength(2)
      expect(recent).toContain('Events dated more than a day in the future are not in this list.')
      const overview = await show('/')
      expect(overview).not.toContain(ZONE)
      expect(overview).toContain('with a date more than a day in the future: 1.')
      const [, path = ''] = /not in this list\.\s*<a href="([^"]+)">Show them/.exec(recent) ?? []
      expect(times(await show(path.replaceAll('&amp;', '&')))).toHaveLength(1)
      const contact = await show('/contact/5')
      expect(times(contact)).toEqual([])
      expect(contact).toContain('are not in this list')
    },
  )

  it.each([
    ['/activity?', { contactId: 7 }],
    ['/activity?activityStatus=READ&', { activityStatus: 'READ' }],
    ['/activity?contactId=7&', { contactId: 7 }],
    ['/contacts/7?', { contactId: 7 }],
    ['/contacts?email=far@example.com&', { email: 'far@example.com', contactId: 7 }],
  ])('is not first in the API, which returns how to request it: %s', async (path, changes) => {
    const request = async (query: string): Promise<Page> => (await read(`${path}${query}`)).json()
    const near = dated(25 * HOUR, changes)
    await store(dated(-HOUR, changes), near)
    expect(await request('')).toMatchObject({ activity: [{}, {}], datedAhead: null })
    await store(buildEvent({ ...FAR, contactId: 8, activityStatus: 'SPAM' }))
    const isOfAll = path === '/activity?'
    expect((await request('')).datedAhead).toEqual(isOfAll ? expect.any(Number) : null)
    await store(buildEvent({ ...FAR, ...changes }))
    const { activity, datedAhead } = await request('')
    expect(activity.map(({ activityDateTime }) => activityDateTime)[0]).toBe(near.activityDateTime)
    expect(activity).toHaveLength(2)
    expect(datedAhead).toBeGreaterThan(Date.now() + 25 * HOUR)
    const ahead = await request(`since=${datedAhead}&limit=1`)
    expect(ahead).toMatchObject({ activity: [FAR], datedAhead: null })
    if (isOfAll)
      expect(
        (await request(`since=${datedAhead}&limit=1&cursor=${ahead.next}`)).activity,
      ).toHaveLength(1)
    const first = await request('limit=1')
    expect(await request(`cursor=${first.next}`)).toMatchObject({
      activity: [{}],
      datedAhead: null,
    })
    expect((await request('until=9999-12-29')).activity).toHaveLength(isOfAll ? 4 : 3)
  })

  it.each(['csv', 'ndjson'])('is exported: %s', async (format) => {
    await store(dated(-HOUR), buildEvent(FAR))
    expect(await (await read(`/activity.${format}`)).text()).toContain(FAR.activityDateTime)
  })

  it('is not the newest event in /status', async () => {
    await store(dated(-HOUR), buildEvent(FAR))
    const status = await (await read('/status')).json<{ events: { newestAt: number } }>()
    expect(status.events.newestAt).toBeLessThan(Date.now())
  })

  it('is found if it is requested', async () => {
    await store(dated(-HOUR), buildEvent({ ...FAR, contactId: 7, activityStatus: 'READ' }))
    for (const query of [
      'since=2030-01-01',
      'until=9999-12-29',
      'since=2020-01-01&until=9999-12-29',
    ]) {
      expect(times(await show(`/recent?${query}`)).length).toBeGreaterThan(0)
    }
    expect(times(await show('/recent?activityStatus=READ'))).toEqual([])
    expect(await show('/recent?activityStatus=READ')).toContain('are not in this list')
    expect(await show('/recent?activityStatus=DELIVERED')).not.toContain('are not in this list')
  })

  it('hides no others, however many there are', async () => {
    const far = Array.from({ length: 300 }, (_, index) => buildEvent({ ...FAR, contactId: index }))
    await store(...far, dated(-MINUTE))
    expect(times(await show('/recent'))).toHaveLength(1)
    const overview = await show('/')
    expect(overview).not.toContain(ZONE)
    expect(overview).toContain('with a date more than a day in the future: 100+.')
    const status = await (await read('/status')).json<{ events: { newestAt: number } }>()
    expect(status.events.newestAt).toBeLessThan(Date.now())
  })

  it('is not mentioned on the overview long after it was received', async () => {
    await store(dated(-MINUTE), buildEvent(FAR))
    expect(await show('/')).toContain(AHEAD)
    const { env } = await import('cloudflare:workers')
    await env.DB.prepare('UPDATE activity SET receivedAt = receivedAt - ?')
      .bind(2 * DAY)
      .run()
    expect(await show('/')).not.toContain(AHEAD)
  })
})

describe('a wrong time zone setting', () => {
  it.each([
    ['one event', [3 * HOUR]],
    ['the first events', [3 * HOUR, 3 * HOUR - MINUTE]],
    ['a normal day', Array.from({ length: 40 }, (_, index) => 2 * HOUR - index * MINUTE)],
    ['fourteen hours', [14 * HOUR, 13 * HOUR]],
    ['a whole day', [25 * HOUR, 25 * HOUR]],
  ])('is detected by the newest events: %s', async (_case, aheads) => {
    await store(...aheads.map((ahead) => dated(ahead)))
    expect(await show('/')).toContain(ZONE)
    expect(times(await show('/recent'))).toHaveLength(aheads.length)
  })

  it.each([
    ['a few minutes', [5 * MINUTE]],
    ['the past', [-HOUR, -2 * HOUR]],
    ['one odd event among others', [3 * HOUR, -MINUTE, -2 * MINUTE, -3 * MINUTE]],
    ['ten days ahead', [10 * DAY]],
    [
      'a few odd events',
      [2 * HOUR, 3 * HOUR, ...Array.from({ length: 18 }, (_, n) => -n * MINUTE)],
    ],
  ])('is not assumed because of %s', async (_case, aheads) => {
    await store(...aheads.map((ahead) => dated(ahead)))
    expect(await show('/')).not.toContain(ZONE)
  })
})
