import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { Random } from '../../simulator/random.ts'
import type { ShopEvent } from '../../simulator/shop/delivery.ts'
import type { ShopElement } from '../../simulator/shop/element.ts'
import { Shop, type ShopOptions } from '../../simulator/shop/shop.ts'
import type { Arrival } from '../../simulator/shop/store.ts'
import type { Element } from '../../simulator/traffic.ts'

const EVENTS_PER_DAY = 800
const CONTACTS = 1_300
/** This month and the last one are whole, so that they can be compared. */
const [PAST_DAYS, FUTURE_DAYS] = [62, 14]
const INVALID_ITEMS = 6
const ERASED = 2
const DAYS_OF_INVALID = 5
/** How long ago a mailing began whose bounces are noticed by now, but not forgotten. */
const [LATEST_HOURS, EARLIEST_HOURS] = [3, 20]
const MIN_REACH = 0.4
const MAX_SEED = 50
/** When the webhook was silent: hours ago. */
const [SILENT_SINCE, SILENT_UNTIL] = [45, 43]

/** A shop's events. */
export type Scenario = {
  /** What its webhook reported in the last two months. */
  past: Arrival[]
  /** What it did not report, and Yespo's API knows. */
  missed: ShopElement[]
  /** What it will report. */
  future: Iterable<ShopEvent>
  /** Contacts who have asked to be erased. */
  erased: number[]
}

/** Simulates a shop most of whose mails ukr.net rejects since its last large mailing. @param now UTC milliseconds */
export function makeScenario(now: number): Scenario {
  const { options, mailedAt } = chooseShop(now)
  const span = { since: mailedAt - HOUR_MS, until: options.end }
  const rejected = { kind: 'rejected', provider: 'ukr.net', share: 0.6, ...span } as const
  const bodies = new Shop({ ...options, incidents: [rejected] }).bodies()
  const past: (Arrival & { elements: ShopElement[] })[] = []
  const missed: ShopElement[] = []
  let ahead: ShopElement[] = []
  while (ahead.length === 0) {
    const next = bodies.next()
    if (next.done) break
    const phases = Object.groupBy(next.value, ({ event }) => phaseOf(now - event.reportedAt))
    const { over: elements = [], silent = [] } = phases
    ahead = phases.ahead ?? []
    missed.push(...silent)
    const last = elements.at(-1)
    if (last) past.push({ receivedAt: last.event.reportedAt, elements })
  }
  const erased = findRare(past.flatMap(({ elements }) => elements))
  return {
    past: withInvalid(past, options.seed),
    missed,
    future: listEvents(ahead, bodies),
    erased,
  }
}

/** @param ago milliseconds */
function phaseOf(ago: number): 'over' | 'silent' | 'ahead' {
  if (ago < 0) return 'ahead'
  return ago < SILENT_SINCE * HOUR_MS && ago >= SILENT_UNTIL * HOUR_MS ? 'silent' : 'over'
}

/** A shop that sent a large mailing within the last day. */
function chooseShop(now: number): { options: ShopOptions; mailedAt: number } {
  const [start, end] = [now - PAST_DAYS * DAY_MS, now + FUTURE_DAYS * DAY_MS]
  const events = EVENTS_PER_DAY * (PAST_DAYS + FUTURE_DAYS)
  for (let seed = 1; ; seed++) {
    const options = { seed, events, contacts: CONTACTS, start, end }
    const mailing = new Shop(options).broadcasts.findLast(({ at }) => at <= now)
    const isFit =
      mailing?.campaign.message.channel === 'email' &&
      mailing.reach >= MIN_REACH &&
      mailing.at <= now - LATEST_HOURS * HOUR_MS &&
      mailing.at >= now - EARLIEST_HOURS * HOUR_MS
    if (isFit || seed === MAX_SEED) return { options, mailedAt: mailing?.at ?? now }
  }
}

/** What makes an event invalid, each in another way. */
const MISTAKES: readonly object[] = [
  { activityStatus: undefined },
  { activityDateTime: '2026-13-01T25:00:00' },
  { messageName: 'Black Friday \ud83c' }, // a half of an emoji
]

/** Puts invalid items into some of the newest bodies: copies of events, with mistakes. */
function withInvalid(past: readonly Arrival[], seed: number): Arrival[] {
  const random = new Random(seed)
  const since = (past.at(-1)?.receivedAt ?? 0) - DAYS_OF_INVALID * DAY_MS
  const first = past.findIndex(({ receivedAt }) => receivedAt > since)
  const mistakes = new Map(
    Array.from({ length: INVALID_ITEMS }, (_, index) => [
      random.between(first, past.length - 1),
      MISTAKES[index % MISTAKES.length] ?? {},
    ]),
  )
  return past.map(({ receivedAt, elements }, index) => {
    const mistake = mistakes.get(index)
    const invalid = mistake ? elements.slice(0, 1).map((each) => spoil(each, mistake)) : []
    return { receivedAt, elements: [...elements, ...invalid] }
  })
}

function spoil({ bytes }: Element, mistake: object): Element {
  const event = JSON.parse(bytes.toString()) as object
  return { bytes: Buffer.from(JSON.stringify({ ...event, ...mistake })), isPoison: true }
}

/** The contacts with the fewest events: to erase them changes little. */
function findRare(past: readonly ShopElement[]): number[] {
  const contacts = Map.groupBy(past, ({ event }) => event.delivery.contact.contactId)
  const rarest = [...contacts].sort(([, one], [, other]) => one.length - other.length)
  return rarest.slice(0, ERASED).map(([contactId]) => contactId)
}

function* listEvents(
  body: readonly ShopElement[],
  others: Iterable<readonly ShopElement[]>,
): Generator<ShopEvent> {
  for (const { event } of body) yield event
  for (const elements of others) for (const { event } of elements) yield event
}
