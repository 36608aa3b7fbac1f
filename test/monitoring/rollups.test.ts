import { beforeEach, describe, expect, it } from 'vitest'
import { readStatus } from '../../src/monitoring/api.ts'
import { clearTables } from '../receiver.ts'
import { visit } from '../visit.ts'
import { DAY, HOUR, Operator, operatorEnv, run } from './operator.ts'

const NOW = Date.parse('2026-03-10T12:00Z')

beforeEach(clearTables)

const rolledUp = (until: number) =>
  run("INSERT OR REPLACE INTO key_values VALUES ('rollups.until', ?)", String(until))

describe('rollups', () => {
  it('are told in the status, and on its page', async () => {
    await rolledUp(NOW)
    await run("INSERT INTO key_values VALUES ('engagement.until', ?)", String(NOW - 12 * HOUR))
    await run("INSERT INTO rollup_hours VALUES (?, 'stale', 0, 6, NULL)", NOW - 3 * HOUR)
    await run("INSERT INTO rollup_hours VALUES (?, 'new', 0, 0, NULL)", NOW - 2 * HOUR)
    expect((await readStatus(operatorEnv(), NOW)).rollups).toEqual({
      until: NOW,
      open: 2,
      failed: 1,
      oldestOpenAt: NOW - 3 * HOUR,
      engagementUntil: NOW - 12 * HOUR,
    })
    expect(await (await visit('/status')).text()).toContain('Hours that failed')
  })

  it('are an alert if they are more than a day behind', async () => {
    const operator = new Operator()
    await rolledUp(NOW - DAY)
    expect(await operator.hear(NOW)).toEqual([])
    expect(await operator.hear(NOW + HOUR)).toEqual(['started rollups'])
    await rolledUp(NOW)
    expect(await operator.hear(NOW + 2 * HOUR)).toEqual(['ended rollups'])
  })

  it('are an alert if an hour failed', async () => {
    const operator = new Operator()
    await rolledUp(NOW)
    await run("INSERT INTO rollup_hours VALUES (?, 'begun', 0, 5, NULL)", NOW - 3 * HOUR)
    expect(await operator.hear(NOW)).toEqual([])
    await run('UPDATE rollup_hours SET tries = 6')
    const [alert] = await operator.check(NOW)
    expect(alert?.message).toContain('1 hour could not be counted')
  })

  it('are an alert if engagement is more than two days behind', async () => {
    const operator = new Operator()
    await rolledUp(NOW)
    await run("INSERT INTO key_values VALUES ('engagement.until', ?)", String(NOW - 3 * DAY))
    const [alert] = await operator.check(NOW)
    expect(alert?.message).toContain('Engagement has been counted only until 2026-03-07')
  })
})
