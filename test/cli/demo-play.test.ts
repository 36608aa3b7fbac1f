import { expect, it } from 'vitest'
import { moveTo, pauseBetween } from '../../src/cli/demo/play.ts'
import { makeScenario } from '../../src/cli/demo/scenario.ts'
import { DAY_MS, HOUR_MS } from '../../src/event/clock.ts'
import type { ShopEvent } from '../../src/simulator/shop/delivery.ts'
import type { ShopElement } from '../../src/simulator/shop/element.ts'
import type { Arrival } from '../../src/simulator/shop/store.ts'

const NOW = Date.UTC(2026, 10, 28, 7)

const eventsOf = (past: readonly Arrival[]): ShopEvent[] =>
  past.flatMap(({ elements }) =>
    elements.filter((each): each is ShopElement => 'event' in each).map(({ event }) => event),
  )

function firstOf(events: Iterable<ShopEvent>, count: number): ShopEvent[] {
  const first: ShopEvent[] = []
  for (const event of events) {
    if (first.push(event) === count) break
  }
  return first
}

it.each([0, 5 * HOUR_MS, 11 * HOUR_MS, 2.4 * DAY_MS, 4.9 * DAY_MS, 40 * DAY_MS])(
  'has two months of events at any time, and others that follow: %s ms later',
  (later) => {
    const now = NOW + later
    const { past, future } = makeScenario(now)
    const events = eventsOf(past)
    expect(events.length).toBeGreaterThan(35_000)
    expect(events.length).toBeLessThan(65_000)
    expect(Math.max(...past.map(({ receivedAt }) => receivedAt))).toBeLessThanOrEqual(now)
    expect(Math.max(...past.map(({ receivedAt }) => receivedAt))).toBeGreaterThan(now - HOUR_MS)
    expect(new Set(events.map(({ at }) => Math.floor(at / DAY_MS))).size).toBeGreaterThan(60)
    const next = firstOf(future, 2_000)
    expect(next).toHaveLength(2_000)
    expect(next.filter(({ reportedAt }) => reportedAt <= now)).toEqual([])
    const isRejected = ({ fault, delivery, at }: ShopEvent) =>
      fault?.cause === 'reputation' && delivery.contact.provider === 'ukr.net' && at > now - DAY_MS
    expect(events.filter(isRejected).length).toBeGreaterThan(30)
  },
)

it('has some invalid items, and events that the webhook missed', () => {
  const { past, missed } = makeScenario(NOW)
  expect(missed.length).toBeGreaterThan(5)
  const sent = new Set(past.flatMap(({ elements }) => elements))
  expect(missed.filter((element) => sent.has(element))).toEqual([])
  const invalid = past.flatMap(({ elements }) => elements.filter(({ isPoison }) => isPoison))
  expect(invalid.length).toBeGreaterThan(2)
})

it('keeps what comes later in order, and how late it was reported', () => {
  const events = firstOf(makeScenario(NOW).future, 500)
  let now = NOW
  const moved = events.map((event, index) => {
    const before = events[index - 1]
    const pause = before ? pauseBetween(before, event) : 0
    expect(pause).toBeGreaterThanOrEqual(0)
    expect(pause).toBeLessThanOrEqual(4_000)
    return moveTo(event, (now += pause))
  })
  for (const [index, { at, reportedAt, delivery }] of moved.entries()) {
    const before = events[index]
    expect(at % 1_000).toBe(0)
    expect(
      Math.abs(reportedAt - at - ((before?.reportedAt ?? 0) - (before?.at ?? 0))),
    ).toBeLessThan(1_000)
    expect(delivery).toBe(before?.delivery)
  }
})
