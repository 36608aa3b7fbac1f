import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { expireItems } from '../../src/quarantine/expire.ts'
import { count } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import {
  DAY,
  HOUR,
  MINUTE,
  Operator,
  operatorEnv,
  run,
  quarantined,
} from '../monitoring/operator.ts'

const START = Date.parse('2026-03-10T12:00Z')

const days = (number: number): Partial<Env> => ({ QUARANTINE_DAYS: String(number) })

/** Deletes expired items. @returns how many are left */
async function expire(now: number, changes: Partial<Env> = {}): Promise<number> {
  await expireItems(operatorEnv(changes), now)
  return count('quarantine')
}

describe('a quarantined item', () => {
  it('is deleted after 30 days, a day after the notification', async () => {
    const operator = new Operator()
    await quarantined(START, 'why')
    await operator.check(START + 23 * DAY - 1)
    expect(await expire(START + 30 * DAY)).toBe(1)
    await operator.check(START + 23 * DAY)
    expect(await expire(START + 30 * DAY - 1)).toBe(1)
    expect(await expire(START + 30 * DAY)).toBe(0)
  })

  it('waits for the notification, and for a day from then on', async () => {
    const operator = new Operator()
    await quarantined(START, 'why')
    const notifiedAt = START + 40 * DAY
    operator.respond = () => new Response('', { status: 500 })
    await operator.check(notifiedAt - 2 * DAY)
    expect(await expire(notifiedAt)).toBe(1)
    operator.respond = () => new Response('')
    await operator.check(notifiedAt)
    expect(await expire(notifiedAt + DAY - 1)).toBe(1)
    expect(await expire(notifiedAt + DAY)).toBe(0)
  })

  it('stays if it expired only after the notification of others', async () => {
    const operator = new Operator()
    await quarantined(START, 'first')
    await quarantined(START + HOUR, 'second')
    await operator.check(START + 23 * DAY)
    expect(await expire(START + 30 * DAY + HOUR)).toBe(1)
    await operator.check(START + 30 * DAY + HOUR)
    expect(await expire(START + 31 * DAY + HOUR)).toBe(0)
  })

  it('stays forever if QUARANTINE_DAYS is 0', async () => {
    await quarantined(START, 'why')
    const operator = new Operator()
    await operator.check(START + 23 * DAY)
    expect(await expire(START + 999 * DAY, days(0))).toBe(1)
  })

  it('stays if QUARANTINE_DAYS was changed after the notification', async () => {
    await quarantined(START, 'why')
    const operator = new Operator()
    await operator.check(START + 23 * DAY, days(30))
    const later = START + 25 * DAY
    expect(await expire(later, days(10))).toBe(1)
    expect(await operator.hear(later, days(10))).toContain('started expiring')
    expect(await expire(later + DAY - 1, days(10))).toBe(1)
    expect(await expire(later + DAY, days(10))).toBe(0)
  })
})

async function listReceived(): Promise<number[]> {
  const sql = 'SELECT receivedAt FROM quarantine WHERE part = 0'
  return (await env.DB.prepare(sql).all<{ receivedAt: number }>()).results.map(
    ({ receivedAt }) => receivedAt,
  )
}

it.each([1, 2, 3, 7, 8, 30])(
  'is deleted within two days after %i, and no sooner than a day after the notification',
  async (quarantineDays) => {
    const operator = new Operator()
    const changes = days(quarantineDays)
    const warned = Math.max(0, quarantineDays - 7) * DAY
    const notifiedAt: number[] = []
    for (let hour = 0; hour < 24 * 9; hour += 5) await quarantined(START + hour * HOUR, 'why')
    for (let hour = 24 * 9; hour < 24 * (quarantineDays + 12); hour += 6) {
      const now = START + hour * HOUR
      const before = await listReceived()
      await expire(now, changes)
      const left = await listReceived()
      for (const receivedAt of before.filter((time) => !left.includes(time))) {
        expect(now - receivedAt).toBeGreaterThanOrEqual(quarantineDays * DAY)
        const isNotified = notifiedAt.some(
          (time) => time <= now - DAY && time >= receivedAt + warned,
        )
        expect(isNotified).toBe(true)
      }
      if (hour > 24 * 13) {
        const oldest = Math.min(...left, Infinity)
        expect(now - oldest).toBeLessThanOrEqual((quarantineDays + 2) * DAY + 6 * HOUR)
      }
      if ((await operator.hear(now, changes)).includes('started expiring')) notifiedAt.push(now)
    }
    expect(await count('quarantine')).toBe(0)
  },
  600_000,
)

it('are deleted in limited steps, the end of a long item first', async () => {
  const operator = new Operator()
  const numbers = 'WITH RECURSIVE n(v) AS (SELECT 0 UNION ALL SELECT v + 1 FROM n WHERE v < 2999)'
  const insert = `${numbers} INSERT INTO quarantine SELECT ?, 0, v, 'body', 'long', ?, 'w', NULL, 'sent' FROM n`
  await run(insert, 'a', START)
  await run(insert, 'b', START + 1)
  await quarantined(START - 1, 'short')
  await operator.check(START + 24 * DAY)
  const now = START + 30 * DAY + MINUTE
  const { db, rowsRead } = countReads(env.DB)
  expect(await expire(now, { DB: db })).toBe(3_001)
  expect(rowsRead()).toBeLessThan(20_000)
  const left = env.DB.prepare(
    'SELECT request, min(part) AS first, max(part) AS last FROM quarantine GROUP BY request',
  )
  expect((await left.all()).results).toEqual([
    { request: 'a', first: 0, last: 0 },
    { request: 'b', first: 0, last: 2_999 },
  ])
  expect(await expire(now)).toBe(1)
  expect(await expire(now)).toBe(0)
})
