import type { Status } from '../account.ts'
import { MINUTE_MS } from '../../event/clock.ts'
import type { Random } from '../random.ts'
import type { Fault } from './bounces.ts'
import type { Campaign, Link } from './campaigns.ts'
import { drawLogNormal } from './chances.ts'
import type { Contact } from './contacts.ts'

/** One launch of a workflow. */
export type Launch = {
  workflowInstanceId: string
  /** UTC milliseconds. */
  startedAt: number
  sourceEventKey: string
  sourceEventId: number
}

/** One message to one contact. */
export type Delivery = {
  iid: string
  contact: Contact
  campaign: Campaign
  /** UTC milliseconds. */
  sentAt: number
  launch: Launch | undefined
}

/** Who did it: a person, or a machine that a rule can tell from a person or not. */
type Doer = 'person' | 'machine' | 'hidden machine'

/** Something that happened, and what no receiver can know about it. */
export type ShopEvent = {
  delivery: Delivery
  status: Status
  /** UTC milliseconds, in whole seconds. */
  at: number
  /** When Yespo reports it: UTC milliseconds. */
  reportedAt: number
  doer: Doer
  link: Link | undefined
  fault: (Fault & { text: string }) | undefined
  subscriptions: readonly string[] | undefined
}

const SECOND_MS = 1_000
/** How long after it happened an event is reported, at most. */
export const MAX_LATE_MS = 30 * 60 * MINUTE_MS
const LATE_SHARE = 0.01

/** The events of one delivery, as they happen. */
export class DeliveryLog {
  readonly events: ShopEvent[] = []
  readonly #random: Random
  readonly #delivery: Delivery

  constructor(random: Random, delivery: Delivery) {
    this.#random = random
    this.#delivery = delivery
  }

  /** Adds an event, unless the same has happened in the same second: nobody could tell them apart. */
  add(
    status: Status,
    time: number,
    more: Partial<Pick<ShopEvent, 'doer' | 'link' | 'fault' | 'subscriptions'>> = {},
  ): void {
    const { doer = 'person', link, fault, subscriptions } = more
    const at = Math.floor(time / SECOND_MS) * SECOND_MS
    const isSame = (other: ShopEvent) =>
      other.at === at && other.status === status && other.link === link
    if (this.events.some(isSame)) return
    const reportedAt = this.#report(at)
    const delivery = this.#delivery
    this.events.push({ delivery, status, at, reportedAt, doer, link, fault, subscriptions })
  }

  /** Mostly within seconds; now and then much later. */
  #report(at: number): number {
    const random = this.#random
    const late = random.chance(LATE_SHARE) ? drawLogNormal(random, 20 * MINUTE_MS, 1.8) : 0
    return Math.floor(at + random.between(SECOND_MS, 5 * SECOND_MS) + Math.min(late, MAX_LATE_MS))
  }
}
