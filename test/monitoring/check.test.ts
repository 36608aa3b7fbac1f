import { quoteReason } from '../../src/monitoring/alerts/words.ts'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sizedDatabase } from '../sized-database.ts'
import { buildEvent } from '../event.ts'
import { countReads } from '../rows-read.ts'
import { replay, quarantined as park } from '../quarantine.ts'
import { store } from '../store-events.ts'
import {
  ALERT_URL,
  DAY,
  HOUR,
  MINUTE,
  Operator,
  operatorEnv,
  queueWith,
  readMessage,
  run,
  quarantined,
} from './operator.ts'
import { readStatus } from '../../src/monitoring/api.ts'
import { meter } from '../../src/db/monitor/usage.ts'
import { dateArrivals } from '../date-arrivals.ts'

const NOW = Date.parse('2026-03-10T12:00Z')

const lines: string[] = []
// Rows of the previous test have the current time.
beforeEach(() => void vi.spyOn(meter, 'recordEvent').mockReturnValue(undefined))
beforeEach(() => {
  lines.length = 0
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)))
  }
})
afterEach(() => vi.restoreAllMocks())

const at = (time: number, changes = {}) =>
  buildEvent({ activityDateTime: new Date(time).toISOString().slice(0, 19), ...changes })

const DEAD = { DEAD_LETTERS: queueWith(1, NOW - HOUR) }

describe('the operator', () => {
  it('is not notified if there is no problem', async () => {
    const operator = new Operator()
    expect(await operator.check(NOW)).toEqual([])
    await store(at(NOW))
    expect(await operator.check(Date.now())).toEqual([])
  })

  it('is notified once when an alert starts, and once when it ends', async () => {
    const operator = new Operator()
    expect(await operator.hear(NOW, DEAD)).toEqual(['started dead_letters'])
    expect(await operator.hear(NOW + 5 * MINUTE, DEAD)).toEqual([])
    expect(await operator.hear(NOW + 10 * MINUTE)).toEqual(['ended dead_letters'])
    expect(await operator.hear(NOW + 15 * MINUTE)).toEqual([])
    expect(await operator.hear(NOW + 20 * MINUTE, DEAD)).toEqual(['started dead_letters'])
  })

  it.each([
    ['has no text', { key: 'alerts.gone' }],
    ['has other values', { key: 'alerts.backlog', values: { waiting: 1 } }],
  ])(
    'is notified of the end of an alert whose message %s in this version',
    async (_case, phrase) => {
      await run(
        'INSERT INTO alerts (name, message, beganAt, notifiedAt) VALUES (?, ?, ?, ?)',
        'dead_letters',
        JSON.stringify([phrase]),
        NOW - HOUR,
        NOW - HOUR,
      )
      expect((await readStatus(operatorEnv(), NOW)).problems).toMatchObject([
        { message: phrase.key },
      ])
      const operator = new Operator()
      expect(await operator.check(NOW)).toMatchObject([{ state: 'ended', message: phrase.key }])
      expect(await operator.check(NOW + MINUTE)).toEqual([])
    },
  )

  it.each([
    ['responds with 500', () => new Response('no', { status: 500 })],
    ['redirects', () => Response.redirect('https://elsewhere.example.com/', 302)],
    ['does not respond in time', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
    ['cannot be reached', () => Promise.reject(new TypeError(`cannot reach ${ALERT_URL}`))],
  ])('is notified again if the URL %s', async (_case, fail) => {
    const operator = new Operator()
    const good = operator.respond
    operator.respond = fail
    expect(await operator.hear(NOW, DEAD)).toEqual(['started dead_letters'])
    expect(await operator.hear(NOW + 1, DEAD)).toEqual(['started dead_letters'])
    const unsent = await env.DB.prepare("SELECT 1 FROM alerts WHERE name = 'alert_url'").first()
    expect(unsent).not.toBeNull()
    operator.respond = good
    expect(await operator.hear(NOW + 2, DEAD)).toEqual(['started dead_letters'])
    operator.respond = fail
    expect(await operator.hear(NOW + 3)).toEqual(['ended dead_letters'])
    operator.respond = good
    expect(await operator.hear(NOW + 4)).toEqual(['ended dead_letters'])
    expect(await operator.hear(NOW + 5)).toEqual([])
    expect(await env.DB.prepare('SELECT name FROM alerts').all()).toMatchObject({ results: [] })
    expect(operator.requests.every(({ init }) => init.redirect === 'manual')).toBe(true)
    expect(lines.filter((line) => line.includes('alerts_not_sent'))).toHaveLength(3)
    expect(lines.join()).not.toContain('very-secret')
  })

  it('is notified of what started and ended while notifications failed', async () => {
    const operator = new Operator()
    operator.respond = () => new Response('', { status: 503 })
    await operator.check(NOW, DEAD)
    await operator.check(NOW + 1)
    operator.respond = () => new Response('')
    expect(await operator.hear(NOW + 2)).toEqual(['started dead_letters', 'ended dead_letters'])
    expect(await operator.hear(NOW + 3)).toEqual([])
  })

  it('is notified again after a crash between sending and recording', async () => {
    const operator = new Operator()
    let isNotified = false
    operator.respond = () => {
      isNotified = true
      return new Response('')
    }
    const batch = (statements: D1PreparedStatement[]) =>
      isNotified ? Promise.reject(new Error('crashed')) : env.DB.batch(statements)
    const DB = { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database
    await expect(operator.check(NOW, { ...DEAD, DB })).rejects.toThrow('crashed')
    expect(operator.requests).toHaveLength(1)
    expect(await operator.hear(NOW + 1, DEAD)).toEqual(['started dead_letters'])
    expect(await operator.hear(NOW + 2, DEAD)).toEqual([])
  })

  it('is notified in the log if there is no URL', async () => {
    const operator = new Operator()
    expect(await operator.check(NOW, { ...DEAD, ALERT_URL: '' })).toEqual([])
    await operator.check(NOW + 1, { ...DEAD, ALERT_URL: '' })
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'alerts', started: [expect.stringMatching(/^dead_letters: 1 request/)], ended: [] },
    ])
  })

  it('can choose plain text', async () => {
    const operator = new Operator()
    const plain = { ...DEAD, ALERT_FORMAT: 'plain' }
    await expect(operator.check(NOW, plain)).rejects.toThrow(SyntaxError) // not JSON
    const { init } = operator.requests[0] ?? {}
    expect(init?.headers).toEqual({ 'Content-Type': 'text/plain; charset=utf-8' })
    expect(init?.body).toMatch(/^Yespo receiver: 1 new, 0 resolved\.\n• 1 request from Yespo could/)
  })
})

describe('silence', () => {
  const pause = async (silence: number) => {
    const times = Array.from({ length: 40 }, (_, index) => NOW - (40 - index) * HOUR)
    await store(...times.map((time) => at(time)))
    await dateArrivals(NOW - silence)
  }

  it('no longer than twice the normal gap is no alert', async () => {
    await pause(2 * HOUR)
    expect(await new Operator().hear(NOW)).toEqual([])
  })

  it('longer than that is an alert, until an event arrives', async () => {
    await pause(2 * HOUR + 1)
    const operator = new Operator()
    const [notification] = await operator.check(NOW)
    expect(notification).toMatchObject({ name: 'silence', state: 'started' })
    expect(notification?.message).toContain('the longest normal gap is 1 hour')
    expect(await operator.hear(NOW + 40 * DAY)).toEqual([])
    await store(at(NOW))
    expect(await operator.hear(Date.now())).toEqual(['ended silence'])
  })

  it('is not ended by a replay of old items', async () => {
    await pause(10 * HOUR)
    const operator = new Operator()
    expect(await operator.hear(NOW)).toEqual(['started silence'])
    const id = await park({ sent: JSON.stringify(at(NOW - 20 * DAY)), receivedAt: NOW - 20 * DAY })
    expect(await replay(`/${id}/replay`)).toMatchObject({ events: 1 })
    expect(await operator.hear(NOW + MINUTE)).toEqual([])
    expect(await env.DB.prepare('SELECT name FROM alerts').all()).toMatchObject({
      results: [{ name: 'silence' }],
    })
  })

  it('computes the normal gap at most once a day, and only if needed', async () => {
    await pause(HOUR + 1)
    const questions: string[] = []
    const prepare = (sql: string) => {
      if (sql.includes('hardBounce = -1')) questions.push(sql)
      return env.DB.prepare(sql)
    }
    const DB = { prepare, batch: env.DB.batch.bind(env.DB) } as unknown as D1Database
    const operator = new Operator()
    await operator.check(NOW - 1, { DB })
    expect(questions).toHaveLength(0)
    for (const later of [0, MINUTE, DAY - 1]) await operator.check(NOW + later, { DB })
    expect(questions).toHaveLength(1)
    await operator.check(NOW + DAY, { DB })
    expect(questions).toHaveLength(2)
  })
})

describe('a backlog', () => {
  const hear = async (...counts: (number | undefined)[]) => {
    const operator = new Operator()
    const heard: string[] = []
    for (const [index, count] of counts.entries()) {
      const notifications = await operator.hear(NOW + index, { ACTIVITY_QUEUE: queueWith(count) })
      heard.push(...notifications.map((each) => `${index} ${each}`))
    }
    return heard
  }

  it('is an alert if it grew at three checks in a row, until it is below 100 again', async () => {
    expect(await hear(98, 99, 100, 100, 99)).toEqual(['2 started backlog', '4 ended backlog'])
  })

  it('is no alert if it is small', async () => {
    expect(await hear(10, 50, 99)).toEqual([])
  })

  it('is no alert if it does not grow at each check', async () => {
    expect(await hear(500, 400, 450, 449, 451)).toEqual([])
  })

  it('stays unchanged if the queue has no metrics', async () => {
    expect(await hear(undefined, 100, 101, 102, undefined, 99)).toEqual([
      '3 started backlog',
      '5 ended backlog',
    ])
  })

  it('is an alert if the oldest message has waited for more than a quarter of an hour', async () => {
    const operator = new Operator()
    const waiting = (ms: number) => ({ ACTIVITY_QUEUE: queueWith(1, NOW - ms) })
    expect(await operator.hear(NOW, waiting(15 * MINUTE))).toEqual([])
    expect(await operator.hear(NOW, waiting(15 * MINUTE + 1))).toEqual(['started backlog'])
    expect(await operator.hear(NOW, waiting(15 * MINUTE))).toEqual(['ended backlog'])
  })
})

describe('quarantined items', () => {
  const message = () => readMessage('quarantine')

  /** Quarantines elements that were received a millisecond apart. */
  const fill = (count: number, reason: string) =>
    run(
      `WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ?)
       INSERT INTO quarantine SELECT ? || v, 0, 0, 'element', ?2, ? + v, 'w', NULL, '' FROM n`,
      count,
      reason,
      NOW,
    )

  it('are notified once, with their number and main reasons, until none is left', async () => {
    const operator = new Operator()
    await quarantined(NOW, 'activityStatus is empty')
    await quarantined(NOW, 'activityStatus is empty')
    await quarantined(NOW, 'activityStatus is missing')
    const notifications = await operator.check(NOW)
    expect(notifications).toMatchObject([{ name: 'quarantine', state: 'started' }])
    expect(notifications[0]?.message).toMatch(
      /^3 quarantined items: 2 for “activityStatus is empty”, 1 for “activityStatus is missing”\./,
    )
    await quarantined(NOW, 'activityStatus is empty')
    expect(await operator.hear(NOW + 1)).toEqual([])
    expect(await message()).toMatch(/^4 quarantined items: 3 for/)
    await run('DELETE FROM quarantine')
    expect(await operator.hear(NOW + 2)).toEqual(['ended quarantine'])
    await quarantined(NOW, 'activityStatus is empty')
    expect(await operator.hear(NOW + 3)).toEqual(['started quarantine'])
  })

  it('are notified in the language of the setting', async () => {
    await quarantined(NOW, 'activityStatus is empty')
    const [notification] = await new Operator().check(NOW, { LANGUAGE: 'uk' } as Partial<Env>)
    expect(notification?.message).toContain(
      'У карантині 1 елемент: 1 через «activityStatus is empty»',
    )
  })

  it('are notified again for a new reason, at most once an hour, but not when one disappears', async () => {
    const operator = new Operator()
    await quarantined(NOW, 'activityStatus is empty')
    await operator.check(NOW)
    await quarantined(NOW, 'activityStatus is missing')
    await quarantined(NOW, 'the event is larger than 1900000 bytes')
    expect(await operator.hear(NOW + HOUR - 1)).toEqual([])
    expect(await message()).toContain('activityStatus is missing')
    expect(await operator.hear(NOW + HOUR)).toEqual(['started quarantine'])
    expect(await operator.hear(NOW + 2 * HOUR)).toEqual([])
    await run("DELETE FROM quarantine WHERE reason = 'activityStatus is missing'")
    expect(await operator.hear(NOW + 3 * HOUR)).toEqual([])
    await quarantined(NOW, 'activityStatus is missing')
    expect(await operator.hear(NOW + 4 * HOUR)).toEqual(['started quarantine'])
  })

  it('are notified of a new reason until that is delivered, even if nothing else changes', async () => {
    const operator = new Operator()
    for (let index = 0; index < 6; index++) {
      await quarantined(NOW, `the reason ${index}`)
      await quarantined(NOW, `the reason ${index}`)
    }
    await quarantined(NOW, 'a rare one')
    await operator.check(NOW)
    const before = await message()
    const good = operator.respond
    operator.respond = () => new Response('', { status: 500 })
    await run("UPDATE quarantine SET reason = 'a new one' WHERE reason = 'a rare one'")
    expect(await operator.hear(NOW + HOUR)).toEqual(['started quarantine'])
    expect(await message()).toBe(before)
    operator.respond = good
    expect(await operator.hear(NOW + HOUR + 1)).toEqual(['started quarantine'])
    expect(await operator.hear(NOW + HOUR + 2)).toEqual([])
  })

  it('are one alert for any number of reasons, which lists five', async () => {
    const operator = new Operator()
    for (let index = 0; index < 23; index++) await quarantined(NOW, `the reason ${index}`)
    expect(await operator.hear(NOW)).toEqual(['started quarantine'])
    expect(await message()).toMatch(
      /^23 quarantined items: (1 for “the reason \d+”, ){5}18 for 18 other reasons\./,
    )
  })

  it('are not notified endlessly if a sender makes up reasons', async () => {
    const operator = new Operator()
    const heard: string[] = []
    for (let index = 0; index < 60; index++) {
      await quarantined(NOW, `x${index} contains broken Unicode text`)
      await quarantined(NOW, `made up ${index}`)
      heard.push(...(await operator.hear(NOW + index * HOUR)))
    }
    expect(heard).toHaveLength(19)
  })

  it('are reported as more if not all were counted, and no possible reason is dropped', async () => {
    const operator = new Operator()
    await quarantined(NOW - DAY, 'an old reason')
    await operator.check(NOW)
    await fill(1_000, 'a new one')
    expect(await operator.hear(NOW + HOUR)).toEqual(['started quarantine'])
    expect(await message()).toMatch(
      /^At least 1,000 quarantined items\. Of the newest 1,000: 1,000 for “a new one”\./,
    )
    await quarantined(NOW + DAY, 'an old reason')
    expect(await operator.hear(NOW + 2 * HOUR)).toEqual([])
  })

  it('show no text from the sender', async () => {
    const operator = new Operator()
    await quarantined(NOW, 'secret@example.com contains broken Unicode text')
    await quarantined(
      NOW,
      'call +380 44 123 45 67 <!channel> https://evil.example.com/x\n@everyone',
    )
    await quarantined(NOW, 'email contains broken Unicode text')
    const ours = 'activityDateTime is no date; expected one like 2023-09-14T08:30:03'
    await quarantined(NOW, ours)
    await quarantined(NOW, 'the event is larger than 1900000 bytes')
    const notifications = await operator.check(NOW)
    expect(notifications).toHaveLength(1)
    const { body } = operator.requests[0]?.init ?? {}
    expect(body).not.toMatch(/secret|123 45|evil|@everyone|<!channel>",/)
    expect(JSON.parse(String(body)).text).toContain('&lt;!channel&gt;')
    expect(body).toContain('email contains broken Unicode text')
    expect(body).toContain(ours)
    expect(body).toContain('larger than 1900000 bytes')
    expect(body).toContain('a parameter that Yespo does not document contains broken Unicode text')
    expect(JSON.parse(String(body)).text.length).toBeLessThan(2_000)
  })

  it('are notified again every six days before they are deleted', async () => {
    const operator = new Operator()
    await quarantined(NOW - 23 * DAY + 1, 'why')
    expect(await operator.hear(NOW)).toEqual(['started quarantine'])
    expect(await operator.hear(NOW + 1)).toEqual(['started expiring'])
    expect(await operator.hear(NOW + 6 * DAY)).toEqual([])
    expect(await operator.hear(NOW + 6 * DAY + 1)).toEqual(['started expiring'])
    expect(await operator.hear(NOW + 6 * DAY + 2)).toEqual([])
    expect(await operator.hear(NOW + 6 * DAY + 3, { QUARANTINE_DAYS: '29' })).toEqual([
      'started expiring',
    ])
    expect(await operator.hear(NOW + 7 * DAY, { QUARANTINE_DAYS: '0' })).toEqual(['ended expiring'])
  })
})

it.each([
  ['ivan_petrenko is given twice', 'a parameter that Yespo does not document is given twice'],
  [
    'a key inside ivan_petrenko is given twice',
    'a key inside a parameter that Yespo does not document is given twice',
  ],
  [
    'ivan_petrenko is nested deeper than 999 levels (120 elements)',
    'a parameter that Yespo does not document is nested deeper than 999 levels (120 elements)',
  ],
  [
    'the body is an object with the key "ivan_petrenko", not an array of events: send it',
    'the body is an object with the key a parameter that Yespo does not document, not an array of events: send it',
  ],
  ['email is given twice', 'email is given twice'],
  [
    'email contains broken Unicode text ivan_petrenko is given twice',
    'a parameter that Yespo does not document is given twice',
  ],
  [
    'the body is an object with the key "events", not an array of events: ivan_petrenko is given twice',
    'the body is an object with the key a parameter that Yespo does not document, not an array of events: a parameter that Yespo does not document is given twice',
  ],
])('quotes the reason without a name from the sender: %s', (reason, quoted) => {
  expect(quoteReason(reason)).toBe(quoted)
})

describe('rates', () => {
  const send = (activityStatus: string, contacts: number, changes = {}) =>
    Array.from({ length: contacts }, (_, index) =>
      at(NOW - HOUR, { activityStatus, contactId: index + 1, ...changes }),
    )

  it.each([
    ['spam_rate', 'SPAM', 1300, 3, 4],
    ['hard_bounce_rate', 'UNDELIVERED', 100, 5, 6],
    ['spam_rate', 'SPAM', 100, 2, 3],
    ['spam_rate', 'SPAM', 99, 99, undefined],
  ])('%s: %s of %i is an alert above %i', async (name, status, delivered, max, over) => {
    const operator = new Operator()
    await store(...send('DELIVERED', delivered), ...send(status, max, { hardBounce: true }))
    expect(await operator.hear(NOW)).toEqual([])
    if (over === undefined) return
    await store(at(NOW - HOUR, { activityStatus: status, contactId: 5_000, hardBounce: true }))
    expect(await operator.hear(NOW + HOUR - 1)).toEqual([])
    expect(await operator.hear(NOW + HOUR)).toEqual([`started ${name}:email`])
    expect(await operator.hear(NOW + 2 * DAY)).toContain(`ended ${name}:email`)
  })

  it.each([
    ['all of 500 bounce and nothing is delivered', 0, 500, /500 of 500 .* 100\.00%.*DELIVERED/],
    [
      '6 of 106 bounce',
      100,
      6,
      /6 of 106 contacts written to by email bounced permanently: 5\.66%, and from 5% on/,
    ],
    ['4 of 100 bounce', 96, 4, undefined],
    ['99 of 99 bounce', 0, 99, undefined],
    ['100 of 100 bounce', 0, 100, /100 of 100/],
    ['2 of 100 bounce', 98, 2, undefined],
  ])(
    'of hard bounces are shares of all contacts that were sent to: %s',
    async (_case, delivered, bounced, expected) => {
      const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true, contactId: 1 }
      const own = Array.from({ length: bounced }, (_, index) =>
        at(NOW - HOUR, { ...bounce, contactId: 10_000 + index }),
      )
      await store(...send('DELIVERED', delivered), ...own)
      const [notification] = await new Operator().check(NOW)
      if (expected === undefined) expect(notification).toBeUndefined()
      else expect(notification?.message).toMatch(expected)
    },
  )

  it.each([
    ['550 5.1.1 <ivan@example.com>: user unknown', /Mailbox unknown \(75%\)\. Stop writing to the/],
    ['nobody knows why', /Stop writing to old or bought addresses\./],
  ])('of hard bounces come with their cause and what to do: %s', async (text, expected) => {
    const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true }
    const of = (statusDescription: string, count: number, first: number) =>
      Array.from({ length: count }, (_, index) =>
        at(NOW - HOUR, { ...bounce, statusDescription, contactId: first + index }),
      )
    const soft = at(NOW - HOUR, { ...bounce, hardBounce: false, statusDescription: 'greylisted' })
    await store(...send('DELIVERED', 100), ...of(text, 6, 10_000), ...of('DMARC', 2, 20_000), soft)
    const [notification] = await new Operator().check(NOW)
    expect(notification?.message).toMatch(expected)
    expect(notification?.message).not.toContain('ivan')
  })

  it.each([
    ['150 complain', 0, 150, /150 contacts .*telegram.* spam.*only 0 .*DELIVERED/],
    ['150 complain, and 20 deliveries are known', 20, 150, /150 contacts .*only 20 /],
    ['100 complain', 0, 100, /100 contacts /],
    ['99 complain', 0, 99, undefined],
  ])(
    'of complaints do not depend on known deliveries: %s',
    async (_case, delivered, spam, expected) => {
      const telegram = { mediaType: 'telegram' }
      await store(...send('DELIVERED', delivered, telegram), ...send('READ', spam, telegram))
      const operator = new Operator()
      await operator.check(NOW - HOUR) // a new channel
      await store(...send('SPAM', spam, telegram))
      const notification = (await operator.check(NOW)).find(
        ({ name }) => name === 'spam_rate:telegram',
      )
      if (expected === undefined) expect(notification).toBeUndefined()
      else expect(notification?.message).toMatch(expected)
    },
  )

  it('count a contact once if it bounced after a delivery', async () => {
    const both = send('DELIVERED', 100).flatMap((event, index) => [
      event,
      ...(index < 6 ? [{ ...event, activityStatus: 'UNDELIVERED', hardBounce: true }] : []),
    ])
    await store(...both)
    const [notification] = await new Operator().check(NOW)
    expect(notification?.message).toContain('6 of 100 contacts')
  })

  it('are by channel, and only name a channel that is one word', async () => {
    await store(...send('DELIVERED', 1_000), ...send('DELIVERED', 100, { mediaType: '@x 1' }))
    await store(...send('SPAM', 3, { mediaType: '@x 1' }))
    const heard = await new Operator().hear(NOW)
    expect(heard.toSorted()).toEqual([
      'started spam_rate:other',
      'started unexpected:channel:unnamed',
    ])
  })
})

describe('storage', () => {
  const sized = (bytes: number, changed: Partial<Env> & { ARCHIVE?: undefined } = {}) => ({
    ...changed,
    DB: sizedDatabase(env.DB, () => bytes),
  })

  it('is an alert at 80% of the database, with a remedy', async () => {
    const operator = new Operator()
    const without = { ARCHIVE: undefined }
    expect(await operator.hear(NOW, sized(399_999_999, without))).toEqual([])
    const paid = { ...without, CLOUDFLARE_PLAN: 'paid' as const }
    expect(await operator.hear(NOW, sized(400_000_000, paid))).toEqual([])
    const [notification] = await operator.check(NOW, sized(400_000_000, without))
    expect(notification?.name).toBe('database')
    expect(notification?.message).toMatch(
      /80% of its limit of 500 MB.*No archive is bound, so old events stay/,
    )
    expect(await operator.hear(NOW, sized(399_999_999, without))).toEqual(['ended database'])
  })

  it('is an alert at 80% of the database if KEEP_DAYS is 0', async () => {
    const [notification] = await new Operator().check(NOW, sized(400_000_000, { KEEP_DAYS: '0' }))
    expect(notification?.message).toMatch(/KEEP_DAYS is 0, so all events stay/)
  })

  it('is an alert at 90% of the database if old events move to the archive', async () => {
    const operator = new Operator()
    expect(await operator.hear(NOW, sized(449_999_999))).toEqual([])
    const [notification] = await operator.check(NOW, sized(450_000_000))
    expect(notification?.message).toMatch(
      /90% of its limit.*Events older than 400 days move to the archive, but/,
    )
  })

  it('is an alert while events move to the archive early', async () => {
    const operator = new Operator()
    const today = Math.floor(NOW / DAY) * DAY
    await run(`INSERT INTO key_values VALUES ('retention.early', ?)`, String(today - 30 * DAY))
    const [notification] = await operator.check(NOW, sized(410_000_000))
    expect(notification).toMatchObject({ name: 'moving_early', state: 'started' })
    expect(notification?.message).toMatch(
      /82% full, so events older than 30 days .* instead of after KEEP_DAYS \(400\)/,
    )
    expect(await operator.hear(NOW, sized(410_000_000))).toEqual([])
    expect(await operator.hear(NOW, sized(1, { KEEP_DAYS: '30' }))).toEqual(['ended moving_early'])
  })

  it('is an alert if an archive file is unfinished for more than a day', async () => {
    const operator = new Operator()
    await run(
      "INSERT INTO archive (month, day, state, events, bytes) VALUES (0, 0, 'done', 1, 1), (0, 0, 'written', 1, 1)",
    )
    expect(await operator.hear(NOW)).toEqual([])
    await run(
      "INSERT INTO archive (month, day, state, events, bytes) VALUES (0, 86400000, 'begun', 1, 1)",
    )
    expect(await operator.hear(NOW + DAY)).toEqual([])
    expect(await operator.hear(NOW + DAY + 1)).toEqual(['started archive'])
    await run("UPDATE archive SET state = 'done' WHERE day = 0")
    expect(await operator.hear(NOW + DAY + 2)).toEqual(['ended archive'])
  })

  it('is an alert if late events cannot be looked up because no bucket is bound', async () => {
    const operator = new Operator()
    await run("INSERT INTO late_arrivals VALUES (1, x'00')")
    expect(await operator.hear(NOW)).toEqual([])
    const without: Partial<Env> & { ARCHIVE?: R2Bucket | undefined } = { ARCHIVE: undefined }
    expect(await operator.hear(NOW, without)).toEqual(['started archive'])
    await run('DELETE FROM late_arrivals')
    expect(await operator.hear(NOW, without)).toEqual(['ended archive'])
  })

  it('is an alert if the last attempt to archive failed', async () => {
    const operator = new Operator()
    await run("INSERT INTO key_values VALUES ('retention.error', 'secret@example.com')")
    const [notification] = await operator.check(NOW)
    expect(notification?.name).toBe('archive')
    expect(notification?.message).not.toContain('secret')
  })

  it('is an alert if an erasure is under way for more than a day', async () => {
    const operator = new Operator()
    await run("INSERT INTO erasures (erasedAt, removed) VALUES (?, '{}')", NOW)
    expect(await operator.hear(NOW + DAY)).toEqual([])
    expect(await operator.hear(NOW + DAY + 1)).toEqual(['started erasures'])
    await run('UPDATE erasures SET finishedAt = ?', NOW)
    expect(await operator.hear(NOW + DAY + 2)).toEqual(['ended erasures'])
  })

  it('is an alert if settings lock everyone out', async () => {
    const operator = new Operator()
    expect(await operator.hear(NOW, { WEBHOOK_PASSWORD: '' })).toEqual(['started settings'])
    expect(await operator.hear(NOW)).toEqual(['ended settings'])
  })
})

describe("Yespo's API", () => {
  const KEY = { YESPO_API_KEY: 'api-key' }
  const TODAY = Date.parse('2026-03-10T00:00Z')

  /** A scheduled sync run. */
  const read = (state: 'running' | 'finished' | 'stopped', error: string | null = null) =>
    run(
      `INSERT INTO sync_runs (kind, since, until, state, error, beganAt, movedAt, tries, sent)
       VALUES ('schedule', ?, ?, ?, ?, ?5, ?5, 0, 1)`,
      NOW - HOUR,
      NOW,
      state,
      error,
      NOW - HOUR,
    )

  const see = (time: number, both: number, apiOnly: number) =>
    run(
      `INSERT OR REPLACE INTO coverage VALUES (?, ?, 'READ', 'email', ?, 7, ?)`,
      time,
      time + HOUR,
      both,
      apiOnly,
    )

  it('is notified once while it cannot be read, with the reason', async () => {
    const operator = new Operator()
    await read('stopped', 'Yespo does not accept the API key.')
    const [notification] = await operator.check(NOW, KEY)
    expect(notification).toMatchObject({ name: 'api', state: 'started' })
    expect(notification?.message).toContain('was stopped: Yespo does not accept the API key.')
    await read('running')
    expect(await operator.hear(NOW + MINUTE, KEY)).toEqual([])
    await run("UPDATE sync_runs SET state = 'stopped', error = 'Another.' WHERE state = 'running'")
    expect(await operator.hear(NOW + 2 * MINUTE, KEY)).toEqual([])
    await read('finished')
    expect(await operator.hear(NOW + 3 * MINUTE, KEY)).toEqual(['ended api'])
    expect(await operator.hear(NOW + 4 * MINUTE, KEY)).toEqual([])
  })

  it('is no alert once syncing is turned off', async () => {
    const operator = new Operator()
    await read('stopped', 'Why.')
    expect(await operator.hear(NOW, KEY)).toEqual(['started api'])
    expect(await operator.hear(NOW + MINUTE)).toEqual(['ended api'])
    expect(await operator.hear(NOW + 2 * MINUTE, KEY)).toEqual(['started api'])
  })

  it('is notified once if the webhook missed events of the last full day', async () => {
    const operator = new Operator()
    await read('finished')
    await see(TODAY - HOUR, 97, 3)
    const [notification] = await operator.check(NOW, KEY)
    expect(notification?.message).toMatch(
      /^The webhook missed 3 of the 100 events .* for 2026-03-09/,
    )
    expect(await operator.hear(NOW + MINUTE, KEY)).toEqual([])
    // The next day counts only after it has been read to its end.
    expect(await operator.hear(NOW + DAY, KEY)).toEqual([])
    await run('UPDATE sync_runs SET until = ?', NOW + DAY)
    expect(await operator.hear(NOW + DAY, KEY)).toEqual(['ended api'])
  })

  it('is notified if the webhook confirmed no events of that day', async () => {
    const operator = new Operator()
    await read('finished')
    await see(TODAY - HOUR, 0, 5)
    const [notification] = await operator.check(NOW, KEY)
    expect(notification?.message).toMatch(
      /^The webhook delivered none of the 5 events that Yespo’s API has for 2026-03-09/,
    )
  })

  it('is notified with how to start at once, and that it restarts by itself', async () => {
    await read('stopped', 'Write to the support, then begin again.')
    const [notification] = await new Operator().check(NOW, KEY)
    expect(notification?.message).toContain(
      'then begin again. To start it now, see /coverage on the dashboard; otherwise the next scheduled sync starts automatically.',
    )
  })

  it.each([
    ['few events', TODAY - HOUR, 50, 49],
    ['very few events of which the webhook confirmed none', TODAY - HOUR, 0, 4],
    ['a single event that it confirmed', TODAY - HOUR, 1, 90],
    ['an acceptable share', TODAY - HOUR, 990, 10],
    ['today', TODAY, 0, 1_000],
    ['the day before', TODAY - 25 * HOUR, 0, 1_000],
  ])('is no alert for %s', async (_case, time, both, apiOnly) => {
    await read('finished')
    await see(time, both, apiOnly)
    expect(await new Operator().hear(NOW, KEY)).toEqual([])
  })

  it('is checked by backfills if it is not read on a schedule', async () => {
    const onDemand = { ...KEY, YESPO_API_MINUTES: '0' } as unknown as Partial<Env>
    await read('stopped', 'Long ago.')
    const operator = new Operator()
    expect(await operator.hear(NOW, onDemand)).toEqual([])
    await see(TODAY - HOUR, 0, 200)
    expect(await operator.hear(NOW + MINUTE, onDemand)).toEqual(['started api'])
  })

  it('costs little between two syncs', async () => {
    const operator = new Operator()
    await read('finished')
    await run(
      `WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 1000)
       INSERT INTO coverage SELECT ?, ?, 'STATUS ' || v, 'email', 1, 0, 0 FROM n`,
      TODAY - HOUR,
      TODAY,
    )
    await operator.check(NOW, KEY)
    const { db, rowsRead } = countReads(env.DB)
    await operator.check(NOW + MINUTE, { ...KEY, DB: db })
    expect(rowsRead()).toBeLessThan(100)
  })

  it('raises the settings alert if one of its settings is invalid', async () => {
    const wrong = { ...KEY, YESPO_API_URL: 'nowhere' } as unknown as Partial<Env>
    expect(await new Operator().hear(NOW, wrong)).toEqual(['started settings'])
  })
})

it('costs little if nothing changes', async () => {
  const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)'
  await run(
    `${numbers} INSERT INTO quarantine SELECT 'r' || v, 0, 0, 'element', 'why', v, 'w', NULL, '' FROM n`,
  )
  await run(
    `${numbers} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign) SELECT v, zeroblob(16), 1, v, 'w', 1 FROM n`,
  )
  await run(`${numbers} INSERT INTO late_arrivals SELECT v, zeroblob(16) FROM n`)
  await run(
    `${numbers} INSERT INTO archive (month, day, state, events, bytes) SELECT v, v, 'done', 1, 1 FROM n WHERE v <= 1000`,
  )
  const operator = new Operator()
  await operator.check(NOW)
  const { db, rowsRead } = countReads(env.DB)
  await operator.check(NOW + MINUTE, { DB: db })
  expect(rowsRead()).toBeLessThan(12_000)
})
