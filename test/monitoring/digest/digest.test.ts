import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/event/clock.ts'
import { sendDigest } from '../../../src/monitoring/digest/send.ts'
import { Crashing } from '../../archive/crashing.ts'
import { buildEvent } from '../../event.ts'
import { quarantined } from '../../quarantine.ts'
import { clearTables, read } from '../../receiver.ts'
import { runMaintenance } from '../../run-maintenance.ts'
import { store } from '../../store-events.ts'
import { makePulses, storePulses } from '../anomalies/pulses.ts'
import { ALERT_URL } from '../operator.ts'

const MONDAY = Date.parse('2026-11-16T00:00Z')
const DUE = MONDAY + 7 * DAY_MS + 9 * HOUR_MS

const send = { ...env, ALERT_URL } as Env

beforeEach(clearTables)
afterEach(() => vi.restoreAllMocks())

let contact = 1
function event(time: number, changes: object): object {
  const activityDateTime = new Date(time).toISOString().slice(0, 19)
  const iid = crypto.randomUUID()
  return buildEvent({ activityDateTime, contactId: contact++, iid, ...changes })
}

/** So many events, of other contacts each. */
function events(count: number, time: number, changes: object): object[] {
  return Array.from({ length: count }, () => event(time, changes))
}

const GOOD = { messageId: 1, messageName: 'Good' }
const BAD = { messageId: 2, messageName: 'To old@example.com' }
const SMALL = { messageId: 3, messageName: 'Small' }
const BOUNCE = {
  activityStatus: 'UNDELIVERED',
  hardBounce: true,
  statusDescription: '550 5.1.1 user unknown',
}

async function fillWeek(): Promise<void> {
  const time = MONDAY + 30 * HOUR_MS
  await store(
    ...Array.from({ length: 100 }, (_, index) => {
      const delivered = event(time, { ...GOOD, activityStatus: 'DELIVERED' })
      return index < 40 ? [delivered, { ...delivered, activityStatus: 'READ' }] : [delivered]
    }).flat(),
    ...events(90, time, { ...BAD, activityStatus: 'DELIVERED' }),
    ...events(20, time, { ...BAD, ...BOUNCE }),
    ...events(5, time, { ...SMALL, ...BOUNCE }),
    ...events(2, time, { ...GOOD, activityStatus: 'SPAM' }),
  )
  await store(...events(100, MONDAY - DAY_MS, { ...GOOD, activityStatus: 'DELIVERED' }))
  await store(...events(400, MONDAY - 27 * DAY_MS, { ...GOOD, activityStatus: 'DELIVERED' }))
}

/** What was posted, by each call of `post`. */
class Posts {
  readonly texts: string[] = []
  status = 200
  readonly post = (_url: string, { body }: RequestInit) => {
    this.texts.push((JSON.parse(String(body)) as { text: string }).text)
    return Promise.resolve(new Response('', { status: this.status }))
  }
}

describe('GET /reports/digest', () => {
  it('has totals with changes, campaigns, suppressions, causes and what to look at', async () => {
    await fillWeek()
    await quarantined({ sent: '{"activityStatus":7}', reason: 'why' })
    const response = await read('/reports/digest?week=2026-11-18')
    expect(response.status).toBe(200)
    const digest: unknown = await response.json()
    expect(digest).toMatchObject({
      week: { monday: '2026-11-16', since: MONDAY, until: MONDAY + 7 * DAY_MS, timeZone: 'UTC' },
      channels: [
        {
          mediaType: 'email',
          week: { attempted: 215, delivered: 190, rates: { read: { numerator: 40 } } },
          weekBefore: { attempted: 100 },
          fourWeeksBefore: { attempted: 400 },
        },
      ],
      best: [{ messageId: '1', rates: { read: { rate: 0.4 } } }],
      worst: [{ messageId: '2', messageName: 'To …', attempted: 110 }],
      suppressions: [
        { reason: 'HARD_BOUNCE', mediaType: 'email', count: 25 },
        { reason: 'SPAM', mediaType: 'email', count: 2 },
      ],
      causes: [{ cause: 'mailboxUnknown', events: 25, weekBefore: 0 }],
      quarantined: { items: 1, reasons: [{ reason: 'why', items: 1 }] },
      coverage: null,
    })
    const { lookAt, text } = digest as { lookAt: string[]; text: string }
    expect(lookAt).toEqual([
      '1.05% of the contacts by email complained (2 of 190); more than 0.3% is too many.',
      '11.63% of the contacts by email bounced permanently (25 of 215); more than 5.0% is too many.',
      expect.stringMatching(/^“To …” \(message 2\) bounced permanently for 18\.18% of 110/),
      'Contacts written to by email: 215, 115% more than the week before.',
      expect.stringMatching(/^Bounces with the cause “Mailbox unknown”: 25, after 0/),
      expect.stringMatching(/^1 item in quarantine\./),
    ])
    expect(text).toMatch(
      /^Yespo receiver: the week of 16\s?–\s?22 November 2026\.\nemail: 190 delivered/,
    )
    expect(text).toContain('90% more than the week before, 53% less than four weeks before')
    expect(JSON.stringify(digest)).not.toContain('example.com')
  })

  it('has the anomalies of the week', async () => {
    const start = MONDAY - 29 * DAY_MS
    const begin = 29 * 24 + 20
    await storePulses(
      env.DB,
      makePulses(start, 33 * 24, (hour, provider) =>
        hour >= begin && hour < begin + 4 && provider === 'outlook'
          ? { delivered: 50, bounced: 50 }
          : undefined,
      ),
    )
    const response = await read('/reports/digest?week=2026-11-18')
    const { anomalies, lookAt } = await response.json<{ anomalies: object[]; lookAt: string[] }>()
    expect(anomalies).toMatchObject([{ kind: 'bounces', provider: 'outlook', count: 200 }])
    expect(lookAt[0]).toMatch(/^Outlook, Hotmail rejected 50% of 400 emails from 2026-11-16 20:00/)
  })

  it.each(['2026-13-01', 'last', '2026-W47'])('rejects the week %s', async (week) => {
    expect((await read(`/reports/digest?week=${week}`)).status).toBe(400)
  })
})

describe('the digest', () => {
  it('is posted once, from Monday at nine on, however late the schedule runs', async () => {
    await fillWeek()
    const posts = new Posts()
    await sendDigest(send, DUE - 1, posts.post)
    const before = posts.texts.length
    for (const late of [0, 1, 50, 100]) await sendDigest(send, DUE + late * HOUR_MS, posts.post)
    expect(posts.texts.slice(before)).toEqual([
      expect.stringMatching(/^Yespo receiver: the week of 16\s?–\s?22 November 2026\./),
    ])
    expect(posts.texts.join('').length).toBeLessThan(4_000)
  })

  it('is posted if the schedule was down for days', async () => {
    await fillWeek()
    const posts = new Posts()
    await sendDigest(send, DUE + 5 * DAY_MS, posts.post)
    expect(posts.texts).toHaveLength(1)
  })

  it('is not posted if nothing happened', async () => {
    const posts = new Posts()
    await sendDigest(send, DUE, posts.post)
    expect(posts.texts).toEqual([])
  })

  it('is posted again, the same, until that succeeds', async () => {
    await fillWeek()
    const posts = new Posts()
    posts.status = 500
    await sendDigest(send, DUE, posts.post)
    await store(...events(9, MONDAY, { ...GOOD, activityStatus: 'DELIVERED' }))
    posts.status = 200
    await sendDigest(send, DUE + HOUR_MS, posts.post)
    await sendDigest(send, DUE + 2 * HOUR_MS, posts.post)
    expect(posts.texts).toHaveLength(2)
    expect(posts.texts[1]).toBe(posts.texts[0])
  })

  it('is posted once if a run is killed at any call but the record of its success', async () => {
    await fillWeek()
    const whole = new Crashing()
    await sendDigest({ ...send, DB: whole.database(env.DB) }, DUE, new Posts().post)
    const isRecord = (call: number, when: string) => call === whole.calls && when === 'before'
    for (const when of ['before', 'after'] as const) {
      for (let call = 1; call <= whole.calls; call++) {
        await env.DB.prepare("DELETE FROM key_values WHERE name = 'digest'").run()
        const posts = new Posts()
        const crashing = new Crashing({ call, when, isKill: true })
        const killed = sendDigest({ ...send, DB: crashing.database(env.DB) }, DUE, posts.post)
        await Promise.race([crashing.killed, killed])
        await sendDigest(send, DUE + HOUR_MS, posts.post)
        await sendDigest(send, DUE + 2 * HOUR_MS, posts.post)
        const expected = isRecord(call, when) ? 2 : 1
        expect(posts.texts.length, `${when} call ${call}`).toBe(expected)
        expect(new Set(posts.texts).size).toBe(1)
      }
    }
  })

  it('is posted by the schedule, unless it is off or there is no URL', async () => {
    await fillWeek()
    const posts = new Posts()
    vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) =>
      posts.post(String(url), init ?? {}),
    )
    await runMaintenance({ ...send, ALERT_URL: '' }, DUE)
    await runMaintenance({ ...send, DIGEST: 'off' } as unknown as Env, DUE)
    const isDigest = (text: string) => text.includes('the week of')
    expect(posts.texts.filter(isDigest)).toEqual([])
    for (const late of [0, 15, 30]) await runMaintenance(send, DUE + late * 60_000)
    expect(posts.texts.filter(isDigest)).toHaveLength(1)
  })
})
