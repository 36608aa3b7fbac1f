import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { HOUR_MS } from '../../src/event/clock.ts'
import { startSync } from '../../src/sync/runs.ts'
import { listRuns } from '../../src/db/sync/runs.ts'
import { buildEvent } from '../event.ts'
import { clearTables, count, list, listQuarantine, read } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { store } from '../store-events.ts'
import { watchLog } from '../watch-log.ts'
import { Syncing, serve } from './syncing.ts'

const NOW = Date.UTC(2026, 0, 10, 12)
const START = NOW - 3 * HOUR_MS
const at = (ms: number) => new Date(ms).toISOString().slice(0, 19)
const log = watchLog()

beforeEach(clearTables)

async function syncAll(rows: Record<string, unknown>[], changes: Partial<Env> = {}) {
  const sync = new Syncing(serve(rows), changes)
  const number = await startSync(sync.env, 'backfill', START, NOW, NOW)
  await sync.run()
  const finished = (await listRuns(env.DB, 10)).find((each) => each.number === number)
  expect(finished).toMatchObject({ state: 'finished', error: null })
}

async function total() {
  const response = await read('/coverage?since=2026-01-01&until=2026-02-01')
  return (await response.json<{ total: object }>()).total
}

/** The logged counts of events that differ in the API. */
function differing() {
  const lines = log.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return lines.filter(({ event }) => event === 'api_differs')
}

const click = buildEvent({
  activityDateTime: at(START),
  activityStatus: 'CLICKED',
  clickEventLink: 'https://example.com/a',
  messageName: 'Sale',
  osName: 'Android',
  osType: 'Mobile',
  from: 'Shop',
})

const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(click).filter(([name]) => !names.includes(name)))

describe('an event that the webhook confirmed is not stored again if the API reports it differently', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ["with the API's parameter names", {}, []],
    ['in its own spelling', { mediaType: 'Email', contactId: '889891911', osType: 'Mobile ' }, []],
    [
      'with the parameters that the API adds',
      { externalRequestId: 'x', statusData: {}, offset: 5 },
      [],
    ],
    ['with one parameter less', without('osName'), ['osName']],
    ['with most left out', without('osName', 'osType', 'from', 'email', 'messageId'), ['email']],
    ['with a name that the message has by now', { messageName: 'Big sale' }, ['messageName']],
    ['with an address that the contact has by now', { email: 'new@example.com' }, ['email']],
    ['with a contact that it was merged into', { contactId: 5 }, ['contactId']],
    ['with an unknown parameter', { channelName: 'x' }, ['others']],
    ['without a link', without('clickEventLink'), ['clickEventLink']],
  ])('%s', async (_case, changes, parameters) => {
    await store(click)
    const row = Object.keys(changes).includes('iid') ? changes : { ...click, ...changes }
    for (let times = 0; times < 2; times++) await syncAll([row])
    expect(await count('activity')).toBe(1)
    expect(await total()).toMatchObject({ both: 1, webhookOnly: 0, apiOnly: 0 })
    const lines = differing()
    expect(lines).toHaveLength(parameters.length > 0 ? 2 : 0)
    if (lines[0]) expect(lines[0]['parameters']).toEqual(expect.arrayContaining(parameters))
    expect(JSON.stringify(lines)).not.toMatch(/example\.com|Big|Android/)
  })

  it('even if two such events only differ in parameters that the API adds', async () => {
    const [one, other] = [1, 2].map((code) => ({ ...click, statusData: { code } }))
    await store(one ?? {}, other ?? {})
    for (const rows of [[one], [other], [other, one]]) {
      await syncAll(rows.map((row) => ({ ...row, externalRequestId: 'x' })))
    }
    expect(await count('activity')).toBe(2)
    expect(await total()).toMatchObject({ both: 2, apiOnly: 0 })
    expect(differing()).toEqual([])
  })

  it('without an iid, by its contact', async () => {
    await store({ ...click, iid: '' })
    await syncAll([{ ...click, iid: null, osName: null }])
    expect(await count('activity')).toBe(1)
  })

  it('in the hour that the clocks show twice, at its second moment', async () => {
    const back = Date.UTC(2025, 9, 26, 1)
    const event = { ...click, activityDateTime: at(back + 1_000) }
    await store(event)
    const row = { ...event, activityDateTime: '2025-10-26T03:00:01', osName: null }
    const sync = new Syncing(serve([row]), { YESPO_API_TIME_ZONE: 'Europe/Kyiv' })
    await startSync(sync.env, 'backfill', back - 3 * HOUR_MS, back + 3 * HOUR_MS, NOW)
    await sync.run()
    expect(await count('activity')).toBe(1)
  })

  it('however often it happened', async () => {
    const rows = [click, click, click].map((event) => ({ ...event, osName: null }))
    await store(click, click)
    for (let times = 0; times < 2; times++) await syncAll(rows)
    expect(await count('activity')).toBe(3)
    expect(await total()).toMatchObject({ both: 2, apiOnly: 1 })
  })

  it('but proves the time zone', async () => {
    await store(click)
    const other = buildEvent({ activityDateTime: at(START + 1_000) })
    vi.useFakeTimers({ now: NOW + 3 * HOUR_MS, toFake: ['Date'] })
    await syncAll([{ ...click, osName: 'android' }, other], { YESPO_API_TIME_ZONE: '' })
    vi.useRealTimers()
    expect(await count('activity')).toBe(2)
  })
})

describe('an event that the webhook missed is stored', () => {
  it.each<[string, object]>([
    ['another status', { activityStatus: 'READ' }],
    ['another delivery', { iid: 'other' }],
    ['another link', { clickEventLink: 'https://example.com/b' }],
    ['permanent, not temporary', { hardBounce: true }],
    ['a second later', { activityDateTime: at(START + 1_000) }],
  ])('%s', async (_case, changes) => {
    await store({ ...click, hardBounce: false })
    await syncAll([{ ...click, hardBounce: false, ...changes }])
    expect(await count('activity')).toBe(2)
  })

  it.each([{ contactId: 5 }, { contactId: null, email: 'b@example.com' }])(
    'if it has no iid and is of another contact: %j',
    async (changes) => {
      await store({ ...click, iid: '' })
      await syncAll([{ ...click, iid: null, ...changes }])
      expect(await count('activity')).toBe(2)
    },
  )

  it('even if a similar one is stored, and the API leaves out any parameter', async () => {
    await store(click)
    const similar = { ...click, osType: 'Desktop' }
    for (const rows of [
      [similar, click],
      [similar, click].map((row) => ({ ...row, from: null })),
    ]) {
      await syncAll(rows)
      const { activity } = await list()
      expect(activity.map((each) => [each['osType'], each['origin']])).toEqual(
        expect.arrayContaining([
          ['Mobile', 'webhook'],
          ['Desktop', 'api'],
        ]),
      )
      expect(activity).toHaveLength(2)
    }
  })

  it('for each event of a delivery that the webhook missed', async () => {
    const rows = ['CLICKED', 'READ', 'DELIVERED', 'CLICKED'].map((activityStatus, index) => ({
      ...click,
      activityStatus,
      osName: `os ${index}`,
    }))
    for (let times = 0; times < 2; times++) await syncAll(rows)
    expect(await count('activity')).toBe(4)
    expect(await total()).toMatchObject({ both: 0, apiOnly: 4 })
  })
})

it('quarantines a row with two values for one parameter, unchanged', async () => {
  const row = JSON.stringify(click).replace('{', '{"contactId":1,')
  const sync = new Syncing(() => new Response(`[${row}]`))
  await startSync(sync.env, 'backfill', START, NOW, NOW)
  await sync.run()
  expect(await count('activity')).toBe(0)
  expect(await listQuarantine()).toMatchObject([{ sent: row, reason: 'contactId is given twice' }])
})

it('keeps both tokens of a row, and a numeric time', async () => {
  const row = { ...click, activityDateTime: START, webpush: 'a', webPushToken: 'b' }
  const sync = new Syncing(() => Response.json([row]))
  await startSync(sync.env, 'backfill', START, NOW, NOW)
  await sync.run()
  const [stored] = (await list()).activity
  expect(stored).toMatchObject({ occurredAt: START, webpush: 'a' })
  expect(stored?.extra).toEqual({ activityDateTime: START, webPushToken: 'b' })
})

it('reads few extra rows for an event that the API reports differently', async () => {
  const events = Array.from({ length: 200 }, (_, index) =>
    buildEvent({
      activityDateTime: at(START + Math.floor(index / 4) * 1_000),
      contactId: index,
      osName: 'Android',
    }),
  )
  await store(...events)
  // Thousands of events at other times.
  await env.DB.prepare(
    `INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign, iid, contactId, activityStatus)
     SELECT occurredAt - 1000000 - value * 1000, activity.id, 1, receivedAt, origin, campaign, iid, contactId, activityStatus
     FROM activity, json_each('[1,2,3,4,5,6,7,8,9,10]')`,
  ).run()
  const [known, otherwise] = [countReads(env.DB), countReads(env.DB)]
  await syncAll(events, { DB: known.db })
  await syncAll(
    events.map((event) => ({ ...event, osName: null })),
    { DB: otherwise.db },
  )
  expect(await count('activity')).toBe(events.length * 11)
  expect(known.rowsRead() / events.length).toBeLessThan(60)
  expect(otherwise.rowsRead() - known.rowsRead()).toBeLessThan(3 * events.length)
})
