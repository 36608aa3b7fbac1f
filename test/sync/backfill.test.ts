import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/event/clock.ts'
import { app } from '../../src/routes.ts'
import { startRun, endRun, listRuns } from '../../src/db/sync/runs.ts'
import { Syncing, serve } from './syncing.ts'

const NOON = Date.UTC(2026, 0, 10, 12)
const SINCE = NOON - 3 * DAY_MS

type Shown = { number: number; kind: string; state: string; progress: number }

beforeEach(() => void vi.useFakeTimers({ now: NOON + 20 * MINUTE_MS, toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

function request(
  method: string,
  path: string,
  { body, sync = new Syncing(serve([])) }: { body?: string; sync?: Syncing } = {},
) {
  const headers = { Authorization: 'Bearer read-token-for-tests' }
  return app.request(path, { method, headers, ...(body && { body }) }, sync.env)
}

const start = (query: object, sync?: Syncing) =>
  request('POST', '/backfill', { body: JSON.stringify(query), ...(sync && { sync }) })

/** The time range of the started sync run: UTC milliseconds. */
async function rangeOf(response: Response) {
  const { since, until } = await response.json<{ since: number; until: number }>()
  return [since, until]
}

async function show(): Promise<Shown[]> {
  return (await (await request('GET', '/backfill')).json<{ backfills: Shown[] }>()).backfills
}

/** Adds sync runs. @returns their numbers */
async function addRuns(count: number, state: 'running' | 'stopped'): Promise<number[]> {
  const numbers: number[] = []
  for (let index = 0; index < count; index++) {
    const hours = { since: SINCE + index * HOUR_MS, until: NOON }
    const number = await startRun(env.DB, 'backfill', hours, Date.now())
    if (state === 'stopped') await endRun(env.DB, number, state, 'Why.', Date.now())
    numbers.push(number)
  }
  return numbers
}

it('starts, reports its progress, and can be cancelled', async () => {
  const sync = new Syncing(serve([]))
  const response = await start({ since: '2026-01-07T12:00' }, sync)
  expect(response.status).toBe(200)
  const { backfill } = await response.json<{ backfill: number }>()
  await sync.deliver()
  await sync.deliver()
  const [shown] = await show()
  expect(shown).toMatchObject({ number: backfill, kind: 'backfill', state: 'running' })
  expect(shown?.progress).toBeGreaterThan(0)
  expect(shown?.progress).toBeLessThan(1)
  expect(await (await request('DELETE', '/backfill')).json()).toEqual({ cancelled: 1 })
  const calls = sync.calls.length
  await sync.run()
  expect(sync.calls).toHaveLength(calls)
})

describe('the period', () => {
  it.each([
    ['{}', '“since” is required'],
    ['{"since":null}', '“since” is required'],
    ['{"since":"2020-01-01"}', 'within the last 90 days'],
    ['{"since":"yesterday"}', '“since” must be a time'],
    ['{"since":"2026-01-11"}', '“since” must not be in the future'],
    ['{"since":"2026-01-09","until":"2026-01-09"}', '“since” must be before “until”'],
    ['{"since":"2026-01-11","until":"2026-01-12"}', '“since” must not be in the future'],
    ['{"since":"2026-01-09","until":"2026-01-08"}', '“since” must be before “until”'],
    ['{"since":["2026-01-09"]}', '“since” must be a string or a number'],
    ['{"since":"2026-01-09","until":{}}', '“until” must be a string or a number'],
    ['{"since":true}', '“since” must be a string or a number'],
    ['{"since":"2026-01-09","more":"x"}', 'Unknown parameter “more”'],
    ['[', 'must be a JSON object such as'],
    ['["2026-01-09"]', 'must be a JSON object such as'],
    ['"2026-01-09"', 'must be a JSON object such as'],
  ])('is rejected with an explanation: %s', async (body, words) => {
    const response = await request('POST', '/backfill', { body })
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(words)])
    expect(await listRuns(env.DB, 1)).toEqual([])
  })

  it.each([
    ['?since=2026-01-08&since=2026-01-09', undefined, 'since'],
    ['?since=2026-01-08&until=2026-01-09&until=2026-01-09', undefined, 'until'],
    ['?since=2026-01-08', '{"since":"2026-01-08"}', 'since'],
  ])('cannot be given twice: %s %s', async (query, body, parameter) => {
    const response = await request('POST', `/backfill${query}`, body === undefined ? {} : { body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: {
        message: expect.stringContaining(`“${parameter}” must not be repeated`),
        parameter,
      },
    })
    expect(await listRuns(env.DB, 1)).toEqual([])
  })

  it('may be in the query or the body, as text or a number', async () => {
    const path = '/backfill?since=2026-01-07T12:00'
    const until = NOON - DAY_MS
    const response = await request('POST', path, { body: JSON.stringify({ since: null, until }) })
    expect(await rangeOf(response)).toEqual([SINCE, until])
  })

  it('requires a key', async () => {
    const sync = new Syncing(serve([]), { YESPO_API_KEY: '' })
    const response = await start({ since: '2026-01-09' }, sync)
    expect([response.status, await response.text()]).toEqual([
      409,
      expect.stringContaining('YESPO_API_KEY'),
    ])
  })
})

describe('the range that is read', () => {
  it.each<[minutes: number, until: number | null, read: number]>([
    [14, null, NOON - HOUR_MS],
    [15, null, NOON],
    [15, NOON + 10 * MINUTE_MS, NOON],
    [15, NOON + DAY_MS, NOON],
    [14, NOON - 30 * MINUTE_MS, NOON - HOUR_MS],
    [15, NOON - 30 * MINUTE_MS, NOON],
    [15, NOON - DAY_MS + 1, NOON - DAY_MS + HOUR_MS],
    [15, NOON - DAY_MS, NOON - DAY_MS],
  ])('has whole hours that ended at least 15 minutes ago: %d, %d', async (minutes, until, read) => {
    vi.setSystemTime(NOON + minutes * MINUTE_MS)
    const response = await start({ since: SINCE + MINUTE_MS, until })
    expect(await rangeOf(response)).toEqual([SINCE, read])
    expect(await listRuns(env.DB, 1)).toMatchObject([{ since: SINCE, until: read }])
  })

  it.each([NOON + 10 * MINUTE_MS, NOON, NOON - HOUR_MS])(
    'excludes hours that the webhook may still deliver: since %d',
    async (since) => {
      vi.setSystemTime(NOON + 10 * MINUTE_MS)
      const response = await start({ since })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        error: {
          parameter: 'since',
          message: expect.stringMatching(/synced 15 minutes after its end, as the webhook may/),
        },
      })
      expect(await listRuns(env.DB, 1)).toEqual([])
    },
  )

  it('is not started again while it is being read', async () => {
    const sync = new Syncing(serve([]))
    const first = await (await start({ since: SINCE }, sync)).json<{ backfill: number }>()
    expect(await (await start({ since: SINCE + MINUTE_MS }, sync)).json()).toEqual(first)
    expect(sync.messages).toHaveLength(1)
    expect(await show()).toHaveLength(1)
    await start({ since: SINCE, until: NOON - HOUR_MS }, sync)
    expect(await show()).toHaveLength(2)
    await sync.run()
    const again = await (await start({ since: SINCE }, sync)).json<{ backfill: number }>()
    expect(again.backfill).toBeGreaterThan(first.backfill)
    expect(await show()).toHaveLength(3)
  })
})

describe('many sync runs', () => {
  it('are cancelled, however many are running', async () => {
    const running = await addRuns(25, 'running')
    const stopped = await addRuns(25, 'stopped')
    expect(await (await request('DELETE', '/backfill')).json()).toEqual({ cancelled: 25 })
    const runs = await listRuns(env.DB, 100)
    const inState = (state: string) =>
      runs.flatMap((run) => (run.state === state ? run.number : [])).reverse()
    expect(inState('cancelled')).toEqual(running)
    expect(inState('stopped')).toEqual(stopped)
    const cancelled = runs.filter(({ state }) => state === 'cancelled')
    expect(cancelled.every(({ finishedAt }) => finishedAt === Date.now())).toBe(true)
    expect(await (await request('DELETE', '/backfill')).json()).toEqual({ cancelled: 0 })
  })

  it('are listed if running, along with the last 20, newest first', async () => {
    const running = await addRuns(22, 'running')
    const stopped = await addRuns(22, 'stopped')
    const more = await addRuns(1, 'running')
    const shown = (await show()).map(({ number }) => number)
    expect(shown).toEqual([...running, ...stopped.slice(-19), ...more].reverse())
  })
})
