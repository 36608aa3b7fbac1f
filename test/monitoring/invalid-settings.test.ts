import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { app } from '../../src/routes.ts'
import { readStatus } from '../../src/monitoring/api.ts'
import { buildEvent } from '../event.ts'
import { count, postWith } from '../receiver.ts'
import { store } from '../store-events.ts'
import { watchLog } from '../watch-log.ts'
import { runMaintenance } from '../run-maintenance.ts'
import {
  ALERT_URL,
  DAY,
  HOUR,
  Operator,
  operatorEnv,
  queueWith,
  readMessage,
  run,
  quarantined,
} from './operator.ts'

const INVALID: [setting: keyof Env, value: string, words: string][] = [
  ['KEEP_DAYS', '400 days', 'events do not move to the archive'],
  ['ARCHIVE_BUCKET', 'My bucket', 'no events move to the archive'],
  ['CATALOG_URL', 'http://very-secret.example.com', 'which would expose CATALOG_TOKEN'],
  ['QUARANTINE_DAYS', '-1', 'quarantined items are not deleted'],
  ['CLOUDFLARE_PLAN', 'gratis', 'the limits of the free plan apply'],
  ['ALERT_URL', 'alerts.example.com/very-secret', 'alerts are only in the Worker'],
  ['ALERT_URL', 'https://someone:very-secret@alerts.example.com/', 'before an "@"'],
  ['ALERT_FORMAT', 'morse', 'alerts are only in the Worker'],
  [
    'OPERATE_TOKEN',
    'very secret for tests',
    'requests to erase, delete, replay or rebuild are rejected',
  ],
  ['OPERATE_TOKEN', 'very-secret', 'fewer than 16 characters'],
]

const log = watchLog()
const headers = { Authorization: 'Bearer read-token-for-tests' }

/** An environment in which one setting is invalid. */
const invalid = (setting: keyof Env, value: string) => operatorEnv({ [setting]: value })

describe.each(INVALID)('an invalid %s (%s)', (setting, value, words) => {
  it('does not stop sending and reading, and is shown in the status', async () => {
    const bindings = invalid(setting, value)
    expect((await postWith({ [setting]: value }, [buildEvent()])).status).toBe(200)
    for (const path of ['/activity', '/quarantine', '/status']) {
      expect((await app.request(path, { headers }, bindings)).status).toBe(200)
    }
    const { problems } = await readStatus(bindings, Date.now())
    expect(problems).toMatchObject([
      { name: 'settings', message: expect.stringContaining(`The setting ${setting} `) },
    ])
    expect(problems[0]?.message).toContain(words)
    expect(JSON.stringify(problems)).not.toMatch(/very.secret/)
  })

  it('does not stop erasures and checks', async () => {
    await store(buildEvent({ contactId: 1 }))
    expect((await app.request('/contacts/1', { method: 'DELETE', headers }, env)).status).toBe(200)
    await run(
      'UPDATE erasures SET finishedAt = NULL, target = ?',
      '{"stage":"archive","contactIds":[],"names":[],"digests":[]}',
    )
    const now = Date.now() + HOUR
    await runMaintenance(
      { ...invalid(setting, value), ALERT_URL: setting === 'ALERT_URL' ? value : '' },
      now,
    )
    expect(
      await env.DB.prepare('SELECT finishedAt FROM erasures').first('finishedAt'),
    ).not.toBeNull()
    expect(await readMessage('settings')).toContain(words)
  })
})

describe.each(INVALID.filter(([setting]) => !setting.startsWith('ALERT')))(
  '%s',
  (setting, value) => {
    it('is notified when it becomes invalid, and when it is valid again', async () => {
      const operator = new Operator()
      const now = Date.now()
      expect(await operator.hear(now, { [setting]: value })).toEqual(['started settings'])
      expect(await operator.hear(now + 1)).toEqual(['ended settings'])
    })
  },
)

it('does not archive or delete anything if the setting for that is invalid', async () => {
  const [now, old] = [Date.now(), Date.now() - 1_000 * DAY]
  await store(buildEvent({ activityDateTime: new Date(old).toISOString().slice(0, 19) }))
  await run('UPDATE activity SET receivedAt = ?', old)
  await quarantined(old, 'why')
  await new Operator().check(now - 2 * DAY)
  await runMaintenance({ ...invalid('KEEP_DAYS', '400 days'), ALERT_URL: '' }, now)
  expect(await count('archive')).toBe(0)
  expect(await count('quarantine')).toBe(0)
  await quarantined(old, 'why')
  await new Operator().check(now)
  await runMaintenance({ ...invalid('QUARANTINE_DAYS', 'thirty'), ALERT_URL: '' }, now + 2 * DAY)
  expect(await count('archive')).toBe(1)
  expect(await count('quarantine')).toBe(1)
})

it.each([
  { ALERT_URL: 'alerts.example.com/very-secret' },
  { ALERT_FORMAT: 'morse' },
] satisfies Partial<Env>[])(
  'notifies in the log while %j, and posts once that is valid',
  async (changed) => {
    const operator = new Operator()
    const dead = { DEAD_LETTERS: queueWith(1) }
    const now = Date.now()
    expect(await operator.check(now, { ...dead, ...changed })).toEqual([])
    expect(log.lines.join()).toContain('dead_letters: 1 request')
    expect(log.lines.join()).not.toContain('very-secret')
    const names = await env.DB.prepare('SELECT name FROM alerts ORDER BY name').all()
    expect(names.results).toEqual([{ name: 'dead_letters' }, { name: 'settings' }])
    expect(await operator.hear(now + 1, { ...dead, ALERT_URL })).toEqual([
      'started settings',
      'ended settings',
      'started dead_letters',
    ])
  },
)
