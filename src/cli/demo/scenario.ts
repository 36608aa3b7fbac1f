import { DAY_MS, HOUR_MS } from '../../event/clock.ts'
import { makePoison } from '../../simulator/poison.ts'
import { Random } from '../../simulator/random.ts'
import type { ShopEvent } from '../../simulator/shop/delivery.ts'
import type { ShopElement } from '../../simulator/shop/element.ts'
import { Shop } from '../../simulator/shop/shop.ts'
import type { Arrival } from '../../simulator/shop/store.ts'

const SEED = 7
const EVENTS_PER_DAY = 1_300
const CONTACTS = 3_000
const [PAST_DAYS, FUTURE_DAYS] = [30, 14]
const INVALID_ITEMS = 6
const DAYS_OF_INVALID = 5
/** Enough for a mailing to be delivered, and for its bounces to be noticed. */
const INCIDENT_HOURS = 6

/** A shop's events: those of the last month, and those that will come. */
export type Scenario = { past: Arrival[]; future: Iterable<ShopEvent> }

/** Simulates a shop whose mails Outlook rejects since its last large mailing. @param now UTC milliseconds */
export function makeScenario(now: number): Scenario {
  const [start, end] = [now - PAST_DAYS * DAY_MS, now + FUTURE_DAYS * DAY_MS]
  const events = EVENTS_PER_DAY * (PAST_DAYS + FUTURE_DAYS)
  const options = { seed: SEED, events, contacts: CONTACTS, start, end }
  const since = findLastMailing(new Shop(options), now - INCIDENT_HOURS * HOUR_MS) - HOUR_MS
  const rejected = { kind: 'rejected', provider: 'outlook', share: 0.7, since, until: end } as const
  const bodies = new Shop({ ...options, incidents: [rejected] }).bodies()
  const past: Arrival[] = []
  for (let next = bodies.next(); !next.done; next = bodies.next()) {
    const isOver = ({ event }: ShopElement) => event.reportedAt <= now
    const elements = next.value.filter(isOver)
    const last = elements.at(-1)
    if (last) past.push({ receivedAt: last.event.reportedAt, elements })
    if (elements.length < next.value.length) {
      return { past: withInvalid(past), future: listEvents(next.value, bodies) }
    }
  }
  return { past, future: [] }
}

/** When the last broadcast by email before a time began: UTC milliseconds. */
function findLastMailing({ broadcasts }: Shop, before: number): number {
  const mailing = broadcasts.findLast(
    ({ campaign, at }) => campaign.message.channel === 'email' && at < before,
  )
  return mailing?.at ?? before
}

/** Puts invalid items into some of the newest bodies. */
function withInvalid(past: readonly Arrival[]): Arrival[] {
  const random = new Random(SEED)
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
