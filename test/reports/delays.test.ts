import { beforeEach, expect, it } from 'vitest'
import { Random } from '../../src/simulator/random.ts'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { rollUpAll } from '../roll-up.ts'
import { store } from '../store-events.ts'

const START = Date.parse('2026-03-01T00:00Z')

type Span = { from: number; to: number; people: number }
type Delays = {
  people: number
  seconds: { p50: number | null; p75: number | null; p90: number | null }
  histogram: Span[]
}

beforeEach(clearTables)

async function readDelays(query = ''): Promise<Delays> {
  const response = await read(`/reports/delays${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

const at = (seconds: number, changes: Record<string, unknown>) =>
  buildEvent({
    activityDateTime: new Date(START + seconds * 1_000).toISOString().slice(0, 19),
    ...changes,
  })

/** A delivery that is read so many seconds later. */
function readAfter(seconds: number, iid: string, changes: Record<string, unknown> = {}) {
  const sent = { iid, ...changes }
  return [at(0, sent), at(seconds, { ...sent, activityStatus: 'READ' })]
}

it('tells percentiles and a histogram that agree with plain counting', async () => {
  const random = new Random(18)
  const delays = Array.from({ length: 200 }, () =>
    Math.floor(2 ** (random.between(0, 1_700) / 100)),
  )
  await store(...delays.flatMap((seconds, index) => readAfter(seconds, `d${index}`)))
  await rollUpAll()
  const { people, seconds, histogram } = await readDelays()
  expect(people).toBe(200)
  const sorted = delays.toSorted((a, b) => a - b)
  for (const [name, percent] of [
    ['p50', 50],
    ['p75', 75],
    ['p90', 90],
  ] as const) {
    const plain = sorted[percent * 2 - 1] ?? 0
    expect(Math.abs((seconds[name] ?? -1) - plain)).toBeLessThan(3 + plain * 0.05)
  }
  for (const { from, to, people: counted } of histogram) {
    expect(counted).toBe(delays.filter((delay) => delay >= from && delay < to).length)
  }
  expect(histogram.reduce((sum, span) => sum + span.people, 0)).toBe(200)
})

it('counts a person once, at the first read after the delivery', async () => {
  await store(
    ...readAfter(300, 'one'),
    at(7_200, { iid: 'one', activityStatus: 'READ' }),
    at(60, { iid: 'never delivered', activityStatus: 'READ' }),
  )
  await rollUpAll()
  const { people, histogram } = await readDelays()
  expect(people).toBe(1)
  expect(histogram.filter((span) => span.people > 0)).toEqual([{ from: 180, to: 420, people: 1 }])
})

it('counts a read in the second of the delivery', async () => {
  await store(...readAfter(0, 'one'))
  await rollUpAll()
  expect((await readDelays()).histogram).toEqual([{ from: 0, to: 60, people: 1 }])
})

it('leaves the reads of machines out', async () => {
  const clicks = [1, 2, 3].map((page) =>
    at(10, { iid: 'one', activityStatus: 'CLICKED', clickEventLink: `https://a.com/${page}` }),
  )
  await store(...readAfter(10, 'one'), ...clicks, at(3_600, { iid: 'one', activityStatus: 'READ' }))
  await rollUpAll()
  const { people, seconds } = await readDelays()
  expect(people).toBe(1)
  expect(seconds.p50).toBeGreaterThan(3_400)
})

it('counts the campaigns of a filter', async () => {
  await store(...readAfter(60, 'one', { messageId: 1 }), ...readAfter(60, 'two', { messageId: 2 }))
  await rollUpAll()
  expect((await readDelays('?messageId=2')).people).toBe(1)
})

it('has no percentiles if no one read anything', async () => {
  expect(await readDelays()).toMatchObject({
    people: 0,
    seconds: { p50: null, p75: null, p90: null },
    histogram: [],
  })
})
