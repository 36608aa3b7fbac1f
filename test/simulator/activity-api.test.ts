import { describe, expect, it } from 'vitest'
import { ActivityApi } from '../../src/simulator/activity-api.ts'
import { makeEvent } from './activity-event.ts'
import { call, KEY, rowsOf } from './activity-reader.ts'
import { Random } from '../../src/simulator/random.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const SECOND = 1_000
const day = { dateFrom: '2026-01-05T00:00:00', dateTo: '2026-01-05T23:59:59' }

function open(timeZone = 'UTC'): ActivityApi {
  return new ActivityApi({ apiKey: KEY, timeZone, random: new Random(1) })
}

const iidsOf = (response: Parameters<typeof rowsOf>[0]) => rowsOf(response).map(({ iid }) => iid)

describe('a row', () => {
  it('is the event with the same iid, different names of push tokens, and three extra fields', async () => {
    const api = open()
    api.record([
      makeEvent(NOON, { webpush: 'w', contactId: 7 }),
      makeEvent(NOON + SECOND, { mobilepush: 'm' }),
    ])
    const rows = rowsOf(await call(api, day))
    expect(rows).toEqual([
      {
        iid: `iid-${NOON}`,
        activityStatus: 'DELIVERED',
        activityDateTime: '2026-01-05T12:00:00',
        webPushToken: 'w',
        contactId: 7,
        statusData: {},
        externalRequestId: null,
        offset: expect.any(String),
      },
      expect.objectContaining({ iid: `iid-${NOON + SECOND}`, mobPushToken: 'm' }),
    ])
    expect(rows[1]).not.toHaveProperty('mobilepush')
  })

  it('keeps every digit, and the fields of an earlier revision', async () => {
    const api = open()
    const contactId = JSON.rawJSON('9007199254740993')
    api.record([makeEvent(NOON, { contactId, statusData: { a: 1 } })])
    const { body } = await call(api, day)
    expect(body).toContain('"contactId":9007199254740993')
    expect(body).toContain('"statusData":{"a":1}')
  })

  it('has its time, and is found, in the zone of the API', async () => {
    const api = open('Europe/Kyiv')
    api.record([makeEvent(NOON)])
    const at = (time: string) => call(api, { dateFrom: time, dateTo: time })
    expect(rowsOf(await at('2026-01-05T14:00:00'))).toMatchObject([
      { activityDateTime: '2026-01-05T14:00:00' },
    ])
    expect(rowsOf(await at('2026-01-05T12:00:00'))).toEqual([])
  })

  it('does not exist for an invalid item', async () => {
    const api = open()
    api.record([{ bytes: Buffer.from('"poison"'), isPoison: true }, makeEvent(NOON)])
    expect(rowsOf(await call(api, day))).toHaveLength(1)
  })
})

describe('a time range', () => {
  const five = [0, 1, 2, 3, 4].map((second) => makeEvent(NOON + second * SECOND, { iid: second }))
  const between = (from: number, to: number) => ({
    dateFrom: `2026-01-05T12:00:0${from}`,
    dateTo: `2026-01-05T12:00:0${to}`,
  })

  it('includes both ends, so that adjacent ranges share a second', async () => {
    const api = open()
    api.record(five)
    expect(iidsOf(await call(api, between(1, 2)))).toEqual([1, 2])
    expect(iidsOf(await call(api, between(2, 3)))).toEqual([2, 3])
    expect(iidsOf(await call(api, between(4, 4)))).toEqual([4])
  })

  it('has the oldest first, in any order of arrival', async () => {
    const api = open()
    api.record(five.toReversed())
    expect(iidsOf(await call(api, day))).toEqual([0, 1, 2, 3, 4])
    api.record([makeEvent(NOON + 1_500, { iid: 'late' })])
    expect(iidsOf(await call(api, day))).toEqual([0, 1, 'late', 2, 3, 4])
  })

  it.each([
    ['1,000 rows by default', {}, 1_000],
    ['the requested number of rows', { maxrows: 3 }, 3],
    ['1,000 rows if more are requested', { maxrows: 5_000 }, 1_000],
  ])('is limited to %s', async (_case, more, expected) => {
    const api = open()
    api.record(Array.from({ length: 1_001 }, (_, i) => makeEvent(NOON + i * SECOND, { iid: i })))
    const iids = iidsOf(await call(api, { ...day, ...more }))
    expect(iids).toEqual(Array.from({ length: expected }, (_, i) => i))
  })

  it('continues after the offset of its last row', async () => {
    const api = open()
    api.record([...five, makeEvent(NOON + SECOND, { iid: 'similar' })])
    const first = rowsOf(await call(api, { ...day, maxrows: 2 }))
    const offset = String(first.at(-1)?.['offset'])
    expect(iidsOf(await call(api, { ...day, offset }))).toEqual(['similar', 2, 3, 4])
  })

  it('is filtered by address and status', async () => {
    const api = open()
    const email = 'contact@example.com'
    const read = { activityStatus: 'READ', email }
    api.record([
      makeEvent(NOON),
      makeEvent(NOON + SECOND, { email }),
      makeEvent(NOON + 2 * SECOND, read),
    ])
    expect(rowsOf(await call(api, { ...day, email }))).toHaveLength(2)
    expect(rowsOf(await call(api, { ...day, email, status: 'READ' }))).toHaveLength(1)
  })

  it('has nothing older than three months', async () => {
    const api = open()
    api.now = Date.UTC(2026, 3, 5, 12)
    api.record([makeEvent(NOON - SECOND), makeEvent(NOON)])
    expect(iidsOf(await call(api, day))).toEqual([`iid-${NOON}`])
    api.now += SECOND
    expect(iidsOf(await call(api, day))).toEqual([])
  })
})
