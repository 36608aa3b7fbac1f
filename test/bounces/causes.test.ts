import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { advanceRollups } from '../../src/db/rollups/advance.ts'
import { Budget } from '../../src/platform/budget.ts'
import { buildEvent } from '../event.ts'
import { clearTables, read } from '../receiver.ts'
import { store } from '../store-events.ts'
import { visit } from '../visit.ts'

const [MINUTE, HOUR] = [60_000, 3_600_000]
const START = Date.parse('2026-03-01T10:00Z')

beforeEach(clearTables)

function bounce(minute: number, statusDescription: string | null, changes: object = {}) {
  const activityDateTime = new Date(START + minute * MINUTE).toISOString().slice(0, 19)
  const event = { activityStatus: 'UNDELIVERED', hardBounce: true, mediaType: 'email' }
  return buildEvent({ ...event, activityDateTime, statusDescription, ...changes })
}

async function rollUpUntil(now: number): Promise<void> {
  while (await advanceRollups(env.DB, new Budget('paid', 'task', 20_000), 1_000, now));
}

type Counted = { cause: string; events: number; hard: number; soft: number; share: number }
type Bounces = {
  events: number
  causes: (Counted & { title: string; advice: string })[]
  reasons: { reason: string; cause: string }[]
  scanned: { waitingHours: number; complete: boolean }
}

async function readBounces(query = ''): Promise<Bounces> {
  const response = await read(`/reports/bounces?${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

async function countCauses(query = ''): Promise<Record<string, number[]>> {
  const { causes } = await readBounces(query)
  return Object.fromEntries(
    causes.map(({ cause, events, hard, soft }) => [cause, [events, hard, soft]]),
  )
}

/** Three hours of bounces, in two channels and campaigns. */
const BOUNCES = [
  bounce(1, '550 5.1.1 user unknown'),
  bounce(2, '550 no such user', { messageId: 7 }),
  bounce(3, '552 mailbox full', { hardBounce: false, messageId: 7 }),
  bounce(61, 'EXPIRED', { mediaType: 'sms', hardBounce: null }),
  bounce(62, 'it is what it is', { hardBounce: false }),
  bounce(121, '550 5.1.1 user unknown'),
]
const ALL = {
  mailboxUnknown: [3, 3, 0],
  mailboxFull: [1, 0, 1],
  smsNotReachable: [1, 0, 0],
  unknown: [1, 0, 1],
}

describe('causes', () => {
  it('are in words, most frequent first, with their shares', async () => {
    await store(...BOUNCES)
    const { causes } = await readBounces()
    expect(causes[0]).toEqual({
      cause: 'mailboxUnknown',
      title: 'Mailbox unknown',
      meaning: expect.stringMatching(/./),
      advice: expect.stringContaining('Stop writing'),
      events: 3,
      hard: 3,
      soft: 0,
      share: 0.5,
    })
    expect(causes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 3)
  })

  it.each([
    ['before the rollups', START],
    ['with some hours rolled up', START + 2.5 * HOUR],
    ['with all hours rolled up', START + 5 * HOUR],
  ])('are complete %s', async (_when, now) => {
    await store(...BOUNCES)
    await rollUpUntil(now)
    expect(await countCauses()).toEqual(ALL)
    expect((await readBounces()).scanned).toMatchObject({ waitingHours: 0, complete: true })
  })

  it('count events that have left the database', async () => {
    await store(...BOUNCES)
    await rollUpUntil(START + 5 * HOUR)
    await env.DB.prepare('DELETE FROM activity').run()
    expect(await countCauses()).toEqual(ALL)
    expect((await readBounces()).events).toBe(0)
    const page = await (
      await visit('/bounces?since=2026-03-01T00:00Z&until=2026-03-02T00:00Z')
    ).text()
    expect(page).toContain('Mailbox unknown')
    expect(page).not.toContain('No bounces in this period')
  })

  it.each([
    ['messageId=7', { mailboxUnknown: [1, 1, 0], mailboxFull: [1, 0, 1] }],
    ['mediaType=SMS', { smsNotReachable: [1, 0, 0] }],
    ['messageId=8', {}],
    [
      `since=${START + 90 * MINUTE}`,
      { smsNotReachable: [1, 0, 0], unknown: [1, 0, 1], mailboxUnknown: [1, 1, 0] },
    ],
    [`until=${START + 30 * MINUTE}`, { mailboxUnknown: [2, 2, 0], mailboxFull: [1, 0, 1] }],
  ])('are filtered by %s, of full hours', async (query, expected) => {
    await store(...BOUNCES)
    expect(await countCauses(query)).toEqual(expected)
    await rollUpUntil(START + 2.5 * HOUR)
    expect(await countCauses(query)).toEqual(expected)
    await rollUpUntil(START + 5 * HOUR)
    expect(await countCauses(query)).toEqual(expected)
  })

  it('say how many hours wait to be counted again', async () => {
    await store(...BOUNCES)
    await rollUpUntil(START + 5 * HOUR)
    await store(bounce(5, '550 5.1.1 user unknown'))
    expect((await readBounces()).scanned.waitingHours).toBe(1)
    expect((await readBounces(`since=${START + HOUR}`)).scanned.waitingHours).toBe(0)
    await rollUpUntil(Date.now() + 10 * HOUR)
    expect(await countCauses()).toEqual({ ...ALL, mailboxUnknown: [4, 4, 0] })
  })
})

describe('the cause of a reason', () => {
  it('is that of most of its texts', async () => {
    await store(
      bounce(1, '550 5.7.1 blocked using Spamhaus'),
      bounce(2, '550 5.7.1 listed at bl.example.net'),
      bounce(3, '550 5.7.1 (delivery not authorized)'),
    )
    expect((await readBounces()).reasons).toMatchObject([{ reason: '5.7.1', cause: 'reputation' }])
  })

  it('depends on the channel', async () => {
    await store(bounce(1, '404: null', { mediaType: 'webpush' }))
    expect((await readBounces()).reasons).toMatchObject([{ cause: 'pushTokenExpired' }])
  })
})

it('the page says what causes mean and what to do', async () => {
  await store(...BOUNCES)
  const page = await (
    await visit('/bounces?since=2026-03-01T00:00Z&until=2026-03-02T00:00Z')
  ).text()
  expect(page).toContain('There is no such email address.')
  expect(page).toContain('Stop writing to the address.')
})
