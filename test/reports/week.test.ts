import { beforeEach, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { store } from '../store-events.ts'

type Cell = { weekday: number; hour: number; read: { events: number; contacts: number } }

beforeEach(clearTables)

const readAt = (...times: string[]) =>
  times.map((activityDateTime, index) =>
    buildEvent({ activityDateTime, activityStatus: 'READ', contactId: index + 1, iid: `${index}` }),
  )

/** The hours with events, as weekday, hour and number of readers. */
async function readHours(query: string): Promise<number[][]> {
  const response = await read(`/reports/hours?${query}`)
  expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, ''])
  const { hours } = await response.json<{ hours: Cell[] }>()
  expect(hours).toHaveLength(168)
  expect(hours.at(0)).toMatchObject({ weekday: 1, hour: 0 })
  expect(hours.at(-1)).toMatchObject({ weekday: 7, hour: 23 })
  return hours.flatMap(({ weekday, hour, read: { contacts } }) =>
    contacts > 0 ? [[weekday, hour, contacts]] : [],
  )
}

it('adds up the same hour and weekday of several weeks', async () => {
  await store(
    ...readAt(
      '2024-03-04T09:10:00Z',
      '2024-03-11T09:50:00Z',
      '2024-03-10T23:59:00Z',
      '2024-03-05T00:00:00Z',
    ),
  )
  expect(await readHours('timeZone=UTC&since=2024-03-01&until=2024-04-01')).toEqual([
    [1, 9, 2],
    [2, 0, 1],
    [7, 23, 1],
  ])
  expect(await readHours('timeZone=UTC&since=2024-03-01&until=2024-03-11&messageId=1')).toEqual([])
})

it('goes by the clocks of the zone, before and after they change', async () => {
  // 9:30 in Kyiv is 7:30 UTC in winter, and 6:30 UTC in summer.
  await store(...readAt('2024-03-25T07:30:00Z', '2024-04-01T06:30:00Z', '2024-04-01T21:10:00Z'))
  expect(await readHours('timeZone=Europe/Kyiv&since=2024-03-18&until=2024-04-08')).toEqual([
    [1, 9, 2],
    [2, 0, 1],
  ])
})

it('splits hours in zones that differ by quarters', async () => {
  await store(...readAt('2024-03-04T09:10:00Z', '2024-03-04T09:20:00Z'))
  expect(await readHours('timeZone=Asia/Kathmandu&since=2024-03-01&until=2024-03-08')).toEqual([
    [1, 14, 1],
    [1, 15, 1],
  ])
})

it('counts the last 30 days by default, and at most 400', async () => {
  await store(
    ...readAt(new Date(Date.now() - 5 * 86_400_000).toISOString(), '2024-03-04T09:10:00Z'),
  )
  expect(await readHours('')).toHaveLength(1)
  expect((await read('/reports/hours?since=2020-01-01')).status).toBe(400)
})
