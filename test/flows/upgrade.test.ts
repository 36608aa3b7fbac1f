import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it } from 'vitest'
import { normalize } from '../../src/activity/normalize.ts'
import { toRow } from '../../src/store/columns.ts'
import { encodeSetAside, packMessages } from '../../src/store/message.ts'
import { recount } from '../../src/store/recount.ts'
import { deliver } from '../deliver.ts'
import { buildEvent } from '../event.ts'
import { faultyQueue } from '../faulty.ts'
import { PlainRecount, readKept } from '../plain-recount.ts'
import { count, listQuarantine, postWith } from '../receiver.ts'
import { listEverything } from '../store-events.ts'
import statements from '../samples/statements-v1.json'

const OLD_EVENTS = 12_000 // more than one step of a recount
const STATUSES = ['DELIVERED', 'READ', 'CLICKED', 'UNDELIVERED', 'SPAM', 'UNSUBSCRIBED']
const SAMPLE_ID = 'AAAAAAAAAAAAAAAAAAAAAA'

/** The text of a message in the queue, by each version that ever wrote one. */
const SAMPLES = Object.entries(
  import.meta.glob('../samples/message-v*.json', { query: '?raw', import: 'default', eager: true }),
)
  .map(([path, text]) => ({ version: Number(/v(\d+)/.exec(path)?.[1]), text: text.trim() }))
  .sort((one, other) => one.version - other.version)

/** Takes the database back to the first so many migrations, empty. */
async function goBackTo(migrations: number): Promise<void> {
  const sql = `
    SELECT name FROM sqlite_master
    WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`
  const { results } = await env.DB.prepare(sql).all<{ name: string }>()
  await env.DB.batch(results.map(({ name }) => env.DB.prepare(`DROP TABLE "${name}"`)))
  await migrateTo(migrations)
}

const migrateTo = (migrations: number) =>
  applyD1Migrations(env.DB, env.TEST_MIGRATIONS.slice(0, migrations))

afterEach(() => migrateTo(env.TEST_MIGRATIONS.length))

/** Events as the first release stored them, when nothing was counted yet. */
async function fillFirstSchema(events: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1)
    INSERT INTO activity (occurredAt, id, receivedAt, origin, activityDateTime, activityStatus, iid,
      contactId, email, mediaType, messageId, hardBounce)
    SELECT 1694680203000 + n * 7000, printf('%022d', n), 1694680204000, 'webhook',
      strftime('%Y-%m-%dT%H:%M:%S', 1694680203 + n * 7, 'unixepoch'),
      json_extract(?2, '$[' || (n % ${STATUSES.length}) || ']'), printf('%08d-old', n / 3), n / 3 % 40,
      'contact' || (n / 3 % 40) || '@example.com', 'email', n % 5, n % 2
    FROM numbers`,
  )
    .bind(events, JSON.stringify(STATUSES))
    .run()
}

/** A queue that delivers again what was not acknowledged. */
class Waiting {
  texts: string[] = []
  accepted = 0

  /** Puts the events of one more request in it. */
  async add(events: number): Promise<void> {
    const body = Array.from({ length: events }, (_, place) =>
      buildEvent({ activityStatus: STATUSES[place % STATUSES.length], contactId: place }),
    )
    await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, this.texts) }, body)
    this.accepted += events
  }

  /** Delivers all of it; what was tried long enough for an unknown fault is no different. */
  async deliver(): Promise<'retry' | 'ack'> {
    const settled = await deliver(this.texts, { attempts: 50 })
    this.texts = this.texts.filter((_, place) => settled[place] !== 'ack')
    const [how, ...others] = new Set(settled.map((each) => (each === 'ack' ? 'ack' : 'retry')))
    expect(others).toEqual([])
    return how ?? 'ack'
  }
}

async function recountAll(): Promise<void> {
  let since: number | undefined
  do since = (await recount(env.DB, since)).next ?? undefined
  while (since !== undefined)
}

async function expectCounted(): Promise<number> {
  const plain = new PlainRecount()
  const ids = new Set<string>()
  let events = 0
  for await (const event of listEverything()) {
    events++
    ids.add(event.id)
    plain.add(event)
  }
  expect(ids.size).toBe(events)
  const kept = await readKept(env.DB)
  expect(kept.totals).toEqual(plain.totals)
  expect(kept.names).toEqual(plain.names)
  expect(kept.suppressions.toSorted()).toEqual([...plain.suppressions].sort())
  return events
}

describe('a migration', () => {
  it('of a database full of events loses and doubles none of those that come in meanwhile', async () => {
    await goBackTo(1)
    await fillFirstSchema(OLD_EVENTS)
    const queue = new Waiting()
    for (let applied = 1; applied < env.TEST_MIGRATIONS.length; applied++) {
      const stored = await count('activity')
      await queue.add(7)
      const waiting = queue.texts.length
      // All of it, or nothing: never is a message given up that only waits for a table.
      if ((await queue.deliver()) === 'ack') expect(await count('activity')).toBeGreaterThan(stored)
      else {
        expect(await count('activity')).toBe(stored)
        expect(queue.texts).toHaveLength(waiting)
      }
      await queue.add(7)
      await Promise.all([queue.deliver(), migrateTo(applied + 1)])
      expect(await count('quarantine')).toBe(0)
    }
    expect(await queue.deliver()).toBe('ack')
    expect(queue.texts).toEqual([])
    expect(await count('quarantine')).toBe(0)
    expect(await count('activity')).toBe(OLD_EVENTS + queue.accepted)
    await recountAll()
    expect(await expectCounted()).toBe(OLD_EVENTS + queue.accepted)
  })

  it('that the code needs is waited for', async () => {
    await goBackTo(1)
    const queue = new Waiting()
    await queue.add(3)
    expect(await queue.deliver()).toBe('retry')
    expect(await count('activity')).toBe(0)
    await migrateTo(env.TEST_MIGRATIONS.length)
    expect(await queue.deliver()).toBe('ack')
    expect(await expectCounted()).toBe(3)
  })
})

describe('the release before', () => {
  /** Saves as it did, under an id of its own. */
  const saveAsBefore = (id: string) => {
    const fresh = (value: unknown) =>
      typeof value === 'string' ? value.replaceAll(SAMPLE_ID, id) : value
    const stamped = (value: unknown) => (/^\d{13}\.[\w-]+$/.test(String(value)) ? id : fresh(value))
    return env.DB.batch(
      statements.map(({ sql, values }) => env.DB.prepare(sql).bind(...values.map(stamped))),
    )
  }

  it('still stores and counts in the tables of today', async () => {
    const queue = new Waiting()
    await queue.add(4)
    await queue.deliver()
    for (const letter of ['B', 'C']) await saveAsBefore(letter.repeat(22))
    await queue.add(4)
    await queue.deliver()
    await saveAsBefore('C'.repeat(22)) // delivered again
    expect(await expectCounted()).toBe(10)
    expect(await listQuarantine()).toHaveLength(2)
    const ids = env.DB.prepare(
      "SELECT id FROM activity WHERE activityStatus = 'CLICKED' AND id < 'D'",
    )
    expect((await ids.raw()).flat()).toEqual(
      expect.arrayContaining(['B'.repeat(22), 'C'.repeat(22)]),
    )
  })

  it.each(SAMPLES)('wrote messages that are still read: version $version', async ({ text }) => {
    const queue = new Waiting()
    queue.texts.push(text)
    expect(await queue.deliver()).toBe('ack')
    const { accepted, rejected } = JSON.parse(text) as { accepted: number; rejected: number }
    expect(await count('activity')).toBe(accepted)
    const setAside = await listQuarantine()
    expect(setAside).toHaveLength(rejected)
    expect(setAside.filter(({ kind }) => kind === 'message')).toEqual([])
    expect(await expectCounted()).toBe(accepted)
  })
})

it('writes messages as in the newest sample: a new form needs one more, and the old ones stay', () => {
  const element = {
    activityStatus: 'CLICKED',
    activityDateTime: '2023-09-14T08:30:03',
    contactId: 889891911,
    email: 'contact@example.com',
    hardBounce: false,
    subscriptions: ['news'],
    workflowInstanceId: 'da33697d-52d8-11ee-9d24-7ec2059b5114',
    statusData: {},
  }
  const identify = () => SAMPLE_ID
  const [taken, refused] = [element, 5].map((value) => normalize(value, identify, 'UTC'))
  const row = taken && 'activity' in taken ? JSON.stringify(toRow(taken.activity)) : ''
  const setAside = encodeSetAside({
    kind: 'element',
    request: SAMPLE_ID,
    elementIndex: 1,
    reason: refused && 'reason' in refused ? refused.reason : '',
    sent: '5',
  })
  const arrival = {
    receivedAt: 1694680204000,
    origin: 'webhook',
    labels: '{"X-Shop":"one"}',
  } as const
  expect(packMessages(arrival, [row], setAside)).toEqual([SAMPLES.at(-1)?.text])
})
