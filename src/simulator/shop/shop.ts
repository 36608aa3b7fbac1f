import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import { Random } from '../random.ts'
import { activityAt, startOfDay } from './calendar.ts'
import { CampaignMaker, type Campaign, type Workflow } from './campaigns.ts'
import { drawShare, makeTimeUuid } from './chances.ts'
import type { Channel } from './channel.ts'
import { makeContacts, type Contact } from './contacts.ts'
import { deliver } from './deliver.ts'
import type { Launch, ShopEvent } from './delivery.ts'
import { toElement, type ShopElement } from './element.ts'
import { findEffects, isLost, type Incident } from './incidents.ts'
import { addressIn, planBroadcasts, type Broadcast } from './plan.ts'

export type ShopOptions = {
  seed: number
  /** About so many. */
  events: number
  /** What is reported from here to here: UTC milliseconds. */
  start: number
  end: number
  /** One for 25 events by default. */
  contacts?: number
  incidents?: readonly Incident[]
}

/** A message that will be sent, unless the contact cannot get it any more. */
type Sending = { at: number; contact: Contact; campaign: Campaign; launch?: Launch }

const BROADCAST_TAKES_MS = 20 * MINUTE_MS
/** Of all events, those of abandoned baskets; and the events of one such launch. */
const [BASKET_SHARE, EVENTS_OF_BASKET, EVENTS_OF_WELCOME] = [0.1, 2.4, 4.6]
const BLOCKS: ReadonlySet<string> = new Set(['UNSUBSCRIBED', 'SPAM'])

/**
 * A shop in Ukraine with its contacts, broadcasts and workflows, and everything that happens to its messages: a
 * simulation in which it is known why. The same options make the same events.
 */
export class Shop {
  readonly contacts: readonly Contact[]
  readonly broadcasts: readonly Broadcast[]
  readonly welcome: Workflow
  readonly basket: Workflow
  readonly #options: ShopOptions
  readonly #random: Random
  readonly #basketsPerDay: number
  /** Since when a contact gets nothing more in a channel: UTC milliseconds. */
  readonly #blockedSince = new Map<Contact, Map<Channel, number>>()
  readonly #sendings = new Map<number, Sending[]>() // by day
  readonly #pending = new Map<number, ShopEvent[]>() // by the hour in which they are reported

  constructor(options: ShopOptions) {
    const { seed, events, start, end, contacts = Math.ceil(events / 25) } = options
    this.#options = options
    this.#random = new Random(seed)
    this.contacts = makeContacts(seed, contacts, start, end)
    const maker = new CampaignMaker(this.#random.fork())
    this.welcome = maker.makeWelcome()
    this.basket = maker.makeBasket()
    const joining = this.contacts.filter(({ joinedAt }) => joinedAt > start)
    const [baskets, welcomes] = [events * BASKET_SHARE, joining.length * EVENTS_OF_WELCOME]
    this.#basketsPerDay = baskets / EVENTS_OF_BASKET / ((end - start) / DAY_MS)
    const left = Math.max(0, events - baskets - welcomes)
    const plan = { events: left, start, end }
    this.broadcasts = planBroadcasts(this.#random.fork(), maker, this.contacts, plan)
    for (const contact of joining) this.#launch(this.welcome, contact, contact.joinedAt)
  }

  /** Everything that is reported, in that order, a body at a time. */
  *bodies(): Generator<ShopElement[]> {
    const { start, end } = this.#options
    for (let day = startOfDay(start); day < end; day += DAY_MS) {
      this.#abandonBaskets(day)
      for (const broadcast of this.broadcasts) {
        if (startOfDay(broadcast.at) === day) this.#send(broadcast)
      }
      this.#deliverAll(day)
      for (let hour = day; hour < Math.min(day + DAY_MS, end); hour += HOUR_MS) {
        yield* this.#report(hour)
      }
    }
  }

  #abandonBaskets(day: number): void {
    const random = this.#random
    const { start } = this.#options
    for (let left = this.#basketsPerDay; random.chance(left); left--) {
      const contact = random.pick(this.contacts)
      let at = day + drawShare(random) * DAY_MS
      while (!random.chance(activityAt(at))) at = day + drawShare(random) * DAY_MS
      if (at > Math.max(start, contact.joinedAt)) this.#launch(this.basket, contact, at)
    }
  }

  /** Lays out a launch of a workflow, until the contact leaves it. */
  #launch({ steps, leaving }: Workflow, contact: Contact, startedAt: number): void {
    const random = this.#random
    const launch: Launch = {
      workflowInstanceId: makeTimeUuid(random, startedAt),
      startedAt: Math.floor(startedAt),
      sourceEventKey: random.uuid(),
      sourceEventId: random.between(1, 2_147_483_647),
    }
    let at = startedAt
    for (const { delay, options } of steps) {
      at += delay + drawShare(random) * MINUTE_MS
      const campaign = options.find(({ message }) => addressIn(contact, message.channel))
      if (campaign) this.#schedule({ at: Math.floor(at), contact, campaign, launch })
      if (random.chance(leaving)) return
    }
  }

  #send({ campaign, at, reach }: Broadcast): void {
    const random = this.#random
    for (const contact of this.contacts) {
      if (contact.joinedAt > at || !addressIn(contact, campaign.message.channel)) continue
      if (!random.chance(reach)) continue
      this.#schedule({ at: at + random.between(0, BROADCAST_TAKES_MS), contact, campaign })
    }
  }

  #schedule(sending: Sending): void {
    addTo(this.#sendings, startOfDay(sending.at), sending)
  }

  #deliverAll(day: number): void {
    const sendings = this.#sendings.get(day) ?? []
    this.#sendings.delete(day)
    for (const sending of sendings.sort((a, b) => a.at - b.at)) this.#deliver(sending)
  }

  #deliver({ at: sentAt, contact, campaign, launch }: Sending): void {
    const random = this.#random
    const { incidents = [], start, end } = this.#options
    const { channel } = campaign.message
    if (sentAt < start || sentAt >= (this.#blockedSince.get(contact)?.get(channel) ?? Infinity))
      return
    const effects = findEffects(incidents, sentAt, contact, () => drawShare(random))
    const iid = makeTimeUuid(random, sentAt)
    for (const event of deliver(random, { iid, contact, campaign, sentAt, launch }, effects)) {
      const { status, at, reportedAt, fault } = event
      if (BLOCKS.has(status) || fault?.isHard) this.#block(contact, channel, at)
      if (reportedAt >= end || isLost(incidents, status, reportedAt)) continue
      addTo(this.#pending, Math.floor(reportedAt / HOUR_MS) * HOUR_MS, event)
    }
  }

  #block(contact: Contact, channel: Channel, at: number): void {
    const since = this.#blockedSince.get(contact) ?? new Map<Channel, number>()
    this.#blockedSince.set(contact, since.set(channel, Math.min(at, since.get(channel) ?? at)))
  }

  /** Cuts what is reported in an hour into bodies, small ones far more often. */
  *#report(hour: number): Generator<ShopElement[]> {
    const events = this.#pending.get(hour) ?? []
    this.#pending.delete(hour)
    events.sort((a, b) => a.reportedAt - b.reportedAt)
    for (let first = 0; first < events.length;) {
      const end = first + drawSize(this.#random)
      yield events.slice(first, end).map(toElement)
      first = end
    }
  }
}

function drawSize(random: Random): number {
  if (random.chance(0.2)) return random.between(1, 5)
  return random.chance(0.7) ? random.between(5, 150) : random.between(150, 1_000)
}

function addTo<Item>(lists: Map<number, Item[]>, key: number, item: Item): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}
