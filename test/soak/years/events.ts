import { Temporal } from 'temporal-polyfill'
import { toUtc } from '../../../src/event/clock.ts'
import { Random } from '../../../src/simulator/random.ts'
import { Shop } from '../../../src/simulator/shop/shop.ts'
import { makeTraffic, type Element } from '../../../src/simulator/traffic.ts'

const DAY = 86_400_000
const HALF_A_YEAR = 182 * DAY
const HELD_UP_DAYS = 3
const PLAIN_TIME = /("activityDateTime":")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)"/

/** What happens at about the same time, and when Yespo reports it: UTC milliseconds. Times in elements are UTC. */
export type Happened = { at: number; elements: readonly Element[] }

export type AccountOptions = {
  seed: number
  start: number
  days: number
  eventsPerDay: number
  oddPerDay: number
}

/**
 * Everything that happens in a small account, in order of time: a shop with its broadcasts and workflows, and beside it
 * what a shop seldom has: equal events of one second, twins that differ in a detail, huge and invalid elements.
 */
export function* makeHappenings(options: AccountOptions): Generator<Happened> {
  const [shop, odd] = [inShop(options), oddities(options)]
  let [one, other] = [shop.next(), odd.next()]
  while (!one.done || !other.done) {
    if (!one.done && (other.done || one.value.at <= other.value.at)) {
      yield one.value
      one = shop.next()
    } else if (!other.done) {
      yield other.value
      other = odd.next()
    }
  }
}

/** Its people are others each half-year: they join and leave. */
function* inShop({ seed, start, days, eventsPerDay }: AccountOptions): Generator<Happened> {
  const end = start + days * DAY
  for (let from = start, part = 0; from < end && eventsPerDay > 0; from += HALF_A_YEAR, part++) {
    const until = Math.min(end, from + HALF_A_YEAR)
    const events = Math.round((eventsPerDay * (until - from)) / DAY)
    const contacts = Math.max(50, Math.round((eventsPerDay * HALF_A_YEAR) / DAY / 25))
    const shop = new Shop({ seed: seed * 1_000 + part, events, contacts, start: from, end: until })
    let at = from
    for (const elements of shop.bodies()) {
      at = Math.max(at, ...elements.map(({ event }) => event.reportedAt))
      yield { at, elements: elements.map((element) => ofPart(element, part)) }
    }
  }
}

/** Other people than in the parts before. */
function ofPart(element: Element, part: number): Element {
  const text = element.bytes
    .toString()
    .replace(/"contactId":(\d+)/, (_, id: string) => `"contactId":${Number(id) + part * 100_000}`)
    .replaceAll('made-up', `made-up-${part}-`)
    .replace(/"sms":"3807600(\d{5})"/, (_, number: string) => {
      return `"sms":"38076${String(part).padStart(2, '0')}${number}"`
    })
    .replaceAll('"shop-1', `"shop-${part + 2}`)
  return { ...element, bytes: Buffer.from(text) }
}

function* oddities({ seed, start, days, oddPerDay }: AccountOptions): Generator<Happened> {
  const random = new Random(seed + 77)
  const end = start + days * DAY
  for (let from = start, day = 0; from < end; from += DAY, day++) {
    const events = random.between(0, 2 * oddPerDay)
    if (events === 0) continue
    const begin = from + random.between(0, DAY - 1)
    let at = begin
    const options = { seed: seed * 7_919 + day, events, poison: 0.02, start: begin }
    const bodies = [...makeTraffic(options)]
    // What was held up comes as a single body, which may be a large one.
    for (const elements of day % HELD_UP_DAYS === 0 ? [bodies.flat()] : bodies) {
      const times = elements.map(timeOf).filter((time) => time !== undefined)
      at = Math.max(at, ...times)
      yield { at: at + random.between(0, 3_000), elements }
    }
  }
}

/** When an element that is not poison happened. */
export function timeOf({ bytes, isPoison }: Element): number | undefined {
  if (isPoison) return undefined
  const { activityDateTime } = JSON.parse(bytes.toString()) as Record<string, unknown>
  return toUtc(activityDateTime, 'UTC')
}

/** An element as Yespo writes it for an account in a zone. */
export function localize(element: Element, zone: string): Element {
  if (element.isPoison) return element
  const text = element.bytes.toString()
  const local = text.replace(PLAIN_TIME, (_, name: string, time: string) => {
    const moment = Temporal.Instant.from(`${time}Z`).toZonedDateTimeISO(zone)
    return `${name}${moment.toPlainDateTime().toString({ smallestUnit: 'second' })}"`
  })
  return local === text ? element : { ...element, bytes: Buffer.from(local) }
}

/** The moment of a local time: the first of two, the later one if there is none. UTC milliseconds */
export function toMoment(local: string, zone: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(local)) return toUtc(local, zone) ?? NaN
  const options = { disambiguation: 'compatible' } as const
  return Temporal.PlainDateTime.from(local).toZonedDateTime(zone, options).epochMilliseconds
}
