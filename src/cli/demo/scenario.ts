import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { makePoison } from '../../simulator/poison.ts'
import { Random } from '../../simulator/random.ts'
import type { ShopEvent } from '../../simulator/shop/delivery.ts'
import type { ShopElement } from '../../simulator/shop/element.ts'
import { Shop, type ShopOptions } from '../../simulator/shop/shop.ts'
import type { Arrival } from '../../simulator/shop/store.ts'

const EVENTS_PER_DAY = 1_300
const CONTACTS = 3_000
const [PAST_DAYS, FUTURE_DAYS] = [30, 14]
const INVALID_ITEMS = 6
const DAYS_OF_INVALID = 5
/** How long ago a mailing began whose bounces are noticed by now, but not forgotten. */
const [LATEST_HOURS, EARLIEST_HOURS] = [3, 20]
const MIN_REACH = 0.4
const MAX_SEED = 50

/** A shop's events: those of the last month, and those that will come. */
export type Scenario = { past: Arrival[]; future: Iterable<ShopEvent> }

/** Simulates a shop most of whose mails ukr.net rejects since its last large mailing. @param now UTC milliseconds */
export function makeScenario(now: number): Scenario {
  const { options, mailedAt } = chooseShop(now)
  const span = { since: mailedAt - HOUR_MS, until: options.end }
  const rejected = { kind: 'rejected', provider: 'ukr.net', share: 0.6, ...span } as const
  const bodies = new Shop({ ...options, incidents: [rejected] }).bodies()
  const past: Arrival[] = []
  for (let next = bodies.next(); !next.done; next = bodies.next()) {
    const { over = [], ahead = [] } = Object.groupBy(next.value, ({ event }) =>
      event.reportedAt <= now ? 'over' : 'ahead',
    )
    const last = over.at(-1)
    if (last) past.push({ receivedAt: last.event.reportedAt, elements: over })
    if (ahead.length > 0) {
      return { past: withInvalid(past, options.seed), future: listEvents(ahead, bodies) }
    }
  }
  return { past, future: [] }
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

/** Puts invalid items into some of the newest bodies. */
function withInvalid(past: readonly Arrival[], seed: number): Arrival[] {
  const random = new Random(seed)
  const first = past.findIndex(
    ({ receivedAt }) => receivedAt > (past.at(-1)?.receivedAt ?? 0) - DAYS_OF_INVALID * DAY_MS,
  )
  const chosen = new Set(
    Array.from({ length: INVALID_ITEMS }, () => random.between(first, past.length - 1)),
  )
  return past.map(({ receivedAt, elements }, index) => {
    if (!chosen.has(index)) return { receivedAt, elements }
    const invalid = { bytes: makePoison(random), isPoison: true }
    return { receivedAt, elements: [...elements, invalid] }
  })
}

function* listEvents(
  body: readonly ShopElement[],
  others: Iterable<readonly ShopElement[]>,
): Generator<ShopEvent> {
  for (const { event } of body) yield event
  for (const elements of others) for (const { event } of elements) yield event
}
