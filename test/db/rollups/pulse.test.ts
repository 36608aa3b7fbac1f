import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { advanceRollups } from '../../../src/db/rollups/advance.ts'
import type { PulseRow } from '../../../src/db/rollups/pulse.ts'
import { findRolledUp, readPulse } from '../../../src/db/rollups/read-pulse.ts'
import { Budget } from '../../../src/platform/budget.ts'
import { buildEvent } from '../../event.ts'
import { clearTables } from '../../receiver.ts'
import { store } from '../../store-events.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]
const START = Date.parse('2026-03-01T08:00Z')
const NOW = START + 5 * HOUR

beforeEach(clearTables)

async function rollUp(): Promise<void> {
  while (await advanceRollups(env.DB, new Budget('paid', 'task', 20_000), 1_000, NOW)) continue
}

const at = (minute: number, changes: object) =>
  buildEvent({
    activityDateTime: new Date(START + minute * MINUTE).toISOString().slice(0, 19),
    ...changes,
  })

const from = (email: string, changes: object = {}) => ({
  email,
  contactId: email.length,
  ...changes,
})

async function pulse(): Promise<PulseRow[]> {
  const parts = await readPulse(env.DB, { since: START, until: START + HOUR })
  return parts.flatMap(({ rows }) => rows).sort()
}

const EVENTS = [
  at(1, from('a@gmail.com', { iid: 'a', activityStatus: 'DELIVERED' })),
  at(2, from('a@gmail.com', { iid: 'a', activityStatus: 'READ' })),
  at(3, from('a@gmail.com', { iid: 'a', activityStatus: 'READ' })),
  at(4, from('b@olena-petrenko.name', { iid: 'b', activityStatus: 'DELIVERED' })),
  at(
    20,
    from('c@hotmail.com', {
      iid: 'c',
      activityStatus: 'UNDELIVERED',
      statusDescription: '550 5.7.1 blocked, S3150: your IP is on our block list',
    }),
  ),
  at(50, {
    iid: 'd',
    activityStatus: 'UNDELIVERED',
    mediaType: 'my own channel',
    email: null,
    statusDescription: null,
  }),
]

const EXPECTED = [
  ['email', 'gmail', 1, 1, 0, 0, 0, []],
  ['email', 'other', 1, 0, 0, 0, 0, []],
  ['email', 'outlook', 0, 0, 0, 0, 0, [['reputation', 0, 1, 0, 0]]],
  ['other', '', 0, 0, 0, 0, 0, [['unknown', 0, 0, 0, 1]]],
]

it('counts contacts by channel and provider, without names that a sender chose', async () => {
  await store(...EVENTS)
  await rollUp()
  expect(await pulse()).toEqual(EXPECTED)
  expect(await findRolledUp(env.DB, NOW)).toBe(NOW - HOUR)
})

it('counts them again if an event comes late', async () => {
  await store(...EVENTS.slice(0, 5))
  await rollUp()
  await store(...EVENTS.slice(5))
  await env.DB.prepare("UPDATE rollup_hours SET since = 0 WHERE state = 'stale'").run()
  await rollUp()
  expect(await pulse()).toEqual(EXPECTED)
})
