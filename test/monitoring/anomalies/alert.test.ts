import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS, QUARTER_MS } from '../../../src/event/clock.ts'
import { meter } from '../../../src/db/monitor/usage.ts'
import { watchAnomalies } from '../../../src/monitoring/anomalies/watch.ts'
import { clearTables, read } from '../../receiver.ts'
import { runMaintenance } from '../../run-maintenance.ts'
import { Operator } from '../operator.ts'
import { makePulses, storePulses } from './pulses.ts'

const START = Date.parse('2026-03-02T00:00Z')
const BEGIN = 30 * 24 + 14
const END = BEGIN + 5

const rejecting = (hour: number, provider: string) =>
  hour >= BEGIN && hour < END && provider === 'outlook' ? { delivered: 62, bounced: 38 } : undefined
const PULSES = makePulses(START, 32 * 24, rejecting, { quarter: 1 })

beforeEach(async () => {
  await clearTables()
  vi.spyOn(meter, 'recordEvent').mockReturnValue(undefined)
})

describe('the operator', () => {
  it('is notified once when an anomaly begins, and once when it ends', async () => {
    const operator = new Operator()
    const heard: [hour: number, names: string[]][] = []
    for (let hour = BEGIN - 3; hour < END + 4; hour++) {
      await storePulses(env.DB, PULSES.slice(0, hour + 1))
      const now = START + (hour + 1) * HOUR_MS + QUARTER_MS
      await watchAnomalies(env.DB, 'UTC', now)
      const names = await operator.hear(now)
      if (names.length > 0) heard.push([hour, names])
    }
    expect(heard).toEqual([
      [BEGIN, ['started anomaly:bounces:email:outlook']],
      [END, ['ended anomaly:bounces:email:outlook']],
    ])
  })

  it('reads what, since when, how much, why and what to do', async () => {
    await storePulses(env.DB, PULSES.slice(0, BEGIN + 2))
    const now = START + (BEGIN + 2) * HOUR_MS + QUARTER_MS
    await watchAnomalies(env.DB, 'UTC', now)
    const [notification] = await new Operator().check(now)
    expect(notification?.message).toMatch(
      /^Outlook, Hotmail rejected 38% of 200 emails since 2026-04-01 14:15 UTC \(normal is 1%\)\. Blocked by reputation: .*blocklist/,
    )
  })
})

it('the schedule judges each hour once, with few rows', async () => {
  await storePulses(env.DB, PULSES.slice(0, BEGIN + 1))
  const now = START + (BEGIN + 1) * HOUR_MS + QUARTER_MS
  await runMaintenance(env, now)
  const state = () =>
    env.DB.prepare("SELECT value FROM key_values WHERE name = 'anomalies'").first<string>('value')
  const first = await state()
  expect(JSON.parse(first ?? '{}')).toMatchObject({
    until: START + (BEGIN + 1) * HOUR_MS,
    anomalies: [{ kind: 'bounces', provider: 'outlook' }],
  })
  expect(await watchAnomalies(env.DB, 'UTC', now)).toBe(false)
  expect(await state()).toBe(first)
})

it('waits for an hour that is not rolled up yet, and not for one that is rolled up again', async () => {
  await storePulses(env.DB, PULSES.slice(0, BEGIN + 1))
  const insert = env.DB.prepare('INSERT INTO rollup_hours (hour, state, since) VALUES (?, ?, 0)')
  const hour = (index: number) => START + index * HOUR_MS
  await insert.bind(hour(BEGIN), 'new').run()
  await insert.bind(hour(BEGIN - 2), 'stale').run()
  const now = hour(BEGIN + 1) + QUARTER_MS
  await watchAnomalies(env.DB, 'UTC', now)
  const until = () =>
    env.DB.prepare(
      "SELECT value ->> '$.until' AS until FROM key_values WHERE name = 'anomalies'",
    ).first<number>('until')
  expect(await until()).toBe(hour(BEGIN))
  await env.DB.prepare("UPDATE rollup_hours SET state = 'done'").run()
  await watchAnomalies(env.DB, 'UTC', now)
  expect(await until()).toBe(hour(BEGIN + 1))
})

describe('GET /reports/anomalies', () => {
  beforeEach(() => storePulses(env.DB, PULSES))

  it('says since when a provider rejects, until when, and why', async () => {
    const response = await read('/reports/anomalies?since=2026-04-01&until=2026-04-02')
    expect(await response.json()).toMatchObject({
      period: { since: START + 30 * DAY_MS, until: START + 31 * DAY_MS },
      anomalies: [
        {
          kind: 'bounces',
          mediaType: 'email',
          provider: 'outlook',
          since: START + BEGIN * HOUR_MS + QUARTER_MS,
          until: START + END * HOUR_MS,
          foundAt: START + (BEGIN + 1) * HOUR_MS,
          count: 190,
          outOf: 500,
          normalRate: 0.01,
          cause: 'reputation',
        },
      ],
    })
  })

  it('has none of another period', async () => {
    const response = await read('/reports/anomalies?since=2026-04-02&until=2026-04-03')
    expect(await response.json()).toMatchObject({ anomalies: [] })
  })

  it('rejects a period that is too long', async () => {
    const response = await read('/reports/anomalies?since=2026-01-01&until=2026-06-01')
    expect(response.status).toBe(400)
  })
})
