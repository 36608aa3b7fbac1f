import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/event/clock.ts'
import { listRuns, type SyncRun } from '../../src/db/sync/runs.ts'
import { startSync } from '../../src/sync/runs.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count, list, read } from '../receiver.ts'
import { runMaintenance } from '../run-maintenance.ts'
import { store } from '../store-events.ts'
import { Invocation, limitD1, PLANS } from '../strict/index.ts'
import { Syncing, serve } from './syncing.ts'

type Event = Record<string, unknown>

/** When the zone is corrected from UTC to Kyiv's, which is two hours ahead of it. */
const CHANGE = Date.UTC(2026, 0, 10, 12)
const KYIV_MS = 2 * HOUR_MS
const WRONG = { YESPO_TIME_ZONE: 'UTC', YESPO_API_TIME_ZONE: '' }
const RIGHT = { YESPO_TIME_ZONE: 'Europe/Kyiv', YESPO_API_TIME_ZONE: '' }

/** Of an invocation on the free plan. */
const MAX_STATEMENTS = 50

const textOf = (time: number) => new Date(time).toISOString().slice(0, 19)

/** Events as Yespo reports them, in Kyiv's time. @param from UTC milliseconds of the first */
function burst(from: number, many: number, changes: Event = {}): Event[] {
  return Array.from({ length: many }, (_, index) =>
    buildEvent({ activityDateTime: textOf(from + KYIV_MS + index * 1_000), ...changes }),
  )
}

/** Stores events as the webhook does, which has them in UTC. @param offset of the zone that it has */
async function receive(events: readonly Event[], offset = 0): Promise<void> {
  await store(
    ...events.map((event) => {
      const time = Date.parse(`${String(event['activityDateTime'])}Z`) - offset
      return { ...event, activityDateTime: textOf(time) }
    }),
  )
}

async function sync(
  events: readonly Event[],
  zone: Partial<Env>,
  since: number,
  until: number,
): Promise<SyncRun | undefined> {
  const syncing = new Syncing(serve(events), zone)
  const number = await startSync(syncing.env, 'backfill', since, until, Date.now())
  await syncing.run(200)
  return (await listRuns(env.DB, 20)).find((each) => each.number === number)
}

async function countOfApi(): Promise<number> {
  return (await list('?origin=api&limit=500')).activity.length
}

async function countHistory(): Promise<number> {
  return count('zone_history')
}

describe('a corrected time zone', () => {
  beforeEach(() => void vi.useFakeTimers({ now: CHANGE - DAY_MS, toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  const before = burst(CHANGE - 30 * MINUTE_MS, 10)
  const after = burst(CHANGE + 10 * MINUTE_MS, 10)

  /** The receiver has had the wrong zone for a day, and has the right one from `CHANGE` on. */
  async function live(inWrong = before, inRight = after): Promise<void> {
    await runMaintenance({ ...env, ...WRONG }, Date.now())
    await sync([], WRONG, CHANGE - 25 * HOUR_MS, CHANGE - 24 * HOUR_MS)
    vi.setSystemTime(CHANGE - 10 * MINUTE_MS)
    await receive(inWrong)
    vi.setSystemTime(CHANGE)
    await runMaintenance({ ...env, ...RIGHT }, CHANGE)
    vi.setSystemTime(CHANGE + 15 * MINUTE_MS)
    await receive(inRight, KYIV_MS)
    vi.setSystemTime(CHANGE + 6 * HOUR_MS)
  }

  it('stores nothing again of a slice that has events from before and after it', async () => {
    await live()
    const all = [...before, ...after]
    const run = await sync(all, RIGHT, CHANGE - HOUR_MS, CHANGE + HOUR_MS)
    expect(run).toMatchObject({ state: 'finished' })
    expect(run?.error).toMatch(/YESPO_TIME_ZONE was UTC/)
    expect(await count('activity')).toBe(20)
    const { total } = await (
      await read('/coverage?since=2026-01-01&until=2026-02-01')
    ).json<{ total: object }>()
    expect(total).toMatchObject({ both: 10, apiOnly: 0 })
  })

  it('stores nothing again of a slice with too few events to tell', async () => {
    const opened = burst(CHANGE - 8 * HOUR_MS, 2, { activityStatus: 'READ' })
    await live(opened)
    await sync([...opened, ...after], RIGHT, CHANGE - 9 * HOUR_MS, CHANGE + HOUR_MS)
    expect(await count('activity')).toBe(12)
  })

  it('stores nothing again of what is in the archive', async () => {
    await live()
    await env.DB.batch([
      env.DB.prepare('INSERT INTO archive_days (day) VALUES (?)').bind(
        Math.floor(CHANGE / DAY_MS) * DAY_MS,
      ),
      env.DB.prepare('DELETE FROM activity WHERE occurredAt > ?').bind(CHANGE + HOUR_MS),
    ])
    await sync([...before, ...after], RIGHT, CHANGE - HOUR_MS, CHANGE + HOUR_MS)
    expect(await count('activity')).toBe(10)
  })

  it('is explained once: with the period, and what to do', async () => {
    await live()
    const run = await sync(before, RIGHT, CHANGE - HOUR_MS, CHANGE + HOUR_MS)
    expect(run?.error).toBe(
      'Events from 2026-01-08 22:00 to 2026-01-11 02:00 UTC that only the API has are not stored: YESPO_TIME_ZONE was UTC then (now Europe/Kyiv), so they may be stored already with other times. If it is right now, leave it: what the webhook delivered then is stored. If not, set it back and read that period again: npm run backfill',
    )
    const clean = await sync(after, RIGHT, CHANGE, CHANGE + HOUR_MS)
    expect(clean).toMatchObject({ state: 'finished', error: null })
  })

  it('does not keep what the webhook missed later or earlier from being stored', async () => {
    await live()
    const missed = [
      ...burst(CHANGE - 45 * HOUR_MS, 3),
      ...burst(CHANGE + 15 * HOUR_MS, 4),
      ...burst(CHANGE + 13 * HOUR_MS, 5),
    ]
    vi.setSystemTime(CHANGE + 20 * HOUR_MS)
    await sync([...after, ...missed], RIGHT, CHANGE - 50 * HOUR_MS, CHANGE + 19 * HOUR_MS)
    expect(await countOfApi()).toBe(7)
  })

  it('can be set back: what only the other zone was for is left out', async () => {
    await runMaintenance({ ...env, ...RIGHT }, Date.now())
    const early = burst(CHANGE - 5 * HOUR_MS, 5)
    await receive(early, KYIV_MS)
    vi.setSystemTime(CHANGE)
    await runMaintenance({ ...env, ...WRONG }, CHANGE)
    const inWrong = burst(CHANGE + 10 * MINUTE_MS, 5)
    await receive(inWrong)
    vi.setSystemTime(CHANGE + HOUR_MS)
    await runMaintenance({ ...env, ...RIGHT }, CHANGE + HOUR_MS)
    const late = burst(CHANGE + 65 * MINUTE_MS, 5)
    vi.setSystemTime(CHANGE + 70 * MINUTE_MS)
    await receive(late, KYIV_MS)
    vi.setSystemTime(CHANGE + 20 * HOUR_MS)
    const missed = [...burst(CHANGE - 16 * HOUR_MS, 3), ...burst(CHANGE + 16 * HOUR_MS, 3)]
    const all = [...early, ...inWrong, ...late, ...missed]
    const run = await sync(all, RIGHT, CHANGE - 20 * HOUR_MS, CHANGE + 19 * HOUR_MS)
    expect(run).toMatchObject({ state: 'finished' })
    expect([await count('activity'), await countOfApi()]).toEqual([21, 6])
  })

  it('stores nothing again that the API reported before, however long ago it happened', async () => {
    const days = burst(CHANGE - 20 * DAY_MS, 5)
    const known = burst(CHANGE - 30 * HOUR_MS, 5)
    await receive(known)
    await runMaintenance({ ...env, ...WRONG }, Date.now())
    await sync([...days, ...known], WRONG, CHANGE - 21 * DAY_MS, CHANGE - 24 * HOUR_MS)
    expect(await countOfApi()).toBe(5)
    vi.setSystemTime(CHANGE)
    await runMaintenance({ ...env, ...RIGHT }, CHANGE)
    vi.setSystemTime(CHANGE + 15 * MINUTE_MS)
    await receive(after, KYIV_MS)
    vi.setSystemTime(CHANGE + 6 * HOUR_MS)
    await sync([...days, ...known, ...after], RIGHT, CHANGE - 21 * DAY_MS, CHANGE + HOUR_MS)
    expect(await countOfApi()).toBe(5)
    expect(await count('activity')).toBe(20)
  })

  it('is recognized by a slice before the schedule has run', async () => {
    await sync([], WRONG, CHANGE - 26 * HOUR_MS, CHANGE - 25 * HOUR_MS)
    await receive(before)
    vi.setSystemTime(CHANGE)
    await sync([], RIGHT, CHANGE - 2 * HOUR_MS, CHANGE - HOUR_MS)
    vi.setSystemTime(CHANGE + 15 * MINUTE_MS)
    await receive(after, KYIV_MS)
    vi.setSystemTime(CHANGE + 3 * HOUR_MS)
    const run = await sync([...before, ...after], RIGHT, CHANGE - HOUR_MS, CHANGE + 2 * HOUR_MS)
    expect(run).toMatchObject({ state: 'finished' })
    expect(await count('activity')).toBe(20)
  })

  it('that is set back stores nothing again that the webhook reported late meanwhile', async () => {
    await runMaintenance({ ...env, ...RIGHT }, Date.now())
    vi.setSystemTime(CHANGE)
    await runMaintenance({ ...env, ...WRONG }, CHANGE)
    const late = burst(CHANGE - 20 * HOUR_MS, 5)
    vi.setSystemTime(CHANGE + 10 * MINUTE_MS)
    await receive(late)
    vi.setSystemTime(CHANGE + HOUR_MS)
    await runMaintenance({ ...env, ...RIGHT }, CHANGE + HOUR_MS)
    vi.setSystemTime(CHANGE + 2 * HOUR_MS)
    const next = burst(CHANGE + HOUR_MS, 5)
    await receive(next, KYIV_MS)
    vi.setSystemTime(CHANGE + 20 * HOUR_MS)
    const run = await sync([...late, ...next], RIGHT, CHANGE - DAY_MS, CHANGE + 3 * HOUR_MS)
    expect(run).toMatchObject({ state: 'finished' })
    expect(await count('activity')).toBe(10)
  })

  it('to an equal one of another name changes nothing', async () => {
    await runMaintenance({ ...env, ...RIGHT, YESPO_TIME_ZONE: 'Europe/Kiev' }, Date.now())
    await receive(before, KYIV_MS)
    vi.setSystemTime(CHANGE)
    await runMaintenance({ ...env, ...RIGHT }, CHANGE)
    const missed = burst(CHANGE - HOUR_MS, 5)
    const run = await sync([...before, ...missed], RIGHT, CHANGE - DAY_MS, CHANGE)
    expect(run).toMatchObject({ state: 'finished', error: null })
    expect(await countOfApi()).toBe(5)
  })

  it('takes a slice no more statements than the free plan has', async () => {
    await live()
    const missed = burst(CHANGE - 60 * HOUR_MS, 149)
    const invocation = new Invocation('queue', { limits: PLANS.paid })
    const DB = limitD1(env.DB, invocation)
    await env.DB.exec("DELETE FROM zone_history WHERE source = 'api' OR until IS NULL")
    const syncing = new Syncing(serve([...missed, ...after]), {
      ...RIGHT,
      CLOUDFLARE_PLAN: 'free',
      DB,
    })
    const since = CHANGE - 60 * HOUR_MS
    await startSync(syncing.env, 'backfill', since, since + HOUR_MS, Date.now())
    await syncing.deliver()
    expect(await countOfApi()).toBe(149)
    expect(invocation.counts.statements).toBeLessThan(MAX_STATEMENTS)
  })

  it('is written down only when it changes', async () => {
    await clearTables()
    for (let run = 0; run < 3; run++) {
      await runMaintenance({ ...env, ...WRONG }, Date.now() + run * 15 * MINUTE_MS)
    }
    expect(await countHistory()).toBe(1)
    await runMaintenance({ ...env, ...RIGHT }, CHANGE)
    expect(await countHistory()).toBe(2)
  })
})
