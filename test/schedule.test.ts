import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { consumeTasks, runMaintenance as runClock } from '../src/schedule.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/event/clock.ts'
import { encodeTask, type Task } from '../src/platform/tasks.ts'
import { startErasure } from '../src/db/erasure/erasures.ts'
import { keepRaw } from '../src/db/write/raw-messages.ts'
import { ARCHIVE, fillDay, FREE, LATER, listFiles, PAID, readArchive } from './archive/bucket.ts'
import { Crashing } from './archive/crashing.ts'
import { buildBatch } from './deliver.ts'
import { buildEvent } from './event.ts'
import { faultyQueue } from './faulty.ts'
import { quarantined, replay } from './quarantine.ts'
import { clearBucket, clearTables, count, postWith } from './receiver.ts'
import { store } from './store-events.ts'
import { consumeTask, endLease, runMaintenance } from './run-maintenance.ts'
import { Invocation, limitD1, PLANS } from './strict/index.ts'

/** Operations of the queue for a message: it is written, read and deleted. */
const OPERATIONS = 3

/** Of an invocation on the free plan; whether each statement of a batch counts is undocumented. */
const MAX_STATEMENTS = 50

beforeEach(async () => {
  await clearTables()
  await clearBucket()
})

/** Work of so many calls that not each of them is tried. */
const LONG: ReadonlySet<string> = new Set(['an erasure in the archive', 'events to archive'])

type Bindings = Partial<Env> & { ARCHIVE?: R2Bucket | undefined }

const step = (task: Task, left = 0) => encodeTask({ task, left })

/** What is left of some work, and what it did; without anything that may differ from run to run. */
async function readTables(): Promise<unknown> {
  const queries = [
    'SELECT occurredAt, hex(id), contactId, email FROM activity ORDER BY 1, 2',
    'SELECT request, elementIndex, part, reason, sent FROM quarantine ORDER BY 1, 2, 3',
    'SELECT finishedAt IS NULL, removed, target FROM erasures ORDER BY number',
    'SELECT month, day, state, events, error FROM archive ORDER BY file',
    'SELECT * FROM hours ORDER BY 1',
    'SELECT kind, hour, part, counts FROM rollups ORDER BY 1, 2, 3',
    'SELECT hour, state FROM rollup_hours ORDER BY 1',
    'SELECT * FROM engagement ORDER BY 1, 2',
    'SELECT contacts FROM engagement_parts ORDER BY part',
    'SELECT contactId, name, key FROM contact_identifiers ORDER BY 1, 2, 3',
    "SELECT name FROM key_values WHERE name GLOB 'raw.*' OR name GLOB 'quarantine.replay.*' OR name GLOB 'erasure.[rp]*' OR name GLOB 'engagement.*'",
  ]
  const results = await env.DB.batch(queries.map((sql) => env.DB.prepare(sql)))
  const archived = (await readArchive()).map(({ id, occurredAt }) => `${occurredAt} ${id}`)
  return [...results.map((each) => each.results), archived]
}

/** What a receiver has to do, and when. */
const WORK: Readonly<Record<string, { task: Task; now: number; prepare: () => Promise<void> }>> = {
  'an erasure': {
    task: 'erasures',
    now: LATER,
    async prepare() {
      await fillDay(0, 20)
      await env.DB.prepare('UPDATE activity SET contactId = contactId % 3').run()
      await quarantined({ request: 'one', sent: JSON.stringify(eventOf(1)) })
      await start(1)
    },
  },
  'an erasure in the archive': {
    task: 'erasures',
    now: LATER,
    async prepare() {
      await fillDay(0, 10)
      await finish('archive', LATER, PAID)
      await start(1)
    },
  },
  'events to archive': {
    task: 'archive',
    now: LATER,
    async prepare() {
      await fillDay(0, 10)
    },
  },
  'a replay': {
    task: 'replay',
    now: LATER,
    async prepare() {
      for (let contactId = 0; contactId < 60; contactId++) {
        await quarantined({ request: `of ${contactId}`, sent: JSON.stringify(eventOf(contactId)) })
      }
      await replay('/replay', { TASKS: faultyQueue(undefined) })
    },
  },
  'raw messages': {
    task: 'raw',
    now: LATER,
    async prepare() {
      await keepRaw(env.DB, [await messageOf(1), await messageOf(2)], 'because')
    },
  },
  rollups: {
    task: 'rollups',
    now: LATER,
    async prepare() {
      const delivery = { iid: 'one', contactId: 1, activityDateTime: '2026-01-02T03:04:05' }
      const links = [1, 2, 3].map((page) => `https://shop.example.com/${page}`)
      await store(
        buildEvent({ ...delivery }),
        ...links.map((clickEventLink) =>
          buildEvent({ ...delivery, activityStatus: 'CLICKED', clickEventLink }),
        ),
      )
    },
  },
  engagement: {
    task: 'engagement',
    now: LATER,
    async prepare() {
      const midnight = Math.floor(LATER / DAY_MS) * DAY_MS
      const hour = midnight - HOUR_MS
      const contacts = Array.from({ length: 2_500 }, (_, contactId) => [
        contactId,
        'email',
        hour,
        null,
      ])
      await env.DB.batch([
        env.DB.prepare("INSERT INTO rollups VALUES ('contacts', ?, 0, ?)").bind(
          hour,
          JSON.stringify(contacts),
        ),
        env.DB.prepare("INSERT INTO key_values VALUES ('rollups.until', ?)").bind(String(midnight)),
      ])
    },
  },
  hours: {
    task: 'hours',
    now: LATER,
    async prepare() {
      await env.DB.prepare("INSERT INTO hours VALUES (?, '[]')")
        .bind(LATER - 30 * HOUR_MS)
        .run()
    },
  },
}

async function start(contactId: number): Promise<void> {
  const target = { contactIds: [String(contactId)], identifiers: [] }
  await startErasure(env.DB, target, false, LATER - HOUR_MS)
}

/** The same event each time. */
function eventOf(contactId: number): object {
  const iid = `00000000-0000-4000-8000-${String(contactId).padStart(12, '0')}`
  return buildEvent({ contactId, iid, activityDateTime: '2026-01-02T03:04:05' })
}

async function messageOf(contactId: number): Promise<string> {
  const sent: string[] = []
  await postWith({ ACTIVITY_QUEUE: faultyQueue(undefined, sent) }, [eventOf(contactId)])
  return sent[0] ?? ''
}

/** Does the work of one kind to its end. @returns how many messages that took */
async function finish(task: Task, now: number, changed: Bindings = FREE): Promise<number> {
  const sent = [step(task, 20)]
  const bindings = { ...env, ...changed, TASKS: faultyQueue(undefined, sent) } as Env
  let steps = 0
  for (let body = sent.shift(); body !== undefined; body = sent.shift()) {
    expect(await consumeTask(body, bindings, now)).toBe('ack')
    steps++
  }
  return steps
}

describe.each(Object.keys(WORK))('%s', (name) => {
  const work = WORK[name]
  if (!work) throw new Error(name)
  const { task, now, prepare } = work
  const stride = LONG.has(name) ? 3 : 1

  it('goes on from where it was killed, before and after any call', async () => {
    await prepare()
    await finish(task, now)
    const expected = await readTables()
    for (const when of ['before', 'after'] as const) {
      for (let [call, isOver] = [1, false]; !isOver; call += stride) {
        await clearTables()
        await clearBucket()
        await prepare()
        const crashing = new Crashing({ call, when, isKill: true })
        const killed = finish(task, now, {
          ...FREE,
          DB: crashing.database(env.DB),
          ARCHIVE: crashing.bucket(ARCHIVE),
        })
        isOver = await Promise.race([crashing.killed.then(() => false), killed.then(() => true)])
        await endLease()
        await finish(task, now)
        expect(await readTables(), `${when} call ${call}`).toEqual(expected)
      }
    }
  })

  it('takes no more statements a step than the free plan allows', async () => {
    await prepare()
    const sent = [step(task, 20)]
    for (let body = sent.shift(); body !== undefined; body = sent.shift()) {
      const invocation = new Invocation('queue', { limits: PLANS.paid })
      const DB = limitD1(env.DB, invocation)
      const bindings = { ...env, ...FREE, DB, TASKS: faultyQueue(undefined, sent) } as Env
      await consumeTask(body, bindings, now)
      expect(invocation.counts.statements).toBeLessThan(MAX_STATEMENTS)
    }
  })

  it('changes nothing if the message comes again when it is done', async () => {
    await prepare()
    await finish(task, now)
    const before = await readTables()
    expect(await finish(task, now)).toBe(1)
    expect(await readTables()).toEqual(before)
  })

  it('is done by the clock alone if the queue fails', async () => {
    await prepare()
    expect(await listDue()).toContain(step(task, 20))
    const failing = { ...env, ...FREE, TASKS: faultyQueue(new Error('429')) } as Env
    for (let run = 0; run < 40; run++) await runClock(failing, now + (run % 8) * 15 * MINUTE_MS)
    expect(await listDue()).not.toContain(step(task, 20))
  })

  /** The messages that the clock would send. */
  async function listDue(): Promise<string[]> {
    const sent: string[] = []
    await runClock({ ...env, ...FREE, TASKS: faultyQueue(undefined, sent) } as Env, now)
    return sent
  }
})

it('spends no more than 300 operations of the queue on a day without events', async () => {
  const midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS
  await runUntilIdle(midnight)
  const sent: string[] = []
  for (let at = midnight; at < midnight + DAY_MS; at += 15 * MINUTE_MS) {
    const messages: string[] = []
    const bindings = { ...env, TASKS: faultyQueue(undefined, messages) }
    await runClock(bindings, at)
    sent.push(...messages)
    for (let body = messages.shift(); body !== undefined; body = messages.shift()) {
      const before = messages.length
      await consumeTask(body, bindings, at)
      sent.push(...messages.slice(before))
    }
  }
  expect(sent.length).toBeGreaterThan(0)
  expect(sent.length * OPERATIONS).toBeLessThan(300)
})

async function runUntilIdle(now: number): Promise<void> {
  for (let run = 0; run < 10; run++) await runMaintenance(env, now)
}

describe('a message', () => {
  it('waits while another step is under way', async () => {
    await prepareErasure()
    const until = String(Date.now() + MINUTE_MS)
    await env.DB.prepare("INSERT INTO key_values VALUES ('maintenance.until', ?)").bind(until).run()
    expect(await consumeTask(step('erasures'), env, LATER)).toEqual({ delaySeconds: 30 })
  })

  it('does its step once the one under way must have been killed', async () => {
    await prepareErasure()
    const until = String(Date.now() - 1)
    await env.DB.prepare("INSERT INTO key_values VALUES ('maintenance.until', ?)").bind(until).run()
    expect(await consumeTask(step('erasures'), env, LATER)).toBe('ack')
    expect(await count('activity')).toBe(0)
  })

  it('waits if another one does a step at the same time, which is done once', async () => {
    await fillDay(0, 10)
    const bindings = { ...env, ...PAID } as Env
    const outcomes = await Promise.all(
      [1, 2].map(() => consumeTask(step('archive'), bindings, LATER)),
    )
    expect(outcomes).toContain('ack')
    expect(outcomes).toContainEqual({ delaySeconds: 30 })
    expect(await listFiles()).toMatchObject([{ state: 'done', events: 10, version: 1, tries: 0 }])
    expect(await readArchive()).toHaveLength(10)
  })

  it('of a later version waits for that', async () => {
    const later = '{"v":2,"task":"erasures"}'
    expect(await consumeTask(later, env)).toEqual({ delaySeconds: 300 })
  })

  it('that was killed three times is dropped, as the clock sends another', async () => {
    await prepareErasure()
    const { batch, settled } = buildBatch([step('erasures', 20)], { attempts: 4 })
    await consumeTasks(batch.messages, env, LATER)
    expect(settled).toEqual(['ack'])
    const sent: string[] = []
    await runClock({ ...env, TASKS: faultyQueue(undefined, sent) }, LATER + 15 * MINUTE_MS)
    expect(sent).toContain(step('erasures', 20))
  })

  it('whose step fails comes again soon', async () => {
    const prepare = (sql: string) => {
      if (sql.includes('INSERT INTO hours')) throw new Error('down')
      return env.DB.prepare(sql)
    }
    const failing = { ...env, DB: { prepare } as D1Database }
    expect(await consumeTask(step('hours'), failing, LATER)).toEqual({ delaySeconds: 2 })
    expect(await consumeTask(step('hours'), env, LATER)).toBe('ack')
    expect(await count('hours')).toBeGreaterThan(0)
  })

  async function prepareErasure(): Promise<void> {
    await fillDay(0, 1)
    await start(0)
  }
})

it('moves no more events on a day that wrote half of the rows of the free plan', async () => {
  await fillDay(0, 10)
  await env.DB.prepare('INSERT INTO usage VALUES (?, 50001, 0, 0, 0, 0, 0, NULL)').bind(LATER).run()
  await runMaintenance({ ...env, ...FREE } as Env, LATER)
  expect(await listFiles()).toEqual([])
  await runMaintenance({ ...env, ...FREE } as Env, LATER + DAY_MS)
  expect(await count('activity')).toBe(0)
})

it('an erasure that a request could not finish goes on by a message at once', async () => {
  await fillDay(0, 1)
  const sent: { body: string; delaySeconds: number }[] = []
  const TASKS = {
    sendBatch: async (messages: { body: string; delaySeconds: number }[]) => {
      sent.push(...messages)
    },
  } as unknown as Queue
  const { runErasure } = await import('../src/erasure/run.ts')
  await runErasure({ ...env, TASKS }, { contactIds: ['0'], identifiers: [] }, false)
  expect(sent).toEqual([{ body: step('erasures', 20), contentType: 'text', delaySeconds: 10 }])
})
