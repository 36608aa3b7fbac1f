import { describe, expect, it } from 'vitest'
import { buildEvent } from '../event.ts'
import { read } from '../receiver.ts'
import { campaignFields } from '../../src/reports/api.ts'
import { visit } from '../visit.ts'
import { store } from '../store-events.ts'
import { Random } from '../../src/simulator/random.ts'

type Event = Record<string, unknown>
type Counted = { events: number; hard: number; soft: number }
type Reason = Counted & { reason: string | null; cause: string; example: string | null }
type Bounces = Counted & { reasons: Reason[]; domains: (Counted & { domain: string })[] }

async function readBounces(query = ''): Promise<Bounces> {
  const response = await read(`/reports/bounces?${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

const bounce = (statusDescription: string | null, changes: Event = {}) =>
  buildEvent({ activityStatus: 'UNDELIVERED', hardBounce: true, statusDescription, ...changes })

/** Texts of bounces, each with its status code. */
const TEXTS: [text: string, code: string][] = [
  ['5.1.2 (bad destination system: no such domain)', '5.1.2'],
  ['550 5.1.2 unknown host', '5.1.2'],
  ['550-5.1.1 The email account does not exist', '5.1.1'],
  ['smtp;550 5.1.1 <x@example.com>: Recipient address rejected', '5.1.1'],
  ['Mailbox is full. #4.2.2', '4.2.2'],
  ['host mx.example.com[192.0.2.1] said: 452 4.2.2 Over quota', '4.2.2'],
  ['Diagnostic-Code: (5.7.26)', '5.7.26'],
  ['5.7.26', '5.7.26'],
  ['rejected, see 5.7.1.', '5.7.1'],
  ['[5.7.1] policy', '5.7.1'],
]

function makeBounces(seed: number): { event: Event; code: string; time: number }[] {
  const random = new Random(seed)
  return Array.from({ length: 300 }, () => {
    const [text, code] = random.pick(TEXTS)
    const time = Date.UTC(2024, 0, 1, 0, random.between(0, 600))
    const event = bounce(text, {
      activityDateTime: new Date(time).toISOString(),
      hardBounce: random.pick([true, false, null]),
      email: random.pick(['a@Example.com', 'b@example.com', 'c@example.org', null]),
      mediaType: random.pick(['email', 'sms']),
      messageId: random.between(1, 3),
      broadcastId: random.between(1, 3),
      workflowId: random.between(1, 3),
      from: random.pick(['Shop', null]),
      messageTag: random.pick(['sale', 'spring, sale', 'spring', null]),
    })
    return { event, code, time }
  })
}

function countEvents(events: Event[]): Counted {
  return {
    events: events.length,
    hard: events.filter(({ hardBounce }) => hardBounce === true).length,
    soft: events.filter(({ hardBounce }) => hardBounce === false).length,
  }
}

function expectCounts(response: Bounces, bounces: ReturnType<typeof makeBounces>): void {
  expect(response).toMatchObject(countEvents(bounces.map(({ event }) => event)))
  const byCode = Map.groupBy(bounces, ({ code }) => code)
  expect(
    new Map(
      response.reasons.map(({ reason, example: _, cause: __, ...counts }) => [reason, counts]),
    ),
  ).toEqual(
    new Map([...byCode].map(([code, own]) => [code, countEvents(own.map(({ event }) => event))])),
  )
  expect(response.reasons).toHaveLength(byCode.size)
  const named = bounces.map(({ event }) => event).filter(({ email }) => email !== null)
  const byDomain = Map.groupBy(named, ({ email }) => String(email).split('@')[1]?.toLowerCase())
  expect(new Map(response.domains.map(({ domain, ...counts }) => [domain, counts]))).toEqual(
    new Map([...byDomain].map(([domain, own]) => [domain, countEvents(own)])),
  )
  for (const lines of [response.reasons, response.domains]) {
    const sizes = lines.map(({ events }) => events)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
  }
}

describe('bounces', () => {
  it('equal a plain rebuild, without other events and repeats', async () => {
    const bounces = makeBounces(1)
    const events = bounces.map(({ event }) => event)
    await store(...events, buildEvent(), buildEvent({ activityStatus: 'SPAM' }))
    await store(...events.slice(0, 100))
    expectCounts(await readBounces(), bounces)
  })

  it.each<[string, (event: Event) => boolean]>([
    ['mediaType=sms', ({ mediaType }) => mediaType === 'sms'],
    ['messageId=1,3', ({ messageId }) => messageId !== 2],
    ['broadcastId=2', ({ broadcastId }) => broadcastId === 2],
    ['workflowId=3', ({ workflowId }) => workflowId === 3],
    ['from=Shop', ({ from }) => from === 'Shop'],
    ['messageTag=sale', ({ messageTag }) => String(messageTag).includes('sale')],
    [
      'messageTag=sale&from=Shop',
      (event) => /sale/.test(`${event['messageTag']}`) && event['from'] === 'Shop',
    ],
    ['from=Shop&messageId=1', ({ from, messageId }) => from === 'Shop' && messageId === 1],
    ['messageId=9', () => false],
  ])('are filtered by %s', async (query, fits) => {
    const bounces = makeBounces(2)
    await store(...bounces.map(({ event }) => event))
    expectCounts(
      await readBounces(query),
      bounces.filter(({ event }) => fits(event)),
    )
  })

  it('have every filter that other reports have', async () => {
    await store(
      bounce('x', {
        broadcastId: 7,
        workflowId: 7,
        messageId: 7,
        from: '7',
        messageTag: '7',
        mediaType: '7',
        messageLanguageCode: '7',
        workflowBlockId: '7',
      }),
    )
    for (const name of Object.keys(campaignFields())) {
      for (const path of [
        'bounces',
        'messages',
        'totals?by=hour&since=2023-09-14&until=2023-09-15',
      ]) {
        const response = await read(`/reports/${path}${path.includes('?') ? '&' : '?'}${name}=7`)
        expect([name, path, response.status]).toEqual([name, path, 200])
        expect(await response.text()).toMatch(/"events":1\D/)
      }
      expect(await readBounces(`${name}=8`)).toMatchObject({ events: 0 })
    }
  })

  it('are counted by the minute at the ends of a period', async () => {
    const bounces = makeBounces(3)
    await store(...bounces.map(({ event }) => event))
    const [since, until] = [Date.UTC(2024, 0, 1, 2, 7), Date.UTC(2024, 0, 1, 5, 1)]
    expectCounts(
      await readBounces(`since=${since}&until=${until}`),
      bounces.filter(({ time }) => time >= since && time < until),
    )
  })

  it('are empty if nothing bounced', async () => {
    const none = {
      events: 0,
      hard: 0,
      soft: 0,
      causes: [],
      reasons: [],
      domains: [],
      leftOut: { reasons: 0, domains: 0 },
    }
    expect(await readBounces()).toEqual({
      ...none,
      scanned: { since: null, waitingHours: 0, complete: true },
    })
  })

  it('report the oldest that was scanned', async () => {
    await store(bounce('x', { activityDateTime: '1970-01-01T00:00:00' }))
    expect(await readBounces()).toMatchObject({ scanned: { since: 0, complete: true } })
  })

  it('are limited to the most frequent, but included in the sum', async () => {
    await store(bounce('5.1.1', { email: 'a@one.example' }))
    await store(bounce('5.2.2'), bounce('5.2.2 full'))
    const { events, reasons, domains } = await readBounces('limit=1')
    expect([events, reasons.map(({ reason }) => reason)]).toEqual([3, ['5.2.2']])
    expect(domains).toEqual([{ domain: 'example.com', events: 2, hard: 2, soft: 0 }])
  })
})

describe('a response that leaves lines out', () => {
  const causes = Array.from({ length: 30 }, (_, index) =>
    bounce(`5.${index % 8}.${1 + Math.floor(index / 8)} x`, { email: `a@${index}.example.com` }),
  )

  it.each([
    [20, { reasons: 10, domains: 10 }],
    [29, { reasons: 1, domains: 1 }],
    [30, { reasons: 0, domains: 0 }],
    [200, { reasons: 0, domains: 0 }],
  ])('says so: %i', async (limit, leftOut) => {
    await store(...causes)
    const response = await readBounces(`limit=${limit}`)
    const complete = leftOut.reasons === 0
    expect(response).toMatchObject({ events: 30, leftOut, scanned: { complete } })
    expect(response.reasons).toHaveLength(30 - leftOut.reasons)
    expect(await readBounces(`limit=${limit}&messageId=9`)).toMatchObject({
      scanned: { complete: true },
    })
  })

  it.each([
    [['a@Dom.example', ' b@dom.example ', 'Anna <c@dom.example>', 'd@dom.example.'], 'dom.example'],
    [
      ['"x@y"@dom.example', 'e@dom.example (work)', 'mailto:f@dom.example', '"g@dom.example"'],
      'dom.example',
    ],
    [
      ['h@x.example, i@dom.example', 'j@dom.example;', '<k@dom.example>,', 'l@\u200bdom.example'],
      'dom.example',
    ],
    [
      ['e@приклад.укр', 'f@xn--80aikifvh.xn--j1amh', 'Г <G@ПРИКЛАД.УКР>', 'h@приклад。укр'],
      'xn--80aikifvh.xn--j1amh',
    ],
    [['user@', 'user@ ', 'user@<>'], ''],
    [[`a@${'d'.repeat(251)}.com`, `b@${'D'.repeat(251)}.com`], `${'d'.repeat(251)}.com`],
  ])('have one line per domain in any spelling: %j', async (emails, domain) => {
    await store(...emails.map((email, index) => bounce(null, { email, contactId: index + 1 })))
    const { domains } = await readBounces()
    expect(domains).toMatchObject([{ domain, events: emails.length }])
  })

  it.each([
    'nobody',
    '',
    '@'.repeat(300),
    `a@${'x'.repeat(256)}`,
    `${'x@'.repeat(2_000)}dom.example`,
  ])('are counted without a domain, or by the last one: %#', async (email) => {
    await store(bounce(null, { email }))
    const { events, domains } = await readBounces()
    expect(events).toBe(1)
    const ends = email.endsWith('dom.example') ? ['dom.example'] : email.endsWith('@') ? [''] : []
    expect(domains.map((each) => each.domain)).toEqual(ends)
  })

  it('says so even if only domains are left out', async () => {
    await store(...causes.map((event) => ({ ...event, statusDescription: '5.1.1' })))
    const leftOut = { reasons: 0, domains: 10 }
    expect(await readBounces()).toMatchObject({ leftOut, scanned: { complete: false } })
  })
})

describe('a reason', () => {
  it.each([
    ...TEXTS,
    [`${'very long text '.repeat(30)} 5.1.1`, '5.1.1'],
    ['192.0.2.1 refused: 5.4.1', '5.4.1'],
    ['sent by 5.1.1.2, 4.4.7', '4.4.7'],
    ['401: null', '401: null'],
    ['mailbox   is\n full ', 'mailbox is full'],
    ['version 15.1.1', 'version 15.1.1'],
    ['10.5.1.1 refused', 'refused'],
    ['5.1.1.1 refused', 'refused'],
    ['Скринька переповнена', 'Скринька переповнена'],
  ])('of %j is %j', async (text, reason) => {
    await store(bounce(text))
    expect((await readBounces()).reasons).toMatchObject([{ reason, events: 1 }])
  })

  it('is one line for texts that only differ by address', async () => {
    await store(bounce('No user a@example.com here'), bounce('No user b@example.com here'))
    const { reasons } = await readBounces()
    expect(reasons.map(({ events }) => events)).toEqual([2])
  })

  it('is one line regardless of case, and links to every event that it counts', async () => {
    await store(bounce('User unknown'), bounce('user unknown'), bounce('550 USER UNKNOWN'))
    const { reasons } = await readBounces()
    expect(reasons.map(({ events }) => events)).toEqual([3])
    const query = new URLSearchParams({ reason: String(reasons[0]?.reason) })
    const page = await (await visit(`/recent?${query}`)).text()
    expect(page.match(/<li data-id=/g)).toHaveLength(3)
  })

  it('is null if the text is missing, empty or blank', async () => {
    await store(bounce(null), bounce(''), bounce('  '))
    expect((await readBounces()).reasons).toMatchObject([{ reason: null, events: 3 }])
  })

  it('has the most frequent text as an example', async () => {
    await store(bounce('5.1.1 rare'), bounce('5.1.1 usual'), bounce('5.1.1 usual'))
    expect((await readBounces()).reasons).toMatchObject([
      { reason: '5.1.1', example: '5.1.1 usual' },
    ])
  })

  const SECRET = /secret|000.?00.?01|example\.(com|org)/i
  it.each([
    'No user secret@example.com',
    '550 5.1.1 <secret@example.com>: rejected',
    'to=secret@example.com,',
    'mailto:secret@example.com?subject=x',
    '550 5.1.1 <Secret.Name+tag@EXAMPLE.COM>',
    'secret@example.com',
    '"secret name"@example.com is unknown',
    "'secret'@example.com is unknown",
    'secret(comment)@example.com',
    'secret%40example.com is unknown',
    'secret@[192.0.2.1] is unknown',
    'секрет-secret@example.com',
    'secret=example.org@bounces.example.com',
    'prvs=00001=secret@example.com',
    '380000000001 is not in service',
    '+380000000001 is not in service',
    '+380 00 000 00 01 is not in service',
    '+38 (000) 000-00-01 is not in service',
    `${'x '.repeat(143)}secret.of.someone@example.com`,
    `5.1.1 ${'x '.repeat(140)}secret.of.someone@example.com`,
  ])('never shows an address: %j', async (text) => {
    await store(bounce(text, { email: null }))
    expect(JSON.stringify((await readBounces()).reasons)).not.toMatch(SECRET)
  })
})

describe('an invalid parameter is rejected by name', () => {
  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['cursor=1', 'cursor'],
    ['messageId=x', 'messageId'],
    ['since=x', 'since'],
    ['reason=5.1.1', 'reason'],
  ])('%s', async (query, parameter) => {
    const response = await read(`/reports/bounces?${query}`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { parameter } })
  })
})

it('counts very many different bounces, and says that it does not list all of them', async () => {
  const events = Array.from({ length: 6_000 }, (_, index) => ({
    activityStatus: 'UNDELIVERED',
    hardBounce: true,
    contactId: index,
    email: `a@${index}.example.com`,
    statusDescription: `5.1.1 session ${index}`,
  }))
  for (let from = 0; from < 6_000; from += 3_000) {
    await store(...events.slice(from, from + 3_000).map((event) => buildEvent(event)))
  }
  expect(await readBounces()).toMatchObject({
    events: 6_000,
    hard: 6_000,
    scanned: { complete: false },
  })
})
