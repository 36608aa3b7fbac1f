import { env, exports } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { app } from '../../src/routes.ts'
import { describeSettings } from '../../src/settings/settings.ts'
import { findGrowth, readStatus, type Status } from '../../src/monitoring/api.ts'
import { statusSchema } from '../../src/monitoring/status-schema.ts'
import secrets from '../../.dev.vars.example?raw'
import { buildEvent } from '../event.ts'
import { read } from '../receiver.ts'
import { countReads } from '../rows-read.ts'
import { replay, quarantined as park } from '../quarantine.ts'
import { store } from '../store-events.ts'
import {
  DAY,
  HOUR,
  MINUTE,
  Operator,
  operatorEnv,
  queueWith,
  run,
  storedMessage,
  quarantined,
} from './operator.ts'
import { dateArrivals } from '../date-arrivals.ts'

const NOW = Date.parse('2026-03-10T12:00Z')
const TODAY = Date.parse('2026-03-10T00:00Z')

describe('GET /status', () => {
  it('of an empty receiver has no problems', async () => {
    expect(await readStatus(operatorEnv(), NOW)).toMatchObject({
      status: 'ok',
      problems: [],
      now: NOW,
      checkedAt: null,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      events: {
        lastReceivedAt: null,
        lastStoredAt: null,
        newestAt: null,
        lagMs: null,
        silenceMs: null,
        normalSilenceMs: null,
      },
      queue: { waiting: 0, oldestWaitingAt: null, deadLetters: 0 },
      quarantined: { items: 0, oldestAt: null, firstExpiresAt: null, expiringSoon: 0 },
      database: { limitBytes: 500_000_000, bytesPerDay: null, daysUntilFull: null },
      retention: {
        keepDays: 400,
        movesAfterDays: 400,
        hasArchive: true,
        oldestEventAt: null,
        archivedDays: 0,
        archivedEvents: 0,
        archivedBytes: 0,
        waitingLate: 0,
        unfinishedFiles: 0,
      },
      erasures: { underWay: 0, finished: 0 },
    })
  })

  it('shows what was received, and the processing delay', async () => {
    await store(buildEvent())
    await dateArrivals(NOW - HOUR, NOW - HOUR - 500)
    await run(`INSERT INTO key_values VALUES ('alert.silence', '{"at":1,"normal":7200000}')`)
    expect((await readStatus(operatorEnv(), NOW)).events).toEqual({
      lastReceivedAt: NOW - HOUR - 500,
      lastStoredAt: NOW - HOUR,
      newestAt: Date.parse('2023-09-14T08:30:03Z'),
      lagMs: 500,
      silenceMs: HOUR + 500,
      normalSilenceMs: 2 * HOUR,
    })
  })

  it('is not affected by a replay of old items', async () => {
    const before = Date.now()
    await store(buildEvent())
    for (let index = 0; index < 8; index++) {
      const sent = JSON.stringify(buildEvent({ iid: `${index}` }))
      const id = await park({ sent, receivedAt: before - 20 * DAY })
      expect(await replay(`/${id}/replay`)).toMatchObject({ events: 1 })
    }
    const { events } = await readStatus(operatorEnv(), Date.now())
    expect(events.lastReceivedAt).toBeGreaterThanOrEqual(before)
    expect(events.silenceMs).toBeLessThan(HOUR)
    expect([null, 0]).toContain(events.lagMs && Math.floor(events.lagMs / MINUTE))
  })

  it('reports no delay that a queue cannot cause', async () => {
    await store(buildEvent())
    await dateArrivals(NOW, NOW - 4 * DAY)
    expect((await readStatus(operatorEnv(), NOW)).events).toMatchObject({ lagMs: 4 * DAY })
    await dateArrivals(NOW + 1, NOW - 4 * DAY)
    expect((await readStatus(operatorEnv(), NOW)).events).toMatchObject({ lagMs: null })
  })

  it('caches expensive counts for a minute, and shows everything else as it is now', async () => {
    const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 2000)'
    await run(
      `${numbers} INSERT INTO quarantine SELECT 'r' || v, 0, 0, 'element', 'why' || v, v, 'w', NULL, '' FROM n`,
    )
    await run(
      `${numbers} INSERT INTO archive (month, day, state, events, bytes) SELECT v, v, 'done', 1, 1 FROM n`,
    )
    const { db: DB, rowsRead } = countReads(env.DB)
    const bindings = { ...env, DB }
    const start = Date.now()
    vi.useFakeTimers({ now: start, toFake: ['Date'] })
    const readStatus = async () => {
      const headers = { Authorization: 'Bearer read-token-for-tests' }
      return (await app.request('/status', { headers }, bindings)).json<Status>()
    }
    expect((await readStatus()).quarantined.items).toBe(1_000)
    const first = rowsRead()
    await run("INSERT INTO alerts VALUES ('silence', ?, 1, NULL)", storedMessage('x'))
    await run('DELETE FROM quarantine')
    for (let second = 10; second < 60; second += 10) {
      vi.setSystemTime(start + second * 1_000)
      const { now, status, quarantined: items } = await readStatus()
      expect([now, status, items.items]).toEqual([start + second * 1_000, 'attention', 1_000])
    }
    expect(rowsRead() - first).toBeLessThan(300)
    vi.setSystemTime(start + 10 * MINUTE)
    expect((await readStatus()).quarantined.items).toBe(0)
    vi.useRealTimers()
  })

  it('counts each time if that is cheap', async () => {
    await quarantined(NOW, 'why')
    const readStatus = async () => (await (await read('/status')).json<Status>()).quarantined.items
    expect(await readStatus()).toBe(1)
    await quarantined(NOW, 'why')
    expect(await readStatus()).toBe(2)
  })

  it('shows null for a queue without metrics', async () => {
    const silent = { ACTIVITY_QUEUE: queueWith(undefined), DEAD_LETTERS: queueWith(3, NOW) }
    const { queue, status } = await readStatus(operatorEnv(silent), NOW)
    expect(queue).toEqual({ waiting: null, oldestWaitingAt: null, deadLetters: 3 })
    expect(status).toBe('ok')
    const waiting = { ACTIVITY_QUEUE: queueWith(5, NOW - MINUTE) }
    expect((await readStatus(operatorEnv(waiting), NOW)).queue).toEqual({
      waiting: 5,
      oldestWaitingAt: NOW - MINUTE,
      deadLetters: 0,
    })
  })

  it('shows the state of scheduled syncs, if there are any', async () => {
    const scheduled = operatorEnv({ YESPO_API_KEY: 'api-key' })
    const onDemand = { ...scheduled, YESPO_API_MINUTES: '0' } as unknown as Env
    const insert = (kind: string, state: string, error: string | null, delay: string | null) =>
      run(
        `INSERT INTO sync_runs (kind, since, until, state, error, delay, beganAt, movedAt, tries, sent, finishedAt)
         VALUES (?, 1, 2, ?, ?, ?, ?, ?, 1, 1, ?)`,
        kind,
        state,
        error,
        delay,
        NOW - 2 * HOUR,
        NOW - MINUTE,
        state === 'running' ? null : NOW - HOUR,
      )
    expect((await readStatus(scheduled, NOW)).api).toEqual({ ended: null, running: null })
    await insert('schedule', 'stopped', 'Why.', null)
    await insert('schedule', 'cancelled', null, null)
    await insert('schedule', 'running', null, 'Yespo failed (500)')
    await insert('backfill', 'finished', 'Another.', null)
    const number = await env.DB.prepare('SELECT min(number) AS n FROM sync_runs').first('n')
    const expected = {
      ended: { number, state: 'stopped', until: 2, finishedAt: NOW - HOUR, error: 'Why.' },
      running: {
        beganAt: NOW - 2 * HOUR,
        movedAt: NOW - 2 * HOUR,
        delay: 'Yespo failed (500)',
        stalled: true,
      },
    }
    const { api } = await readStatus(scheduled, NOW)
    expect(api).toEqual(expected)
    expect(statusSchema().shape.api.parse(api)).toEqual(expected)
    expect((await readStatus(onDemand, NOW)).api).toBeNull()
    expect((await readStatus(operatorEnv(), NOW)).api).toBeNull()
  })

  it('responds with attention while there is a problem', async () => {
    const operator = new Operator()
    const dead = { DEAD_LETTERS: queueWith(1) }
    await operator.check(NOW, dead)
    expect(await readStatus(operatorEnv(), NOW + MINUTE)).toMatchObject({
      status: 'attention',
      checkedAt: NOW,
      problems: [{ name: 'dead_letters', message: expect.any(String), since: NOW }],
    })
    await operator.check(NOW + MINUTE)
    expect(await readStatus(operatorEnv(), NOW + MINUTE)).toMatchObject({ status: 'ok' })
  })

  it('says if alerts cannot be posted', async () => {
    const operator = new Operator()
    operator.respond = () => new Response('', { status: 404 })
    await operator.check(NOW, { DEAD_LETTERS: queueWith(1) })
    const { problems } = await readStatus(operatorEnv(), NOW)
    expect(problems.map(({ name }) => name)).toEqual(['alert_url', 'dead_letters'])
  })

  it('says if the schedule has stopped, and if settings lock everyone out', async () => {
    await new Operator().check(NOW)
    const late = await readStatus(operatorEnv({ WEBHOOK_LOGIN: '' }), NOW + 45 * MINUTE + 1)
    expect(late.problems).toEqual([
      {
        name: 'settings',
        message: expect.stringContaining('WEBHOOK_LOGIN'),
        since: expect.any(Number),
      },
      { name: 'schedule', message: expect.stringContaining('crons'), since: NOW },
    ])
    expect((await readStatus(operatorEnv(), NOW + 45 * MINUTE)).problems).toEqual([])
  })

  it('shows what is in quarantine, and when it is deleted', async () => {
    await quarantined(NOW - 23 * DAY, 'why', 3)
    await quarantined(NOW - DAY, 'why')
    expect((await readStatus(operatorEnv(), NOW)).quarantined).toEqual({
      items: 2,
      countedUpTo: 1_000,
      expiringSoon: 1,
      oldestAt: NOW - 23 * DAY,
      firstExpiresAt: NOW + 7 * DAY,
    })
    const kept = await readStatus(operatorEnv({ QUARANTINE_DAYS: '0' }), NOW)
    expect(kept.quarantined).toMatchObject({ firstExpiresAt: null, expiringSoon: 0 })
  })

  it('shows after how many days events move to the archive', async () => {
    const days = async (changed: Partial<Env> & { ARCHIVE?: undefined }) =>
      (await readStatus(operatorEnv(changed), NOW)).retention.movesAfterDays
    expect(await days({ KEEP_DAYS: '30' })).toBe(30)
    expect(await days({ KEEP_DAYS: '0' })).toBe(null)
    expect(await days({ ARCHIVE: undefined })).toBe(null)
    const today = Math.floor(NOW / DAY) * DAY
    await run(`INSERT INTO key_values VALUES ('retention.early', ?)`, String(today - 12 * DAY))
    expect(await days({ KEEP_DAYS: '30' })).toBe(12)
    expect(await days({ KEEP_DAYS: '0' })).toBe(null)
  })

  it('counts the archive and erasures', async () => {
    await run(
      "INSERT INTO archive (month, day, state, events, bytes) VALUES (0, 1, 'done', 10, 100), (0, 1, 'done', 5, 50), (0, 2, 'written', 7, 70)",
    )
    await run('INSERT INTO archive_days VALUES (1)')
    await run("INSERT INTO late_arrivals VALUES (1, x'00')")
    await run(
      "INSERT INTO erasures (erasedAt, finishedAt, removed) VALUES (1, 2, '{}'), (3, NULL, '{}')",
    )
    expect(await readStatus(operatorEnv({ KEEP_DAYS: '30' }), NOW)).toMatchObject({
      retention: {
        keepDays: 30,
        archivedDays: 1,
        archivedEvents: 15,
        archivedBytes: 150,
        waitingLate: 1,
        unfinishedFiles: 1,
      },
      erasures: { underWay: 1, finished: 1 },
    })
  })

  it('shows how the database grows', async () => {
    const insert = 'INSERT INTO usage VALUES (?, ?, ?, ?, ?, 0, 0, NULL)'
    await run(insert, TODAY - 2 * DAY, 1, 2, 3, 1_000_000)
    await run(insert, TODAY - DAY, 2, 3, 4, 3_000_000)
    await run(insert, TODAY, 77, 88, 99, 3_000_001)
    const { database, usageToday } = await readStatus(operatorEnv({ CLOUDFLARE_PLAN: 'paid' }), NOW)
    expect(database).toMatchObject({
      limitBytes: 10_000_000_000,
      bytesPerDay: 2_000_000,
    })
    expect(usageToday).toEqual([
      { name: 'rowsWritten', used: 77, freePlan: 100_000 },
      { name: 'rowsRead', used: 88, freePlan: 5_000_000 },
      { name: 'queueOperations', used: 99, freePlan: 10_000 },
    ])
    const days = (database.limitBytes - database.bytes) / 2_000_000
    expect(database.daysUntilFull).toBe(Math.floor(days))
    await run('UPDATE usage SET databaseBytes = 1')
    expect((await readStatus(operatorEnv(), NOW)).database).toMatchObject({
      bytesPerDay: 0,
      daysUntilFull: null,
    })
  })

  it('needs the read token', async () => {
    expect((await read('/status', 'wrong')).status).toBe(401)
    const response = await read('/status')
    expect(response.status).toBe(200)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ status: 'ok' })
    const rejected = await exports.default.fetch('https://receiver.example.com/status', {
      method: 'POST',
      headers: { Accept: 'text/html' },
    })
    expect(rejected.status).toBe(405)
  })

  it('reads few rows in few statements, however large the tables', async () => {
    const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)'
    await run(
      `${numbers} INSERT INTO quarantine SELECT 'r' || v, 0, 0, 'element', 'why' || v, v, 'w', NULL, '' FROM n`,
    )
    await run(
      `${numbers} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign) SELECT v, zeroblob(16), 1, v, 'w', 1 FROM n`,
    )
    await run(`${numbers} INSERT INTO late_arrivals SELECT v, zeroblob(16) FROM n`)
    await run(
      `${numbers} INSERT INTO archive (month, day, state, events, bytes) SELECT v, v, 'done', 1, 1 FROM n WHERE v <= 400`,
    )
    let statements = 0
    const counted = countReads(env.DB)
    const batch = (list: D1PreparedStatement[]) => {
      statements += list.length
      return counted.db.batch(list)
    }
    const DB = { prepare: (sql: string) => counted.db.prepare(sql), batch } as unknown as D1Database
    const { quarantined: items, retention } = await readStatus(operatorEnv({ DB }), NOW)
    expect([items.items, retention.waitingLate]).toEqual([1_000, 1_000])
    expect(counted.rowsRead()).toBeLessThan(8_000)
    expect(statements).toBeLessThanOrEqual(15)
  })
})

describe('growth', () => {
  const day = (ago: number, databaseBytes: number) => ({
    day: TODAY - ago * DAY,
    databaseBytes,
  })

  it('is unknown after one day', () => {
    expect(findGrowth([], TODAY)).toBeNull()
    expect(findGrowth([day(0, 5)], TODAY)).toBeNull()
  })

  it('is the average per day, even if some days are missing', () => {
    expect(findGrowth([day(1, 10), day(0, 30)], TODAY)).toBe(20)
    expect(findGrowth([day(5, 10), day(1, 30), day(0, 1_000)], TODAY)).toBe(5)
    expect(findGrowth([day(2, 10), day(1, 4)], TODAY)).toBe(-6)
  })
})

describe('effective settings', () => {
  it('say whether each secret is set, and nothing more', () => {
    const names = [...secrets.matchAll(/^(?:# )?(\w+)=/gm)].map(([, name]) => name)
    const WEBHOOK_LOGIN = 'a login that is not to be seen'
    const described = describeSettings(operatorEnv({ WEBHOOK_LOGIN }))
    expect(Object.keys(described.secrets).toSorted()).toEqual(names.toSorted())
    expect(described.secrets).toMatchObject({
      WEBHOOK_LOGIN: true,
      ALERT_URL: true,
      OPERATE_TOKEN: false,
    })
    expect(JSON.stringify(described)).not.toMatch(
      /not to be seen|very-secret|read-token-for-tests|pass:word-for-tests/,
    )
  })

  it('include every setting of wrangler.toml', () => {
    const names = Object.keys(env).filter((name) => /^[A-Z][A-Z_]+$/.test(name))
    const { secrets: known, ...shown } = describeSettings(operatorEnv())
    const ofDeploy = ['JURISDICTION'] // which only `npm run deploy` reads
    const vars = names.filter(
      (name) =>
        !(name in known) && !ofDeploy.includes(name) && Object(env)[name]?.constructor === String,
    )
    expect(vars.toSorted()).toEqual(Object.keys(shown).toSorted())
  })
})

it('does not publish the version', async () => {
  const { version } = await readStatus(operatorEnv(), NOW)
  for (const path of ['/openapi.json', '/docs', '/health', '/status', '/sign-in']) {
    const response = await app.request(path, { redirect: 'manual' }, env)
    expect(await response.text()).not.toContain(version)
  }
})
