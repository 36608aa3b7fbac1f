import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import type { Random } from '../random.ts'
import { offsetOfKyiv, startOfDay } from './calendar.ts'
import type { Campaign, CampaignMaker } from './campaigns.ts'
import { drawByShare } from './chances.ts'
import type { Channel } from './channel.ts'
import type { Contact } from './contacts.ts'

/** A broadcast, and how many of those who could get it do. */
export type Broadcast = {
  campaign: Campaign
  /** UTC milliseconds. */
  at: number
  /** The probability for each contact. */
  reach: number
}

const CHANNELS: readonly { channel: Channel; share: number; eventsPerDelivery: number }[] = [
  { channel: 'email', share: 68, eventsPerDelivery: 1.4 },
  { channel: 'viber', share: 12, eventsPerDelivery: 1.65 },
  { channel: 'mobilepush', share: 8, eventsPerDelivery: 2.1 },
  { channel: 'sms', share: 6, eventsPerDelivery: 1.05 },
  { channel: 'webpush', share: 6, eventsPerDelivery: 1.05 },
]

/** From Sunday on: how often the shop sends something. */
const WEEKDAYS = [3, 10, 25, 15, 25, 15, 7].map((share, weekday) => ({ weekday, share }))
const HOURS = [9, 10, 10.5, 11, 12, 17, 18] // in Kyiv
const PER_DAY = 2.3 / 7
const MAX_REACH = 0.6
/** Of contacts, those who have joined and still get a channel, on average. */
const AVAILABLE = 0.7

/**
 * Plans some two broadcasts a week, in order of time; more if these cannot reach so many.
 *
 * @param events of all broadcasts together, about
 * @param start,end UTC milliseconds
 */
export function planBroadcasts(
  random: Random,
  maker: CampaignMaker,
  contacts: readonly Contact[],
  { events, start, end }: { events: number; start: number; end: number },
): Broadcast[] {
  const expected = CHANNELS.map(({ channel, share, eventsPerDelivery }) => {
    const reachable = contacts.filter((contact) => addressIn(contact, channel) !== undefined)
    return (share / 100) * reachable.length * AVAILABLE * eventsPerDelivery
  }).reduce((sum, each) => sum + each, 0)
  const days = Math.max(1, (end - start) / DAY_MS)
  const count = Math.ceil(Math.max(days * PER_DAY, events / expected / MAX_REACH))
  const reach = events / expected / count
  return Array.from({ length: count }, (_, index) => {
    const { channel } = drawByShare(random, CHANNELS)
    return {
      campaign: maker.makeBroadcast(channel, index + 1),
      at: drawSendTime(random, start + ((index + 0.5) / count) * (end - start), start, end),
      reach: Math.min(1, (reach * random.between(60, 140)) / 100),
    }
  }).sort((a, b) => a.at - b.at)
}

/** The nearest of some usual hours, on a drawn weekday about that time. */
function drawSendTime(random: Random, about: number, start: number, end: number): number {
  const { weekday } = drawByShare(random, WEEKDAYS)
  const day = startOfDay(about)
  const ahead = (weekday - new Date(day).getUTCDay() + 10) % 7
  const moved = day + (ahead - 3) * DAY_MS
  const chosen = moved < start || moved + DAY_MS > end ? day : moved
  return chosen + random.pick(HOURS) * HOUR_MS - offsetOfKyiv(chosen)
}

/** The contact's address in a channel, if she has one. */
export function addressIn({ addresses }: Contact, channel: Channel): string | undefined {
  return addresses[channel === 'viber' ? 'sms' : channel]
}
