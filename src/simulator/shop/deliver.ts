import { HOUR_MS, MINUTE_MS } from '../../event/clock.ts'
import type { Random } from '../random.ts'
import { drawFault, writeFault, type Fault } from './bounces.ts'
import type { Link } from './campaigns.ts'
import { drawMoment } from './calendar.ts'
import { drawLogNormal, drawShare } from './chances.ts'
import type { Channel } from './channel.ts'
import { DeliveryLog, type Delivery, type ShopEvent } from './delivery.ts'
import type { Effects } from './incidents.ts'
import { addScans, drawClickTimes } from './machines.ts'

/** What becomes of the messages of a channel: probabilities. */
type Habits = {
  fails: number
  /** That somebody comes to it; of emails, her interest says. */
  visits?: number
  /** Whether Yespo reports reads. */
  isReadReported: boolean
  /** Of visits. */
  clicks: number
  unsubscribes: number
  /** The median of the delay of a visit: milliseconds. */
  delay: number
}

const HABITS: Readonly<Record<Channel, Habits>> = {
  email: {
    fails: 0.012,
    isReadReported: true,
    clicks: 0.13,
    unsubscribes: 0.008,
    delay: 3 * HOUR_MS,
  },
  sms: {
    fails: 0.06,
    visits: 0.04,
    isReadReported: false,
    clicks: 0.9,
    unsubscribes: 0.05,
    delay: 20 * MINUTE_MS,
  },
  viber: {
    fails: 0.15,
    visits: 0.65,
    isReadReported: true,
    clicks: 0.07,
    unsubscribes: 0.004,
    delay: 15 * MINUTE_MS,
  },
  mobilepush: {
    fails: 0.03,
    visits: 0.06,
    isReadReported: true,
    clicks: 0.8,
    unsubscribes: 0,
    delay: 15 * MINUTE_MS,
  },
  webpush: {
    fails: 0.03,
    visits: 0.03,
    isReadReported: false,
    clicks: 1,
    unsubscribes: 0,
    delay: 30 * MINUTE_MS,
  },
}

const SECOND_MS = 1_000
/** Bounces that come after the message was reported as delivered. */
const BOUNCES_LATER = 0.06
const COMPLAINTS = 0.0005
const CATEGORIES = ['news', 'sales', 'знижки']

/** Sends a message. @returns what happens to it, not in order of time */
export function deliver(random: Random, delivery: Delivery, effects: Effects): ShopEvent[] {
  const { contact, campaign, sentAt } = delivery
  const { channel } = campaign.message
  const log = new DeliveryLog(random, delivery)
  if (channel === 'mobilepush') log.add('SENT', sentAt)
  const fault = findFault(random, delivery, effects)
  const deliveredAt = sentAt + drawLogNormal(random, 4 * SECOND_MS, 1)
  if (fault) {
    const isLater = random.chance(BOUNCES_LATER)
    if (isLater) log.add('DELIVERED', deliveredAt)
    const text = writeFault(random, fault, contact.addresses.email ?? '')
    const wait = drawLogNormal(random, (isLater ? 30 : 2) * MINUTE_MS, 1)
    log.add('UNDELIVERED', deliveredAt + wait, { fault: { ...fault, text } })
    return log.events
  }
  log.add('DELIVERED', deliveredAt)
  if (channel === 'email') addScans(random, delivery, log)
  addVisit(random, delivery, deliveredAt, effects, log)
  const complaints = channel === 'email' ? COMPLAINTS + effects.complaints : 0
  if (random.chance(complaints)) log.add('SPAM', drawMoment(random, deliveredAt, HOUR_MS))
  return log.events
}

function findFault(
  random: Random,
  { contact, campaign }: Delivery,
  { rejectedBy }: Effects,
): Fault | undefined {
  const { channel } = campaign.message
  const own = channel === 'email' ? (contact.fault ?? rejectedBy) : undefined
  return own ?? (random.chance(HABITS[channel].fails) ? drawFault(random, channel) : undefined)
}

/** Adds what a person does with a message, if she comes to it. */
function addVisit(
  random: Random,
  { contact, campaign: { message } }: Delivery,
  deliveredAt: number,
  { unread }: Effects,
  log: DeliveryLog,
): void {
  const habits = HABITS[message.channel]
  const visits = (habits.visits ?? contact.interest * (1 - unread)) * message.pull
  if (!random.chance(visits)) return
  const readAt = drawMoment(random, deliveredAt + SECOND_MS, habits.delay)
  // A mail program that loads no images reports no read.
  if (habits.isReadReported && !random.chance(0.05)) {
    log.add('READ', readAt)
    if (random.chance(0.2)) log.add('READ', drawMoment(random, readAt, 20 * HOUR_MS))
  }
  if (random.chance(habits.clicks * message.pull)) addClicks(random, message.links, readAt, log)
  const leftAt = readAt + random.between(5 * SECOND_MS, 2 * MINUTE_MS)
  if (random.chance(habits.unsubscribes)) log.add('UNSUBSCRIBED', leftAt)
  else if (message.channel === 'email' && random.chance(0.003)) {
    const subscriptions = CATEGORIES.filter(() => random.chance(0.5))
    log.add('SUBSCRIPTION_CHANGED', leftAt, { subscriptions })
  }
}

/** Adds clicks on one to five links, the first ones more often. */
function addClicks(random: Random, links: readonly Link[], readAt: number, log: DeliveryLog): void {
  let count = 1
  while (count < 5 && random.chance(0.3)) count++
  const first = readAt + drawLogNormal(random, 15 * SECOND_MS, 1)
  for (const time of drawClickTimes(random, first, count)) {
    const link = links[Math.floor(links.length * drawShare(random) ** 2)]
    if (link) log.add('CLICKED', time, { link })
  }
}
