import type { Status } from '../account.ts'
import type { Contact } from './contacts.ts'
import type { Delivery, ShopEvent } from './delivery.ts'
import type { ShopElement } from './element.ts'

/** Events, and contacts counted once for each delivery, at the first event of the kind for it. */
type Counted = { events: number; contacts: number }

/** Clicks and the people who clicked, with machines and without. */
export type Clicked = { all: Counted; people: Counted }

/**
 * What happened in a shop, to be asked later: computed from what the simulator did, by the plainest way there is, and
 * by nothing that the receiver uses.
 */
export class Truth {
  /** All events that were reported, in order of report. */
  readonly events: ShopEvent[] = []
  #machines: ReadonlySet<ShopEvent> | undefined

  add(elements: readonly ShopElement[]): void {
    for (const { event } of elements) this.events.push(event)
    this.#machines = undefined
  }

  /**
   * The events that count as a machine's by the rule, right or wrong: three or more links of one delivery clicked
   * within two seconds, and what was read up to two seconds from that.
   */
  get machines(): ReadonlySet<ShopEvent> {
    this.#machines ??= findSweeps(this.events)
    return this.#machines
  }

  /** Events and contacts of each status, as all of them and as people's only. */
  countStatuses(events: readonly ShopEvent[]): Map<Status, Clicked> {
    const groups = Map.groupBy(events, ({ status }) => status)
    return new Map([...groups].map(([status, group]) => [status, this.count(group)]))
  }

  /** Counts events of one kind. */
  count(events: readonly ShopEvent[]): Clicked {
    const people = events.filter((event) => !this.machines.has(event))
    return { all: count(events), people: count(people) }
  }

  /** Clicks by link, whatever tracks it. */
  countLinks(events: readonly ShopEvent[]): Map<string, Clicked> {
    const clicks = events.filter(({ link }) => link !== undefined)
    const groups = Map.groupBy(clicks, ({ link }) => link?.url ?? '')
    return new Map([...groups].map(([url, group]) => [url, this.count(group)]))
  }

  /** Clicks by the value of a UTM parameter; those without it are left out. */
  countUtm(
    events: readonly ShopEvent[],
    name: 'source' | 'medium' | 'campaign' | 'content',
  ): Map<string, Clicked> {
    const clicks = events.filter(({ link }) => link?.utm[name] !== undefined)
    const groups = Map.groupBy(clicks, ({ link }) => link?.utm[name] ?? '')
    return new Map([...groups].map(([value, group]) => [value, this.count(group)]))
  }

  /**
   * The contacts of some deliveries to whom all of this happened, and nothing of that.
   *
   * @param events of whole deliveries
   */
  findPeople(
    events: readonly ShopEvent[],
    did: readonly Status[],
    didNot: readonly Status[] = [],
  ): Set<Contact> {
    const found = new Set<Contact>()
    const byContact = Map.groupBy(
      events.filter((event) => !this.machines.has(event)),
      ({ delivery }) => delivery.contact,
    )
    for (const [contact, own] of byContact) {
      const statuses = new Set(own.map(({ status }) => status))
      if (did.every((each) => statuses.has(each)) && !didNot.some((each) => statuses.has(each))) {
        found.add(contact)
      }
    }
    return found
  }

  /** The last delivery to each contact in a channel, and when she last read or clicked there: UTC milliseconds. */
  findEngagement(channel: string): Map<Contact, { deliveredAt: number; engagedAt?: number }> {
    const found = new Map<Contact, { deliveredAt: number; engagedAt?: number }>()
    for (const event of this.events) {
      const { contact, campaign } = event.delivery
      if (campaign.message.channel !== channel) continue
      const last = found.get(contact) ?? { deliveredAt: -Infinity }
      const isEngaged = event.status === 'READ' || event.status === 'CLICKED'
      if (event.status === 'DELIVERED') last.deliveredAt = Math.max(last.deliveredAt, event.at)
      else if (isEngaged && !this.machines.has(event)) {
        last.engagedAt = Math.max(last.engagedAt ?? -Infinity, event.at)
      } else continue
      found.set(contact, last)
    }
    return found
  }
}

/** Counts events of one kind, and each delivery once. */
function count(events: readonly ShopEvent[]): Counted {
  return { events: events.length, contacts: new Set(events.map(({ delivery }) => delivery)).size }
}

const SWEEP_MS = 2_000
const SWEEP_LINKS = 3

function findSweeps(events: readonly ShopEvent[]): Set<ShopEvent> {
  const machines = new Set<ShopEvent>()
  for (const [, own] of groupByDelivery(events)) {
    const clicks = own.filter(({ status }) => status === 'CLICKED')
    if (clicks.length < SWEEP_LINKS) continue
    for (const { at } of clicks) {
      const near = clicks.filter((other) => other.at >= at && other.at <= at + SWEEP_MS)
      if (new Set(near.map(({ link }) => link)).size < SWEEP_LINKS) continue
      for (const click of near) machines.add(click)
    }
    const sweep = clicks.filter((click) => machines.has(click))
    const reads = own.filter(({ status }) => status === 'READ')
    for (const read of reads) {
      if (sweep.some(({ at }) => Math.abs(at - read.at) <= SWEEP_MS)) machines.add(read)
    }
  }
  return machines
}

/** The events of each delivery. */
export function groupByDelivery(events: readonly ShopEvent[]): Map<Delivery, ShopEvent[]> {
  return Map.groupBy(events, ({ delivery }) => delivery)
}
