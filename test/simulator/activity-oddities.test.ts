import { expect, it } from 'vitest'
import { ActivityApi } from '../../src/simulator/activity-api.ts'
import { makeEvent } from './activity-event.ts'
import { NO_ODDITIES, type Oddities } from '../../src/simulator/activity-oddities.ts'
import { call, KEY, readAll, rowsOf } from './activity-reader.ts'
import { Random } from '../../src/simulator/random.ts'

const NOON = Date.UTC(2026, 0, 5, 12)
const SECOND = 1_000
const MINUTE = 60_000
const EVENTS = 100
const day = { dateFrom: '2026-01-05T00:00:00', dateTo: '2026-01-05T23:59:59' }

/** An API with an event in each of a hundred seconds from noon. */
function open(oddities: Partial<Oddities>, seed = 1): ActivityApi {
  const api = new ActivityApi({ apiKey: KEY, random: new Random(seed), oddities })
  api.now = NOON + 3 * MINUTE
  api.record(Array.from({ length: EVENTS }, (_, i) => makeEvent(NOON + i * SECOND, { iid: i })))
  return api
}

async function iidsOf(api: ActivityApi, query: Parameters<typeof call>[1]): Promise<unknown[]> {
  return rowsOf(await call(api, query)).map(({ iid }) => iid)
}

/** Whether a response arrives before the event loop is idle. */
function isFast(response: Promise<unknown>): Promise<boolean> {
  const rest = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))
  return Promise.race([response.then(() => true), rest])
}

const all = Array.from({ length: EVENTS }, (_, i) => i)

it('has none by default, not even with fast calls or during a broadcast', async () => {
  const api = open({})
  api.isBroadcasting = true
  for (let call = 0; call < 20; call++) expect(await iidsOf(api, day)).toEqual(all)
})

it('is off until it is enabled', async () => {
  const api = open({ needsEnabling: 1 })
  const { status, body } = await call(api, day)
  expect([status, body]).toEqual([400, 'Contact support to enable ContactActivity.'])
  api.enable()
  expect((await call(api, day)).status).toBe(200)
})

it('rejects a call within a second of the previous one, and says when to retry', async () => {
  const api = open({ rejectsHaste: 1 })
  const statusAfter = async (pause: number) => {
    api.now += pause
    return (await call(api, day)).status
  }
  expect(await statusAfter(0)).toBe(200)
  api.now += 999
  const { status, headers } = await call(api, day)
  expect(status).toBe(429)
  expect(Number(headers['Retry-After'])).toBeGreaterThanOrEqual(1)
  expect(await statusAfter(Number(headers['Retry-After']) * SECOND)).toBe(200)
  expect(await statusAfter(500)).toBe(429)
})

it('hangs during a broadcast, and only then', async () => {
  const api = open({ hangs: 1 })
  expect(await isFast(call(api, day))).toBe(true)
  api.isBroadcasting = true
  expect(await isFast(call(api, day))).toBe(false)
  api.isBroadcasting = false
  expect(await isFast(call(api, day))).toBe(true)
})

it('breaks off in the middle of the JSON during a broadcast', async () => {
  const api = open({ breaksOff: 1 })
  expect((await call(api, day)).breaksOff).toBe(false)
  api.isBroadcasting = true
  for (const query of [day, { dateFrom: day.dateFrom, dateTo: day.dateFrom }]) {
    const { status, body, breaksOff } = await call(api, query)
    expect([status, breaksOff]).toEqual([200, true])
    expect(() => JSON.parse(body)).toThrow(SyntaxError)
  }
})

it('skips and repeats rows after an offset', async () => {
  const api = open({ losesPlace: 1 })
  const first = rowsOf(await call(api, { ...day, maxrows: 50 }))
  const offset = String(first.at(-1)?.['offset'])
  const starts: number[] = []
  for (let call = 0; call < 20; call++) {
    starts.push(Number((await iidsOf(api, { ...day, offset }))[0]))
  }
  expect(Math.min(...starts)).toBeLessThan(50)
  expect(Math.max(...starts)).toBeGreaterThan(50)
  expect(starts).not.toContain(50)
})

it('has the rows of an edge in neither of two adjacent ranges, in one, or in both', async () => {
  const api = open({ fraysEdges: 0.7 })
  const edge = '2026-01-05T12:00:50'
  const seen = new Set<number>()
  for (let calls = 0; calls < 50; calls++) {
    const before = await iidsOf(api, { ...day, dateTo: edge })
    const after = await iidsOf(api, { ...day, dateFrom: edge })
    seen.add([...before, ...after].filter((iid) => iid === 50).length)
    expect(before).toContain(49)
    expect(after).toContain(51)
    expect(await iidsOf(api, { dateFrom: edge, dateTo: edge })).toEqual([50])
  }
  expect(seen).toEqual(new Set([0, 1, 2]))
})

it('has the rows of an edge in no order', async () => {
  const api = open({ fraysEdges: 1 })
  api.record([makeEvent(NOON + 5 * SECOND, { iid: 1_005 })])
  const orders = new Set<string>()
  for (let call = 0; call < 20; call++) {
    const iids = await iidsOf(api, { ...day, dateTo: '2026-01-05T12:00:05' })
    orders.add(iids.slice(5).join())
  }
  expect(orders).toEqual(new Set(['', '1005,5']))
})

it('fails occasionally, with 500 or with a page of its proxy', async () => {
  const api = open({ fails: 0.5 })
  const bodies = new Map<number, string>()
  for (let calls = 0; calls < 50; calls++) {
    const { status, body } = await call(api, day)
    bodies.set(status, body)
  }
  expect([...bodies.keys()].sort()).toEqual([200, 500, 502])
  expect(bodies.get(502)).toMatch(/^<html>/)
})

it('shows an event a few minutes after it was recorded', async () => {
  const api = open({ showsLate: 0.5 })
  const early = (await iidsOf(api, day)).length
  expect(early).toBeGreaterThan(EVENTS / 4)
  expect(early).toBeLessThan((EVENTS * 3) / 4)
  api.now += 15 * MINUTE
  expect(await iidsOf(api, day)).toEqual(all)
})

it('can be changed while it is running', async () => {
  const api = open({})
  api.oddities.fails = 1
  expect((await call(api, day)).status).toBeGreaterThanOrEqual(500)
  Object.assign(api.oddities, NO_ODDITIES)
  expect((await call(api, day)).status).toBe(200)
})

it('is the same for the same seed, and different for another', async () => {
  const run = async (seed: number) => {
    const api = open({ fails: 0.5 }, seed)
    const statuses: number[] = []
    for (let calls = 0; calls < 30; calls++) statuses.push((await call(api, day)).status)
    return statuses.join()
  }
  expect(await run(1)).toBe(await run(1))
  expect(await run(1)).not.toBe(await run(2))
})

it('hides nothing from a reader that retries and extends its ranges', async () => {
  const window = { from: NOON - MINUTE, to: NOON + 5 * MINUTE }
  const expected = await readAll(open({}), window, { maxrows: 1_000 })
  expect(expected).toHaveLength(EVENTS)
  const odd = () => open({ fails: 0.3, fraysEdges: 0.7, losesPlace: 1 })
  expect(await readAll(odd(), window, { maxrows: 5, overlap: SECOND })).toEqual(expected)
  // A reader that does not extend its ranges misses some.
  expect((await readAll(odd(), window, { maxrows: 5 })).length).toBeLessThan(EVENTS)
})
