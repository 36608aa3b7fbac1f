import { causeOf } from '../../event/bounce/cause.ts'
import type { CauseName } from '../../event/bounce/causes.ts'
import { QUARTER_MS, startOfHour } from '../../event/clock.ts'
import { normalizeLink, utmOf } from '../../event/link.ts'
import { findMachines } from '../../event/machines.ts'
import { PROVIDERS, providerOf } from '../../event/mailbox-provider.ts'
import { isKnownChannel } from '../../event/unexpected.ts'
import { timeOfUuid } from '../events/find-delivery.ts'
import { KINDS } from '../reports/totals.ts'
import { bucketOfDelay } from './delay-buckets.ts'
import { OTHER, Pulse, type PulseRow } from './pulse.ts'

/** An event of a slice; those that are not counted are there for their delivery, without some of the columns. */
export type RollupEvent = {
  /** The number of its delivery in the slice; null without a contact. */
  delivery: number | null
  isCounted: 0 | 1
  /** UTC milliseconds. */
  occurredAt: number
  activityStatus: string | null
  /** The instance of the message, if the event has no `iid`. */
  instance: number | string | null
  clickEventLink: string | null
  hardBounce: 0 | 1 | null
  campaign: number | null
  mediaType: string | null
  contactId: number | string | null
  email: string | null
  description: string | null
  /** The start of its workflow: a UUID. */
  launch: string | null
}

/** Rows of each kind, as in the table `rollups`; links by their URL. */
export type Rollup = {
  links: [campaign: number, url: string, ...Clicks][]
  utm: [campaign: number, name: string, value: string, ...Clicks][]
  providers: [
    campaign: number,
    provider: string,
    activityStatus: string,
    kind: number,
    cause: string,
    events: number,
    contacts: number,
  ][]
  /** Bounces by cause, also of channels without providers: far fewer rows, for reports over years. */
  causes: [campaign: number, kind: number, cause: string, events: number][]
  delays: [campaign: number, bucket: number, people: number][]
  steps: [campaign: number, people: number, seconds: number][]
  contacts: [
    contactId: number | string,
    mediaType: string,
    lastDeliveredAt: number | null,
    lastEngagedAt: number | null,
  ][]
  /** From which anomalies are found. */
  pulse: PulseRow[]
  /** For `totals`: of machines. */
  machines: [
    campaign: number,
    activityStatus: string,
    quarter: number,
    events: number,
    contacts: number,
  ][]
  /** The hours of all events of the deliveries. */
  hours: number[]
}

type Clicks = [clicks: number, people: number, machineClicks: number, machinePeople: number]

const MAX_VALUE = 200 // characters of a UTM value, or of a channel

/** The statuses that are counted by mailbox provider. */
const OF_PROVIDERS = new Set(['SENT', 'DELIVERED', 'READ', 'CLICKED', 'SPAM', 'UNSUBSCRIBED'])

/**
 * Counts what `totals` do not: links, UTM values, mailbox providers, causes of bounces, delays, and what machines did.
 * A contact counts at its first event of the kind for its delivery: see the definitions in `reports/README.md`.
 *
 * @param events to count, with all others of their deliveries; oldest first within a delivery
 * @returns a rollup for each hour of the events to count
 */
export function rollUp(events: readonly RollupEvent[]): Map<number, Rollup> {
  const counts = new CountsByHour()
  for (const [delivery, own] of Map.groupBy(events, keyOfDelivery)) {
    if (delivery === undefined) for (const event of own) countNameless(counts, event)
    else countDelivery(counts, own)
  }
  return counts.finish()
}

/** Without an `iid`, a contact's events of one instance of a campaign are one delivery. */
function keyOfDelivery({ delivery, instance }: RollupEvent): string | undefined {
  return delivery === null ? undefined : `${delivery} ${instance}`
}

/** An event that is counted. */
type Counted = RollupEvent & {
  campaign: number
  /** Of an email with an address. */
  provider: string | undefined
  /** Of a bounce; otherwise empty. */
  cause: CauseName | ''
}

/** An event as it is counted; undefined if it is there only for its delivery. */
function toCounted(event: RollupEvent): Counted | undefined {
  const { campaign, activityStatus, description, mediaType } = event
  if (event.isCounted !== 1 || campaign === null) return undefined
  const domain = domainOf(event)
  return {
    ...event,
    campaign,
    provider: domain === undefined ? undefined : providerOf(domain),
    cause: activityStatus === 'UNDELIVERED' ? causeOf(description, mediaType) : '',
  }
}

function countNameless(byHour: CountsByHour, sliced: RollupEvent): void {
  const event = toCounted(sliced)
  if (!event) return
  const counts = byHour.of(event)
  countProvider(counts, event, 0)
  countPulse(counts, event)
  for (const target of targetsOf(event)) counts.addClicks(event.campaign, target, [1, 0, 0, 0])
}

/** @param events of one delivery, oldest first */
function countDelivery(byHour: CountsByHour, events: readonly RollupEvent[]): void {
  const hours = new Set(events.map(({ occurredAt }) => startOfHour(occurredAt)))
  const machines = findMachines(events)
  const firsts = new Firsts()
  const delivered = events.find(({ activityStatus }) => activityStatus === 'DELIVERED')
  for (const [index, sliced] of events.entries()) {
    const { activityStatus, hardBounce, occurredAt } = sliced
    const isMachine = machines.has(index)
    const first = firsts.take(`${activityStatus}`, isMachine)
    const ofKind = firsts.take(`${activityStatus} ${hardBounce}`, false)
    const isAttempt = activityStatus === 'SENT' || activityStatus === 'DELIVERED'
    const isStart = isAttempt && firsts.take('start', false).isFirst
    const clicks = targetsOf(sliced).map((target) => ({
      target,
      ...firsts.take(target.join(' '), isMachine),
    }))
    const event = toCounted(sliced)
    if (!event) continue
    const { campaign } = event
    const counts = byHour.of(event)
    for (const hour of hours) counts.hours.add(hour)
    countProvider(counts, event, Number(ofKind.isFirst))
    countRepeated(counts, event, {
      isBounced: ofKind.isFirst && !first.isFirst,
      isAttempted: first.isFirst && firsts.isAttemptedOtherwise(event),
    })
    const isOfPeople = activityStatus === 'READ' || activityStatus === 'CLICKED'
    if (isOfPeople ? first.isFirstOfPeople : first.isFirst) countPulse(counts, event)
    countMachine(counts, event, first, isMachine)
    for (const { target, isFirst, correction } of clicks) {
      counts.addClicks(campaign, target, [1, Number(isFirst), Number(isMachine), correction])
    }
    if (isStart) countStart(counts, event)
    const isRead = activityStatus === 'READ' && first.isFirstOfPeople
    if (isRead && delivered && delivered.occurredAt <= occurredAt) {
      const seconds = (occurredAt - delivered.occurredAt) / 1_000
      counts.delays.add([campaign, bucketOfDelay(seconds)], [1])
    }
    countContact(counts, event, isMachine)
  }
}

function countProvider(counts: Counts, event: Counted, contacts: number): void {
  const { campaign, activityStatus, hardBounce, provider, cause } = event
  if (activityStatus === 'UNDELIVERED') {
    const kind = hardBounce ?? KINDS.all
    counts.providers.add([campaign, provider ?? '', activityStatus, kind, cause], [1, contacts])
    counts.causes.add([campaign, kind, cause], [1])
  } else if (
    provider !== undefined &&
    activityStatus !== null &&
    OF_PROVIDERS.has(activityStatus)
  ) {
    counts.providers.add([campaign, provider, activityStatus, KINDS.all, ''], [1, contacts])
  }
}

/**
 * Counts what sums over the rows of `countProvider` have too much: a delivery may bounce both softly and for good, and
 * may be delivered and bounce.
 */
function countRepeated(
  counts: Counts,
  event: Counted,
  { isBounced, isAttempted }: { isBounced: boolean; isAttempted: boolean },
): void {
  const { campaign, activityStatus, provider = '', cause } = event
  if (activityStatus !== 'UNDELIVERED' && activityStatus !== 'DELIVERED') return
  const isBounce = activityStatus === 'UNDELIVERED'
  if (!isBounce && provider === '') return
  const add = (kind: number, contacts: number) =>
    counts.providers.add([campaign, provider, activityStatus, kind, cause], [0, contacts])
  if (isBounce && isBounced) add(KINDS.all, -1)
  if (isAttempted) add(KINDS.repeated, 1)
}

function domainOf({ mediaType, email }: RollupEvent): string | undefined {
  const at = mediaType === 'email' && email !== null ? email.lastIndexOf('@') : -1
  return at === -1 ? undefined : email?.slice(at + 1)
}

const KNOWN_PROVIDERS: ReadonlySet<string> = new Set(PROVIDERS.map(({ name }) => name))

function countPulse(counts: Counts, event: Counted): void {
  const { activityStatus, mediaType, occurredAt, provider = '', cause } = event
  if (activityStatus === null) return
  counts.pulse.add(
    mediaType !== null && isKnownChannel(mediaType) ? mediaType : OTHER,
    provider === '' || KNOWN_PROVIDERS.has(provider) ? provider : OTHER,
    activityStatus,
    cause,
    quarterOf(occurredAt),
  )
}

/** The quarter of its hour that a moment is in, from 0. */
function quarterOf(time: number): number {
  return Math.floor((time - startOfHour(time)) / QUARTER_MS)
}

function countMachine(counts: Counts, event: Counted, first: First, isMachine: boolean): void {
  const { campaign, activityStatus, occurredAt, provider } = event
  if (activityStatus !== 'READ' && activityStatus !== 'CLICKED') return
  const correction: [number, number] = [Number(isMachine), first.correction]
  counts.machines.add([campaign, activityStatus, quarterOf(occurredAt)], correction)
  if (provider === undefined) return
  counts.providers.add([campaign, provider, activityStatus, KINDS.machines, ''], correction)
}

function countStart(counts: Counts, { campaign, launch, occurredAt }: Counted): void {
  const startedAt = launch === null ? undefined : timeOfUuid(launch)
  if (startedAt === undefined || startedAt > occurredAt) return
  counts.steps.add([campaign], [1, Math.round((occurredAt - startedAt) / 1_000)])
}

function countContact(counts: Counts, event: Counted, isMachine: boolean): void {
  const { contactId, mediaType, activityStatus, occurredAt } = event
  if (contactId === null || mediaType === null) return
  const isEngaged = (activityStatus === 'READ' || activityStatus === 'CLICKED') && !isMachine
  if (activityStatus !== 'DELIVERED' && !isEngaged) return
  const key = `${contactId} ${mediaType}`
  const before = counts.contacts.get(key) ?? [contactId, mediaType.slice(0, MAX_VALUE), null, null]
  if (isEngaged)
    before[3] = occurredAt // the events come in order
  else before[2] = occurredAt
  counts.contacts.set(key, before)
}

/** The link of a click, and each of its UTM values. */
function targetsOf({ activityStatus, clickEventLink: link }: RollupEvent): Target[] {
  if (activityStatus !== 'CLICKED' || link === null) return []
  const utm = Object.entries(utmOf(link)).map(([name, value]): Target => [
    'utm',
    name,
    value.slice(0, MAX_VALUE),
  ])
  return [['link', normalizeLink(link)], ...utm]
}

type Target = ['link', url: string] | ['utm', name: string, value: string]

/** How an event counts among those of its kind. */
type First = {
  isFirst: boolean
  /** Whether it is the first that is not a machine's. */
  isFirstOfPeople: boolean
  /** What it adds to the contacts whose activity is only a machine's. */
  correction: number
}

/** The kinds of events that a delivery has had. */
class Firsts {
  /** The kind → whether a person has done it. */
  readonly #seen = new Map<string, boolean>()

  take(kind: string, isMachine: boolean): First {
    const seen = this.#seen.get(kind)
    const isFirst = seen === undefined
    const isFirstOfPeople = !isMachine && seen !== true
    this.#seen.set(kind, seen === true || !isMachine)
    const correction = isFirst ? Number(isMachine) : isFirstOfPeople ? -1 : 0
    return { isFirst, isFirstOfPeople, correction }
  }

  /** Whether a delivery or a bounce comes after the other of the two. */
  isAttemptedOtherwise({ activityStatus }: RollupEvent): boolean {
    if (activityStatus === 'DELIVERED') return this.#seen.has('UNDELIVERED')
    return activityStatus === 'UNDELIVERED' && this.#seen.has('DELIVERED')
  }
}

/** Adds up rows with the same key. */
class Sums<Key extends readonly (string | number)[], Row extends readonly number[]> {
  readonly #rows = new Map<string, { key: Key; row: number[] }>()

  add(key: Key, row: Row): void {
    const text = JSON.stringify(key)
    const before = this.#rows.get(text)?.row
    if (before) row.forEach((count, index) => (before[index] = (before[index] ?? 0) + count))
    else this.#rows.set(text, { key, row: [...row] })
  }

  /** The rows with a count other than 0. */
  list(): [...Key, ...Row][] {
    const rows = [...this.#rows.values()].filter(({ row }) => row.some((count) => count !== 0))
    // One reasoned cast: a sum has as many counts as each row.
    return rows.map(({ key, row }) => [...key, ...(row as unknown as Row)])
  }
}

class Counts {
  readonly providers = new Sums<
    readonly [number, string, string, number, string],
    [number, number]
  >()
  readonly causes = new Sums<[number, number, string], [number]>()
  readonly delays = new Sums<[number, number], [number]>()
  readonly steps = new Sums<[number], [number, number]>()
  readonly machines = new Sums<[number, string, number], [number, number]>()
  readonly pulse = new Pulse()
  readonly contacts = new Map<string, Rollup['contacts'][number]>()
  readonly hours = new Set<number>()
  readonly #links = new Sums<[number, string], Clicks>()
  readonly #utm = new Sums<[number, string, string], Clicks>()

  addClicks(campaign: number, target: Target, clicks: Clicks): void {
    if (target[0] === 'link') this.#links.add([campaign, target[1]], clicks)
    else this.#utm.add([campaign, target[1], target[2]], clicks)
  }

  finish(): Rollup {
    return {
      links: this.#links.list(),
      utm: this.#utm.list(),
      providers: this.providers.list(),
      causes: this.causes.list(),
      delays: this.delays.list(),
      steps: this.steps.list(),
      contacts: [...this.contacts.values()],
      pulse: this.pulse.list(),
      machines: this.machines.list(),
      hours: [...this.hours],
    }
  }
}

class CountsByHour {
  readonly #counts = new Map<number, Counts>()

  of({ occurredAt }: RollupEvent): Counts {
    const hour = startOfHour(occurredAt)
    let counts = this.#counts.get(hour)
    if (!counts) this.#counts.set(hour, (counts = new Counts()))
    return counts
  }

  finish(): Map<number, Rollup> {
    return new Map([...this.#counts].map(([hour, counts]) => [hour, counts.finish()]))
  }
}
