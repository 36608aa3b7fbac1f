import { Temporal } from 'temporal-polyfill'
import { HOUR_MS } from '../../src/event/clock.ts'
import type { Status } from '../../src/simulator/account.ts'
import type { Message } from '../../src/simulator/shop/campaigns.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import type { Truth } from '../../src/simulator/shop/truth.ts'

/** From `since` to before `until`: UTC milliseconds. */
export type Span = { since: number; until: number }

export const messageOf = ({ delivery }: ShopEvent): Message => delivery.campaign.message

/** The events of a time. */
export function inSpan(truth: Truth, { since, until }: Span): ShopEvent[] {
  return truth.events.filter(({ at }) => at >= since && at < until)
}

const NONE = { events: 0, contacts: 0 }

/** The counts and rates that a report has for some events. */
export function expectLine(truth: Truth, events: readonly ShopEvent[]) {
  const counts = truth.countStatuses(events)
  const of = (status: Status) => counts.get(status)?.all ?? NONE
  const withMachines = (status: Status) => ({
    ...of(status),
    withoutMachines: counts.get(status)?.people ?? NONE,
  })
  const bounced = (isHard: boolean) =>
    truth.count(
      events.filter(({ fault }) => fault?.isHard === isHard),
      ({ fault }) => fault?.isHard,
    ).all
  return {
    sent: of('SENT'),
    delivered: of('DELIVERED'),
    read: withMachines('READ'),
    clicked: withMachines('CLICKED'),
    undelivered: { ...of('UNDELIVERED'), hard: bounced(true), soft: bounced(false) },
    spam: of('SPAM'),
    unsubscribed: of('UNSUBSCRIBED'),
    subscriptionChanged: of('SUBSCRIPTION_CHANGED'),
  }
}

/** The rates of some events, as [numerator, denominator]. */
export function expectRates(truth: Truth, events: readonly ShopEvent[]) {
  const line = expectLine(truth, events)
  const delivered = line.delivered.contacts
  const attempted = new Set(
    events
      .filter(({ status }) => status === 'DELIVERED' || status === 'UNDELIVERED')
      .map(({ delivery }) => delivery),
  ).size
  const rate = (numerator: number, denominator: number) => ({ numerator, denominator })
  return {
    read: rate(line.read.contacts, delivered),
    clicked: rate(line.clicked.contacts, delivered),
    readWithoutMachines: rate(line.read.withoutMachines.contacts, delivered),
    clickedWithoutMachines: rate(line.clicked.withoutMachines.contacts, delivered),
    undelivered: rate(line.undelivered.contacts, attempted),
    hardBounced: rate(line.undelivered.hard.contacts, attempted),
    spam: rate(line.spam.contacts, delivered),
    unsubscribed: rate(line.unsubscribed.contacts, delivered),
  }
}

/** Last week from Monday to Sunday in Kyiv, so many weeks before the one of a time. */
export function weekOf(time: number, weeksBefore = 1): Span {
  const local = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO('Europe/Kyiv')
  const monday = local.subtract({ days: local.dayOfWeek - 1 + 7 * weeksBefore }).startOfDay()
  const since = monday.epochMilliseconds
  return { since, until: monday.add({ days: 7 }).epochMilliseconds }
}

const localHours = new Map<number, string>()

/** The weekday in Kyiv, from Monday as 1, and the hour. @param time UTC milliseconds */
export function hourOfWeek(time: number): string {
  const hour = Math.floor(time / HOUR_MS)
  let text = localHours.get(hour)
  if (text === undefined) {
    const local = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO('Europe/Kyiv')
    text = `${local.dayOfWeek} ${local.hour}`
    localHours.set(hour, text)
  }
  return text
}

/** The messages with the most events of a status, largest first. */
export function largestMessages(
  truth: Truth,
  count: number,
  isChosen: (event: ShopEvent) => boolean,
): Message[] {
  const groups = Map.groupBy(truth.events.filter(isChosen), messageOf)
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, count)
    .map(([message]) => message)
}

/** All events of a message. */
export function ofMessage(truth: Truth, message: Message): ShopEvent[] {
  return truth.events.filter((event) => messageOf(event) === message)
}
