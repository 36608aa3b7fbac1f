import { expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import type { ShopElement } from '../../src/simulator/shop/element.ts'
import { Shop, type ShopOptions } from '../../src/simulator/shop/shop.ts'
import { Truth } from '../../src/simulator/shop/truth.ts'
import { joinBody } from '../../src/simulator/traffic.ts'

const END = Date.UTC(2026, 10, 28)
const OPTIONS = { seed: 5, events: 100_000, start: END - 200 * DAY_MS, end: END }
const bodies = [...new Shop(OPTIONS).bodies()]
const truth = new Truth()
for (const body of bodies) truth.add(body)

const channelOf = ({ delivery }: ShopEvent) => delivery.campaign.message.channel
const select = (test: (event: ShopEvent) => boolean) => truth.events.filter(test)
const shareOf = (some: readonly unknown[], all: readonly unknown[]) => some.length / all.length

const run = (options: Partial<ShopOptions>) => [...new Shop({ ...OPTIONS, ...options }).bodies()]
const textOf = (list: ShopElement[][]) => Buffer.concat(list.map(joinBody)).toString()

it('is the same for the same seed, and different for another', () => {
  const make = (seed: number) => textOf(run({ seed, events: 2_000 }))
  expect(make(1)).toBe(make(1))
  expect(make(1)).not.toBe(make(2))
})

it('has about as many events as requested, reported in order until the end', () => {
  expect(truth.events.length).toBeGreaterThan(OPTIONS.events * 0.8)
  expect(truth.events.length).toBeLessThan(OPTIONS.events * 1.2)
  const reported = truth.events.map(({ reportedAt }) => reportedAt)
  expect(reported).toEqual(reported.toSorted((a, b) => a - b))
  expect(reported.at(0)).toBeGreaterThan(OPTIONS.start)
  expect(reported.at(-1)).toBeLessThan(END)
  const late = select(({ at, reportedAt }) => reportedAt - at > 60_000)
  expect(shareOf(late, truth.events)).toBeCloseTo(0.01, 2)
  expect(Math.max(...late.map(({ at, reportedAt }) => reportedAt - at))).toBeLessThan(31 * HOUR_MS)
})

it('sends what happened, in bodies of up to a thousand events', () => {
  expect(Math.max(...bodies.map((body) => body.length))).toBeLessThanOrEqual(1_000)
  for (const { bytes, event, status } of bodies.flat().filter((_, index) => index % 20 === 0)) {
    const sent = JSON.parse(bytes.toString()) as Record<string, unknown>
    expect(sent).toMatchObject({
      iid: event.delivery.iid,
      contactId: event.delivery.contact.contactId,
      activityStatus: status,
      activityDateTime: new Date(event.at).toISOString().slice(0, 19),
      mediaType: channelOf(event),
      messageId: event.delivery.campaign.message.messageId,
    })
    expect(sent['hardBounce']).toBe(event.fault?.isHard)
    expect(String(sent['clickEventLink'] ?? '')).toMatch(event.link?.url ?? /^$/)
  }
})

it('has no two equal events, which a receiver could not tell apart', () => {
  const texts = bodies.flat().map(({ bytes }) => bytes.toString())
  expect(new Set(texts).size).toBe(texts.length)
})

it('has plausible shares of statuses', () => {
  const emails = select((event) => channelOf(event) === 'email')
  const counts = truth.countStatuses(emails)
  const people = (status: 'READ' | 'CLICKED' | 'UNDELIVERED' | 'UNSUBSCRIBED' | 'SPAM') =>
    (counts.get(status)?.people.contacts ?? 0) / (counts.get('DELIVERED')?.all.contacts ?? 0)
  expect(people('READ')).toBeGreaterThan(0.1)
  expect(people('READ')).toBeLessThan(0.3)
  expect(people('CLICKED')).toBeGreaterThan(0.01)
  expect(people('CLICKED')).toBeLessThan(0.06)
  expect(people('UNDELIVERED')).toBeGreaterThan(0.005)
  expect(people('UNDELIVERED')).toBeLessThan(0.03)
  expect(people('UNSUBSCRIBED')).toBeGreaterThan(0.0005)
  expect(people('SPAM')).toBeGreaterThan(0.0001)
})

it('has half of the reads within hours, and few at night', () => {
  const reads = select((event) => event.status === 'READ' && channelOf(event) === 'email')
  const soon = reads.filter(({ at, delivery }) => at - delivery.sentAt < 8 * HOUR_MS)
  expect(shareOf(soon, reads)).toBeGreaterThan(0.5)
  const inKyiv = new Intl.DateTimeFormat('en', {
    timeZone: 'Europe/Kyiv',
    hour: 'numeric',
    hourCycle: 'h23',
  })
  const isNight = ({ at }: ShopEvent) => Number(inKyiv.format(at)) < 6
  expect(shareOf(reads.filter(isNight), reads)).toBeLessThan(0.08)
})

it('has scanners that a rule finds, nearly all of them and nearly nobody else', () => {
  const isClick = ({ status }: ShopEvent) => status === 'CLICKED' || status === 'READ'
  const real = new Set(select((event) => isClick(event) && event.doer !== 'person'))
  const found = truth.machines
  const right = [...found].filter((event) => real.has(event))
  expect(shareOf(right, [...found])).toBeGreaterThanOrEqual(0.99)
  expect(shareOf(right, [...real])).toBeGreaterThanOrEqual(0.95)
  expect(right.length).toBeLessThan(real.size)
})

it('has blocks of a workflow one after another, in launches whose UUID has their time', () => {
  const ofWorkflow = [...truth.deliveries.keys()].filter(({ launch }) => launch !== undefined)
  const launches = Map.groupBy(ofWorkflow, ({ launch }) => launch?.workflowInstanceId)
  const lengths = [...launches.values()].map((deliveries) => deliveries.length)
  expect(Math.max(...lengths)).toBeGreaterThanOrEqual(4)
  for (const [uuid = '', [first]] of launches) {
    const [low, middle, high] = uuid.split('-')
    const ticks = BigInt(`0x${high?.slice(1)}${middle}${low}`)
    expect(Number(ticks / 10_000n - 12_219_292_800_000n)).toBe(first?.launch?.startedAt)
  }
})

it('sends nothing more to whoever unsubscribed, complained or does not exist', () => {
  const blocked = select(
    ({ status, fault }) => status === 'UNSUBSCRIBED' || status === 'SPAM' || fault?.isHard === true,
  )
  expect(blocked.length).toBeGreaterThan(100)
  const byContact = Map.groupBy(truth.events, ({ delivery }) => delivery.contact)
  for (const event of blocked) {
    const later = byContact.get(event.delivery.contact)?.filter(({ delivery }) => {
      const isSameChannel = delivery.campaign.message.channel === channelOf(event)
      return isSameChannel && delivery.sentAt > event.at
    })
    expect(later).toEqual([])
  }
})

it('rejects, hides, complains and falls silent during incidents only', () => {
  const [since, until] = [END - 60 * DAY_MS, END - 30 * DAY_MS]
  const inSpan = ({ delivery: { sentAt } }: ShopEvent) => sentAt >= since && sentAt < until
  const of = (...incidents: NonNullable<ShopOptions['incidents']>) =>
    run({ incidents, events: 30_000 })
      .flat()
      .map(({ event }) => event)
  const rejected = of({ kind: 'rejected', since, until, provider: 'gmail', share: 0.5 }).filter(
    (event) => event.fault?.cause === 'reputation' && event.delivery.contact.provider === 'gmail',
  )
  expect(shareOf(rejected.filter(inSpan), rejected)).toBeGreaterThan(0.95)
  const complaints = of({ kind: 'complaints', since, until, share: 0.05 }).filter(
    ({ status }) => status === 'SPAM',
  )
  expect(shareOf(complaints.filter(inSpan), complaints)).toBeGreaterThan(0.9)
  const unread = of({ kind: 'unread', since, until, provider: 'gmail', share: 1 }).filter(
    (event) =>
      event.status === 'READ' &&
      event.doer === 'person' &&
      event.delivery.contact.provider === 'gmail' &&
      channelOf(event) === 'email' &&
      inSpan(event),
  )
  expect(unread).toEqual([])
  const silent = of(
    { kind: 'status missing', status: 'CLICKED', since, until },
    { kind: 'silence', since: until, until: END },
  )
  const reported = silent.filter(({ reportedAt }) => reportedAt >= since)
  expect(reported.length).toBeGreaterThan(100)
  expect(reported.filter(({ status }) => status === 'CLICKED')).toEqual([])
  expect(reported.filter(({ reportedAt }) => reportedAt >= until)).toEqual([])
})

it('answers by link, by person and by contact in agreement', () => {
  const clicked = Map.groupBy(
    select(({ status }) => status === 'CLICKED'),
    ({ delivery }) => delivery.campaign.message,
  )
  const [, clicks = []] = [...clicked].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? []
  const links = [...truth.countLinks(clicks).values()]
  expect(links.reduce((sum, { all }) => sum + all.events, 0)).toBe(clicks.length)
  const total = truth.count(clicks)
  expect(total.people.events).toBeLessThan(total.all.events)
  expect(truth.findPeople(clicks, ['CLICKED']).size).toBe(
    new Set(
      clicks.filter((click) => !truth.machines.has(click)).map(({ delivery }) => delivery.contact),
    ).size,
  )
  const engaged = [...truth.findEngagement('email').values()]
  expect(engaged.some(({ engagedAt }) => engagedAt === undefined)).toBe(true)
  expect(engaged.some(({ engagedAt }) => engagedAt !== undefined)).toBe(true)
})
