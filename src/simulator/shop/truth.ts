import type { Status } from '../account.ts'
import type { Contact } from './contacts.ts'
import type { Delivery, ShopEvent } from './delivery.ts'
import type { ShopElement } from './element.ts'

/** Events, and contacts counted once for each delivery, at the first event of the kind for it. */
type Counted = { events: number; contacts: number }

/** Events of one kind, with machines and without. */
export type Count = { all: Counted; people: Counted }

/** What two events have in common if they are of one kind. */
type KindOf = (event: ShopEvent) => unknown

type UtmName = 'source' | 'medium' | 'campaign' | 'content'

const byStatus: KindOf = ({ status }) => status

/**
 * What happened in a shop, to be asked later: computed from what the simulator did, by the plainest way there is, and
 * by nothing that the receiver uses.
 */
export class Truth {
  /** All events that were reported, in order of report. */
  readonly events: ShopEvent[] = []
  #machines: ReadonlySet<ShopEvent> | undefined
  #deliveries: ReadonlyMap<Delivery, readonly ShopEvent[]> | undefined

  add(elements: readonly ShopElement[]): void {
    for (const { event } of elements) this.events.push(event)
    this.#machines = this.#deliveries = undefined
  }

  /** The events of each delivery, in order of time. */
  get deliveries(): ReadonlyMap<Delivery, readonly ShopEvent[]> {
    if (!this.#deliveries) {
      const groups = Map.groupBy(this.events, ({ delivery }) => delivery)
      for (const group of groups.values()) group.sort((a, b) => a.at - b.at)
      this.#deliveries = groups
    }
    return this.#deliveries
  }

  /**
   * The events that count as a machine's by the rule, right or wrong: three or more links of one delivery clicked
   * within two seconds, and what was read up to two seconds from that.
   */
  get machines(): ReadonlySet<ShopEvent> {
    this.#machines ??= findSweeps(this.deliveries.values())
    return this.#machines
  }

  /**
   * Counts events. A contact counts at the first event of the kind for its delivery, if that is among them.
   *
   * @param kindOf by default, the status
   */
  count(events: readonly ShopEvent[], kindOf = byStatus): Count {
    const people = events.filter((event) => !this.machines.has(event))
    const isFirst = (event: ShopEvent) =>
      this.#findFirst(event, (other) => kindOf(other) === kindOf(event)) === event
    const isFirstOfPeople = (event: ShopEvent) =>
      this.#findFirst(
        event,
        (other) => kindOf(other) === kindOf(event) && !this.machines.has(other),
      ) === event
    return {
      all: { events: events.length, contacts: events.filter(isFirst).length },
      people: { events: people.length, contacts: people.filter(isFirstOfPeople).length },
    }
  }

  #findFirst(
    { delivery }: ShopEvent,
    isOfKind: (event: ShopEvent) => boolean,
  ): ShopEvent | undefined {
    return this.deliveries.get(delivery)?.find(isOfKind)
  }

  /** Counts events by status. */
  countStatuses(events: readonly ShopEvent[]): Map<Status, Count> {
    const groups = Map.groupBy(events, ({ status }) => status)
    return new Map([...groups].map(([status, group]) => [status, this.count(group)]))
  }

  /** Counts clicks by link, whatever tracks it. */
  countLinks(events: readonly ShopEvent[]): Map<string, Count> {
    return this.#countClicks(events, ({ link }) => link?.url)
  }

  /** Counts clicks by the value of a UTM parameter; those without it are left out. */
  countUtm(events: readonly ShopEvent[], name: UtmName): Map<string, Count> {
    return this.#countClicks(events, ({ link }) => link?.utm[name])
  }

  #countClicks(
    events: readonly ShopEvent[],
    valueOf: (event: ShopEvent) => string | undefined,
  ): Map<string, Count> {
    const groups = Map.groupBy(events, valueOf)
    return new Map(
      [...groups].flatMap(([value, group]) =>
        value === undefined ? [] : [[value, this.count(group, valueOf)] as const],
      ),
    )
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

const SWEEP_MS = 2_000
const SWEEP_LINKS = 3

function findSweeps(deliveries: Iterable<readonly ShopEvent[]>): Set<ShopEvent> {
  const machines = new Set<ShopEvent>()
  for (const events of deliveries) {
    const clicks = events.filter(({ status }) => status === 'CLICKED')
    if (clicks.length < SWEEP_LINKS) continue
    for (const { at } of clicks) {
      const near = clicks.filter((other) => other.at >= at && other.at <= at + SWEEP_MS)
      if (new Set(near.map(({ link }) => link)).size < SWEEP_LINKS) continue
      for (const click of near) machines.add(click)
    }
    const sweep = clicks.filter((click) => machines.has(click))
    const reads = events.filter(({ status }) => status === 'READ')
    for (const read of reads) {
      if (sweep.some(({ at }) => Math.abs(at - read.at) <= SWEEP_MS)) machines.add(read)
    }
  }
  return machines
}
