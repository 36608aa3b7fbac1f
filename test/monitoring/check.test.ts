import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildEvent } from '../event.ts'
import { countReads } from '../rows-read.ts'
import { replay, quarantined as park } from '../quarantine.ts'
import { store } from '../store-events.ts'
import { ALERT_URL, DAY, HOUR, MINUTE, Owner, queueWith, run, quarantined } from './operator.ts'
import { meter } from '../../src/db/monitor/usage.ts'
import { dateArrivals } from '../date-arrivals.ts'

const NOW = Date.parse('2026-03-10T12:00Z')

const lines: string[] = []
// What the last test stored is of the real time.
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

describe('the owner', () => {
  it('is told nothing of a receiver that is as it should be', async () => {
    const owner = new Owner()
    expect(await owner.check(NOW)).toBeUndefined()
    await store(at(NOW))
    expect(await owner.check(Date.now())).toBeUndefined()
  })

  it('is told once when something begins, and once when it ends', async () => {
    const owner = new Owner()
    expect(await owner.hear(NOW, DEAD)).toEqual(['begun dead_letters'])
    expect(await owner.hear(NOW + 5 * MINUTE, DEAD)).toEqual([])
    expect(await owner.hear(NOW + 10 * MINUTE)).toEqual(['ended dead_letters'])
    expect(await owner.hear(NOW + 15 * MINUTE)).toEqual([])
    expect(await owner.hear(NOW + 20 * MINUTE, DEAD)).toEqual(['begun dead_letters'])
  })

  it.each([
    ['answers 500', () => new Response('no', { status: 500 })],
    ['redirects', () => Response.redirect('https://elsewhere.example.com/', 302)],
    ['does not answer in time', () => Promise.reject(new DOMException('late', 'TimeoutError'))],
    ['is away', () => Promise.reject(new TypeError(`cannot reach ${ALERT_URL}`))],
  ])('is told again where the address %s', async (_how, fail) => {
    const owner = new Owner()
    const good = owner.answer
    owner.answer = fail
    expect(await owner.hear(NOW, DEAD)).toEqual(['begun dead_letters'])
    expect(await owner.hear(NOW + 1, DEAD)).toEqual(['begun dead_letters'])
    const untold = await env.DB.prepare("SELECT 1 FROM alerts WHERE name = 'alert_url'").first()
    expect(untold).not.toBeNull()
    owner.answer = good
    expect(await owner.hear(NOW + 2, DEAD)).toEqual(['begun dead_letters'])
    owner.answer = fail
    expect(await owner.hear(NOW + 3)).toEqual(['ended dead_letters'])
    owner.answer = good
    expect(await owner.hear(NOW + 4)).toEqual(['ended dead_letters'])
    expect(await owner.hear(NOW + 5)).toEqual([])
    expect(await env.DB.prepare('SELECT name FROM alerts').all()).toMatchObject({ results: [] })
    expect(owner.requests.every(({ init }) => init.redirect === 'manual')).toBe(true)
    expect(lines.filter((line) => line.includes('alerts_not_told'))).toHaveLength(3)
    expect(lines.join()).not.toContain('very-secret')
  })

  it('hears of what began and ended while nothing got through', async () => {
    const owner = new Owner()
    owner.answer = () => new Response('', { status: 503 })
    await owner.check(NOW, DEAD)
    await owner.check(NOW + 1)
    owner.answer = () => new Response('')
    expect(await owner.hear(NOW + 2)).toEqual(['begun dead_letters', 'ended dead_letters'])
    expect(await owner.hear(NOW + 3)).toEqual([])
  })

  it('is told again after a crash between telling and writing it down', async () => {
    const owner = new Owner()
    let isNotified = false
    owner.answer = () => {
      isNotified = true
      return new Response('')
    }
    const batch = (given: D1PreparedStatement[]) =>
      isNotified ? Promise.reject(new Error('crashed')) : env.DB.batch(given)
    const DB = { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database
    await expect(owner.check(NOW, { ...DEAD, DB })).rejects.toThrow('crashed')
    expect(owner.requests).toHaveLength(1)
    expect(await owner.hear(NOW + 1, DEAD)).toEqual(['begun dead_letters'])
    expect(await owner.hear(NOW + 2, DEAD)).toEqual([])
  })

  it('is told by the log where there is no address', async () => {
    const owner = new Owner()
    expect(await owner.check(NOW, { ...DEAD, ALERT_URL: '' })).toBeUndefined()
    await owner.check(NOW + 1, { ...DEAD, ALERT_URL: '' })
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { event: 'alerts', begun: [expect.stringMatching(/^dead_letters: 1 request/)], ended: [] },
    ])
  })

  it('may have plain text', async () => {
    const owner = new Owner()
    const plain = { ...DEAD, ALERT_FORMAT: 'plain' }
    await expect(owner.check(NOW, plain)).rejects.toThrow(SyntaxError) // no JSON
    const { init } = owner.requests[0] ?? {}
    expect(init?.headers).toEqual({ 'Content-Type': 'text/plain; charset=utf-8' })
    expect(init?.body).toMatch(/^Yespo receiver: 1 new, 0 over\.\n• 1 request of Yespo could/)
  })
})

describe('silence', () => {
  const pause = async (silence: number) => {
    const times = Array.from({ length: 40 }, (_, place) => NOW - (40 - place) * HOUR)
    await store(...times.map((time) => at(time)))
    await dateArrivals(NOW - silence)
  }

  it('of no longer than usual is nothing to tell', async () => {
    await pause(HOUR)
    expect(await new Owner().hear(NOW)).toEqual([])
  })

  it('of longer is, until something comes', async () => {
    await pause(HOUR + 1)
    const owner = new Owner()
    const [news] = (await owner.check(NOW)) ?? []
    expect(news).toMatchObject({ name: 'silence', state: 'begun' })
    expect(news?.message).toContain('usual is no longer than 1 hour')
    expect(await owner.hear(NOW + 40 * DAY)).toEqual([])
    await store(at(NOW))
    expect(await owner.hear(Date.now())).toEqual(['ended silence'])
  })

  it('is not ended by a replay of what came in long ago', async () => {
    await pause(10 * HOUR)
    const owner = new Owner()
    expect(await owner.hear(NOW)).toEqual(['begun silence'])
    const id = await park({ sent: JSON.stringify(at(NOW - 20 * DAY)), receivedAt: NOW - 20 * DAY })
    expect(await replay(`/${id}/replay`)).toMatchObject({ events: 1 })
    expect(await owner.hear(NOW + MINUTE)).toEqual([])
    expect(await env.DB.prepare('SELECT name FROM alerts').all()).toMatchObject({
      results: [{ name: 'silence' }],
    })
  })

  it('asks what is usual once a day at the most, and only where it matters', async () => {
    await pause(HOUR + 1)
    const questions: string[] = []
    const prepare = (sql: string) => {
      if (sql.includes('hardBounce = -1')) questions.push(sql)
      return env.DB.prepare(sql)
    }
    const DB = { prepare, batch: env.DB.batch.bind(env.DB) } as unknown as D1Database
    const owner = new Owner()
    await owner.check(NOW - 1, { DB })
    expect(questions).toHaveLength(0)
    for (const later of [0, MINUTE, DAY - 1]) await owner.check(NOW + later, { DB })
    expect(questions).toHaveLength(1)
    await owner.check(NOW + DAY, { DB })
    expect(questions).toHaveLength(2)
  })
})

describe('a backlog', () => {
  const hear = async (...counts: (number | undefined)[]) => {
    const owner = new Owner()
    const heard: string[] = []
    for (const [place, count] of counts.entries()) {
      const news = await owner.hear(NOW + place, { ACTIVITY_QUEUE: queueWith(count) })
      heard.push(...news.map((each) => `${place} ${each}`))
    }
    return heard
  }

  it('is told where it grew at three checks, and when it is below 100 again', async () => {
    expect(await hear(98, 99, 100, 100, 99)).toEqual(['2 begun backlog', '4 ended backlog'])
  })

  it('is none where it is small', async () => {
    expect(await hear(10, 50, 99)).toEqual([])
  })

  it('is none where it does not grow at each check', async () => {
    expect(await hear(500, 400, 450, 449, 451)).toEqual([])
  })

  it('stays as it was where the queue does not tell', async () => {
    expect(await hear(undefined, 100, 101, 102, undefined, 99)).toEqual([
      '3 begun backlog',
      '5 ended backlog',
    ])
  })

  it('is told where the oldest waits for more than a quarter of an hour', async () => {
    const owner = new Owner()
    const waiting = (ms: number) => ({ ACTIVITY_QUEUE: queueWith(1, NOW - ms) })
    expect(await owner.hear(NOW, waiting(15 * MINUTE))).toEqual([])
    expect(await owner.hear(NOW, waiting(15 * MINUTE + 1))).toEqual(['begun backlog'])
    expect(await owner.hear(NOW, waiting(15 * MINUTE))).toEqual(['ended backlog'])
  })
})

describe('what is set aside', () => {
  const message = () =>
    env.DB.prepare("SELECT message FROM alerts WHERE name = 'quarantine'").first<string>('message')

  /** Sets so many elements aside that were received one millisecond after the other. */
  const fill = (count: number, reason: string) =>
    run(
      `WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ?)
       INSERT INTO quarantine SELECT ? || v, 0, 0, 'element', ?2, ? + v, 'w', NULL, '' FROM n`,
      count,
      reason,
      NOW,
    )

  it('is told once, by its number and main reasons, until none of it is left', async () => {
    const owner = new Owner()
    await quarantined(NOW, 'activityStatus is empty')
    await quarantined(NOW, 'activityStatus is empty')
    await quarantined(NOW, 'activityStatus is missing')
    const news = (await owner.check(NOW)) ?? []
    expect(news).toMatchObject([{ name: 'quarantine', state: 'begun' }])
    expect(news[0]?.message).toMatch(
      /^3 quarantined items: 2 for "activityStatus is empty", 1 for "activityStatus is missing"\./,
    )
    await quarantined(NOW, 'activityStatus is empty')
    expect(await owner.hear(NOW + 1)).toEqual([])
    expect(await message()).toMatch(/^4 quarantined items: 3 for/)
    await run('DELETE FROM quarantine')
    expect(await owner.hear(NOW + 2)).toEqual(['ended quarantine'])
    await quarantined(NOW, 'activityStatus is empty')
    expect(await owner.hear(NOW + 3)).toEqual(['begun quarantine'])
  })

  it('is told again when a reason is new, at most once an hour, and not when one is gone', async () => {
    const owner = new Owner()
    await quarantined(NOW, 'activityStatus is empty')
    await owner.check(NOW)
    await quarantined(NOW, 'activityStatus is missing')
    await quarantined(NOW, 'the event is larger than 1900000 bytes')
    expect(await owner.hear(NOW + HOUR - 1)).toEqual([])
    expect(await message()).toContain('activityStatus is missing')
    expect(await owner.hear(NOW + HOUR)).toEqual(['begun quarantine'])
    expect(await owner.hear(NOW + 2 * HOUR)).toEqual([])
    await run("DELETE FROM quarantine WHERE reason = 'activityStatus is missing'")
    expect(await owner.hear(NOW + 3 * HOUR)).toEqual([])
    await quarantined(NOW, 'activityStatus is missing')
    expect(await owner.hear(NOW + 4 * HOUR)).toEqual(['begun quarantine'])
  })

  it('is told of a new reason until that gets through, even if nothing else in it changes', async () => {
    const owner = new Owner()
    for (let place = 0; place < 6; place++) {
      await quarantined(NOW, `the reason ${place}`)
      await quarantined(NOW, `the reason ${place}`)
    }
    await quarantined(NOW, 'a rare one')
    await owner.check(NOW)
    const before = await message()
    const good = owner.answer
    owner.answer = () => new Response('', { status: 500 })
    await run("UPDATE quarantine SET reason = 'a new one' WHERE reason = 'a rare one'")
    expect(await owner.hear(NOW + HOUR)).toEqual(['begun quarantine'])
    expect(await message()).toBe(before)
    owner.answer = good
    expect(await owner.hear(NOW + HOUR + 1)).toEqual(['begun quarantine'])
    expect(await owner.hear(NOW + HOUR + 2)).toEqual([])
  })

  it('is one alert for any number of reasons, of which it names five', async () => {
    const owner = new Owner()
    for (let place = 0; place < 23; place++) await quarantined(NOW, `the reason ${place}`)
    expect(await owner.hear(NOW)).toEqual(['begun quarantine'])
    expect(await message()).toMatch(
      /^23 quarantined items: (1 for "the reason \d+", ){5}18 for 18 other reasons\./,
    )
  })

  it('is not told again and again by a sender who makes up reasons', async () => {
    const owner = new Owner()
    const heard: string[] = []
    for (let place = 0; place < 40; place++) {
      await quarantined(NOW, `x${place} contains broken Unicode text`)
      await quarantined(NOW, `made up ${place}`)
      heard.push(...(await owner.hear(NOW + place * HOUR)))
    }
    expect(heard).toHaveLength(19)
  })

  it('says where there are more than were looked at, and forgets no reason that may be there', async () => {
    const owner = new Owner()
    await quarantined(NOW - DAY, 'an old reason')
    await owner.check(NOW)
    await fill(1_000, 'a new one')
    expect(await owner.hear(NOW + HOUR)).toEqual(['begun quarantine'])
    expect(await message()).toMatch(
      /^1000 or more quarantined items; of the newest 1000: 1000 for "a new one"\./,
    )
    await quarantined(NOW + DAY, 'an old reason')
    expect(await owner.hear(NOW + 2 * HOUR)).toEqual([])
  })

  it('repeats nothing that the sender chose', async () => {
    const owner = new Owner()
    await quarantined(NOW, 'secret@example.com contains broken Unicode text')
    await quarantined(
      NOW,
      'call +380 44 123 45 67 <!channel> https://evil.example.com/x\n@everyone',
    )
    await quarantined(NOW, 'email contains broken Unicode text')
    const ours = 'activityDateTime is no date; expected one like 2023-09-14T08:30:03'
    await quarantined(NOW, ours)
    await quarantined(NOW, 'the event is larger than 1900000 bytes')
    const news = (await owner.check(NOW)) ?? []
    expect(news).toHaveLength(1)
    const { body } = owner.requests[0]?.init ?? {}
    expect(body).not.toMatch(/secret|123 45|evil|@everyone|<!channel>",/)
    expect(JSON.parse(String(body)).text).toContain('&lt;!channel&gt;')
    expect(body).toContain('email contains broken Unicode text')
    expect(body).toContain(ours)
    expect(body).toContain('larger than 1900000 bytes')
    expect(body).toContain('a parameter that Yespo does not document contains broken Unicode text')
    expect(JSON.parse(String(body)).text.length).toBeLessThan(2_000)
  })

  it('is told again every six days while it is about to be deleted', async () => {
    const owner = new Owner()
    await quarantined(NOW - 23 * DAY + 1, 'why')
    expect(await owner.hear(NOW)).toEqual(['begun quarantine'])
    expect(await owner.hear(NOW + 1)).toEqual(['begun expiring'])
    expect(await owner.hear(NOW + 6 * DAY)).toEqual([])
    expect(await owner.hear(NOW + 6 * DAY + 1)).toEqual(['begun expiring'])
    expect(await owner.hear(NOW + 6 * DAY + 2)).toEqual([])
    expect(await owner.hear(NOW + 6 * DAY + 3, { QUARANTINE_DAYS: '29' })).toEqual([
      'begun expiring',
    ])
    expect(await owner.hear(NOW + 7 * DAY, { QUARANTINE_DAYS: '0' })).toEqual(['ended expiring'])
  })
})

describe('rates', () => {
  const send = (activityStatus: string, contacts: number, changes = {}) =>
    Array.from({ length: contacts }, (_, place) =>
      at(NOW - HOUR, { activityStatus, contactId: place + 1, ...changes }),
    )

  it.each([
    ['spam_rate', 'SPAM', 1500, 3, 4],
    ['hard_bounce_rate', 'UNDELIVERED', 100, 3, 4],
    ['spam_rate', 'SPAM', 100, 2, 3],
    ['spam_rate', 'SPAM', 99, 99, undefined],
  ])('%s: %s of %i is told above %i', async (name, status, delivered, most, over) => {
    const owner = new Owner()
    await store(...send('DELIVERED', delivered), ...send(status, most, { hardBounce: true }))
    expect(await owner.hear(NOW)).toEqual([])
    if (over === undefined) return
    await store(at(NOW - HOUR, { activityStatus: status, contactId: 5_000, hardBounce: true }))
    expect(await owner.hear(NOW + HOUR - 1)).toEqual([])
    expect(await owner.hear(NOW + HOUR)).toEqual([`begun ${name}:email`])
    expect(await owner.hear(NOW + 2 * DAY)).toContain(`ended ${name}:email`)
  })

  it.each([
    ['all of 500 bounce and nothing is delivered', 0, 500, /500 of 500 .* 100\.00 %.*DELIVERED/],
    [
      '4 of 104 bounce',
      100,
      4,
      /4 of 104 contacts written to by email bounced permanently: 3\.85 %/,
    ],
    ['3 of 100 bounce', 97, 3, undefined],
    ['99 of 99 bounce', 0, 99, undefined],
    ['100 of 100 bounce', 0, 100, /100 of 100/],
    ['2 of 100 bounce', 98, 2, undefined],
  ])(
    'of hard bounces are of all that were written to: %s',
    async (_what, delivered, bounced, told) => {
      const bounce = { activityStatus: 'UNDELIVERED', hardBounce: true, contactId: 1 }
      const own = Array.from({ length: bounced }, (_, place) =>
        at(NOW - HOUR, { ...bounce, contactId: 10_000 + place }),
      )
      await store(...send('DELIVERED', delivered), ...own)
      const [news] = (await new Owner().check(NOW)) ?? []
      if (told === undefined) expect(news).toBeUndefined()
      else expect(news?.message).toMatch(told)
    },
  )

  it.each([
    ['150 complain', 0, 150, /150 contacts .*telegram.* spam.*only 0 .*DELIVERED/],
    ['150 complain, of whom 20 are known to be reached', 20, 150, /150 contacts .*only 20 /],
    ['100 complain', 0, 100, /100 contacts /],
    ['99 complain', 0, 99, undefined],
  ])('of complaints need no delivery that is known: %s', async (_what, delivered, spam, told) => {
    const telegram = { mediaType: 'telegram' }
    await store(...send('DELIVERED', delivered, telegram), ...send('READ', spam, telegram))
    const owner = new Owner()
    await owner.check(NOW - HOUR) // a new channel
    await store(...send('SPAM', spam, telegram))
    const news = ((await owner.check(NOW)) ?? []).find(({ name }) => name === 'spam_rate:telegram')
    if (told === undefined) expect(news).toBeUndefined()
    else expect(news?.message).toMatch(told)
  })

  it('count a contact once that was delivered to and bounced later', async () => {
    const both = send('DELIVERED', 100).flatMap((event, place) => [
      event,
      ...(place < 4 ? [{ ...event, activityStatus: 'UNDELIVERED', hardBounce: true }] : []),
    ])
    await store(...both)
    const [news] = (await new Owner().check(NOW)) ?? []
    expect(news?.message).toContain('4 of 100 contacts')
  })

  it('are by channel, and name none that is no word', async () => {
    await store(...send('DELIVERED', 1_000), ...send('DELIVERED', 100, { mediaType: '@x 1' }))
    await store(...send('SPAM', 3, { mediaType: '@x 1' }))
    const heard = await new Owner().hear(NOW)
    expect(heard.toSorted()).toEqual(['begun spam_rate:other', 'begun unexpected:channel:unnamed'])
  })
})

describe('storage', () => {
  it('is told at 80 % of the database, with what to do', async () => {
    const size = (await env.DB.prepare('SELECT 1').all()).meta.size_after
    const sized = (bytes: number): Partial<Env> => {
      const batch = async (given: D1PreparedStatement[]) =>
        (await env.DB.batch(given)).map((result) => ({
          ...result,
          meta: { ...result.meta, size_after: bytes },
        }))
      return { DB: { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database }
    }
    expect(size).toBeLessThan(399_999_999)
    const owner = new Owner()
    expect(await owner.hear(NOW, sized(399_999_999))).toEqual([])
    expect(await owner.hear(NOW, { ...sized(400_000_000), CLOUDFLARE_PLAN: 'paid' })).toEqual([])
    const without: Partial<Env> & { ARCHIVE: undefined } = {
      ...sized(400_000_000),
      ARCHIVE: undefined,
    }
    const [news] = (await owner.check(NOW, without)) ?? []
    expect(news?.name).toBe('database')
    expect(news?.message).toMatch(/80 % of the 500 MB.*No archive is bound, so that old events are/)
    expect(await owner.hear(NOW, sized(399_999_999))).toEqual(['ended database'])
  })

  it('is told where a file of the archive is unfinished for more than a day', async () => {
    const owner = new Owner()
    await run(
      "INSERT INTO archive (day, file, state, events, bytes) VALUES (0, 1, 'done', 1, 1), (0, 2, 'written', 1, 1)",
    )
    expect(await owner.hear(NOW)).toEqual([])
    await run(
      "INSERT INTO archive (day, file, state, events, bytes) VALUES (86400000, 1, 'begun', 1, 1)",
    )
    expect(await owner.hear(NOW + DAY)).toEqual([])
    expect(await owner.hear(NOW + DAY + 1)).toEqual(['begun archive'])
    await run("UPDATE archive SET state = 'done' WHERE day = 0")
    expect(await owner.hear(NOW + DAY + 2)).toEqual(['ended archive'])
  })

  it('is told where late events cannot be looked up, as no archive is bound any more', async () => {
    const owner = new Owner()
    await run("INSERT INTO late_arrivals VALUES (1, x'00')")
    expect(await owner.hear(NOW)).toEqual([])
    const without: Partial<Env> & { ARCHIVE?: R2Bucket | undefined } = { ARCHIVE: undefined }
    expect(await owner.hear(NOW, without)).toEqual(['begun archive'])
    await run('DELETE FROM late_arrivals')
    expect(await owner.hear(NOW, without)).toEqual(['ended archive'])
  })

  it('is told where the last try to archive failed', async () => {
    const owner = new Owner()
    await run("INSERT INTO key_values VALUES ('retention.error', 'secret@example.com')")
    const [news] = (await owner.check(NOW)) ?? []
    expect(news?.name).toBe('archive')
    expect(news?.message).not.toContain('secret')
  })

  it('is told where an erasure is under way for more than a day', async () => {
    const owner = new Owner()
    await run("INSERT INTO erasures (erasedAt, removed) VALUES (?, '{}')", NOW)
    expect(await owner.hear(NOW + DAY)).toEqual([])
    expect(await owner.hear(NOW + DAY + 1)).toEqual(['begun erasures'])
    await run('UPDATE erasures SET finishedAt = ?', NOW)
    expect(await owner.hear(NOW + DAY + 2)).toEqual(['ended erasures'])
  })

  it('is told where settings let nobody in', async () => {
    const owner = new Owner()
    expect(await owner.hear(NOW, { WEBHOOK_PASSWORD: '' })).toEqual(['begun settings'])
    expect(await owner.hear(NOW)).toEqual(['ended settings'])
  })
})

describe("Yespo's API", () => {
  const KEY = { YESPO_API_KEY: 'api-key' }
  const TODAY = Date.parse('2026-03-10T00:00Z')

  /** A scheduled reading that came to its end, or was stopped; it goes on where there is no state. */
  const read = (state: 'running' | 'finished' | 'stopped', fault: string | null = null) =>
    run(
      `INSERT INTO sync_runs (kind, since, until, state, error, beganAt, movedAt, tries, sent)
       VALUES ('schedule', ?, ?, ?, ?, ?5, ?5, 0, 1)`,
      NOW - HOUR,
      NOW,
      state,
      fault,
      NOW - HOUR,
    )

  const see = (time: number, seenByBoth: number, apiAlone: number) =>
    run(
      `INSERT OR REPLACE INTO coverage VALUES (?, ?, 'READ', 'email', ?, 7, ?)`,
      time,
      time + HOUR,
      seenByBoth,
      apiAlone,
    )

  it('that cannot be read is told once, with why, until it can', async () => {
    const owner = new Owner()
    await read('stopped', 'Yespo does not accept the API key.')
    const [news] = (await owner.check(NOW, KEY)) ?? []
    expect(news).toMatchObject({ name: 'api', state: 'begun' })
    expect(news?.message).toContain('was stopped: Yespo does not accept the API key.')
    await read('running')
    expect(await owner.hear(NOW + MINUTE, KEY)).toEqual([])
    await run("UPDATE sync_runs SET state = 'stopped', error = 'Another.' WHERE state = 'running'")
    expect(await owner.hear(NOW + 2 * MINUTE, KEY)).toEqual([])
    await read('finished')
    expect(await owner.hear(NOW + 3 * MINUTE, KEY)).toEqual(['ended api'])
    expect(await owner.hear(NOW + 4 * MINUTE, KEY)).toEqual([])
  })

  it('is nothing to tell of once it is not read any more', async () => {
    const owner = new Owner()
    await read('stopped', 'Why.')
    expect(await owner.hear(NOW, KEY)).toEqual(['begun api'])
    expect(await owner.hear(NOW + MINUTE)).toEqual(['ended api'])
    expect(await owner.hear(NOW + 2 * MINUTE, KEY)).toEqual(['begun api'])
  })

  it('has what the webhook missed of the last full day, which is told once', async () => {
    const owner = new Owner()
    await read('finished')
    await see(TODAY - HOUR, 97, 3)
    const [news] = (await owner.check(NOW, KEY)) ?? []
    expect(news?.message).toMatch(/^The webhook missed 3 of the 100 events .* of 2026-03-09/)
    expect(await owner.hear(NOW + MINUTE, KEY)).toEqual([])
    // The next day says nothing until it was read to its end.
    expect(await owner.hear(NOW + DAY, KEY)).toEqual([])
    await run('UPDATE sync_runs SET until = ?', NOW + DAY)
    expect(await owner.hear(NOW + DAY, KEY)).toEqual(['ended api'])
  })

  it('has some events of that day of which the webhook confirmed none', async () => {
    const owner = new Owner()
    await read('finished')
    await see(TODAY - HOUR, 0, 5)
    const [news] = (await owner.check(NOW, KEY)) ?? []
    expect(news?.message).toMatch(
      /^The webhook confirmed none of the 5 events that Yespo's API has of 2026-03-09/,
    )
  })

  it('tells how to begin at once, and that it begins again by itself', async () => {
    await read('stopped', 'Write to the support, then begin again.')
    const [news] = (await new Owner().check(NOW, KEY)) ?? []
    expect(news?.message).toContain(
      'then begin again. To begin at once, see /coverage in the pages of the receiver; else the next reading begins by itself.',
    )
  })

  it.each([
    ['few events', TODAY - HOUR, 50, 49],
    ['very few that the webhook confirmed none of', TODAY - HOUR, 0, 4],
    ['a single one that it confirmed', TODAY - HOUR, 1, 90],
    ['a share that is good enough', TODAY - HOUR, 990, 10],
    ['today', TODAY, 0, 1_000],
    ['the day before', TODAY - 25 * HOUR, 0, 1_000],
  ])('is nothing to tell of for %s', async (_what, time, seenByBoth, apiAlone) => {
    await read('finished')
    await see(time, seenByBoth, apiAlone)
    expect(await new Owner().hear(NOW, KEY)).toEqual([])
  })

  it('is judged by what was read on demand where it is not read by itself', async () => {
    const onDemand = { ...KEY, YESPO_API_MINUTES: '0' } as unknown as Partial<Env>
    await read('stopped', 'Long ago.')
    const owner = new Owner()
    expect(await owner.hear(NOW, onDemand)).toEqual([])
    await see(TODAY - HOUR, 0, 200)
    expect(await owner.hear(NOW + MINUTE, onDemand)).toEqual(['begun api'])
  })

  it('costs little between two readings', async () => {
    const owner = new Owner()
    await read('finished')
    await run(
      `WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 1000)
       INSERT INTO coverage SELECT ?, ?, 'STATUS ' || v, 'email', 1, 0, 0 FROM n`,
      TODAY - HOUR,
      TODAY,
    )
    await owner.check(NOW, KEY)
    const { db, rowsRead } = countReads(env.DB)
    await owner.check(NOW + MINUTE, { ...KEY, DB: db })
    expect(rowsRead()).toBeLessThan(100)
  })

  it('is told of where a setting of it is wrong', async () => {
    const wrong = { ...KEY, YESPO_API_URL: 'nowhere' } as unknown as Partial<Env>
    expect(await new Owner().hear(NOW, wrong)).toEqual(['begun settings'])
  })
})

it('costs little where nothing changes', async () => {
  const numbers = 'WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)'
  await run(
    `${numbers} INSERT INTO quarantine SELECT 'r' || v, 0, 0, 'element', 'why', v, 'w', NULL, '' FROM n`,
  )
  await run(
    `${numbers} INSERT INTO activity (occurredAt, id, writeId, receivedAt, origin, campaign) SELECT v, zeroblob(16), 1, v, 'w', 1 FROM n`,
  )
  await run(`${numbers} INSERT INTO late_arrivals SELECT v, zeroblob(16) FROM n`)
  await run(
    `${numbers} INSERT INTO archive (day, file, state, events, bytes) SELECT v, 1, 'done', 1, 1 FROM n WHERE v <= 1000`,
  )
  const owner = new Owner()
  await owner.check(NOW)
  const { db, rowsRead } = countReads(env.DB)
  await owner.check(NOW + MINUTE, { DB: db })
  expect(rowsRead()).toBeLessThan(12_000)
})
