import { HOUR_MS, QUARTER_MS } from '../../../src/event/clock.ts'
import { PROVIDERS } from '../../../src/event/mailbox-provider.ts'
import { OTHER, Pulse } from '../../../src/db/rollups/pulse.ts'
import type { HourPulse } from '../../../src/db/rollups/read-pulse.ts'
import type { ShopEvent } from '../../../src/simulator/shop/delivery.ts'
import type { Truth } from '../../../src/simulator/shop/truth.ts'

const known = new WeakMap<Truth, readonly ShopEvent[]>()

/** The events that are counted: the first of each kind for a delivery, of reads and clicks only people's. */
export function listFirsts(truth: Truth): readonly ShopEvent[] {
  let firsts = known.get(truth)
  if (!firsts) known.set(truth, (firsts = findFirsts(truth)))
  return firsts
}

function findFirsts({ deliveries, machines }: Truth): ShopEvent[] {
  return [...deliveries.values()].flatMap((events) => {
    const seen = new Set<string>()
    return events.filter((event) => {
      if (machines.has(event) || seen.has(event.status)) return false
      seen.add(event.status)
      return true
    })
  })
}

const KNOWN_PROVIDERS: ReadonlySet<string> = new Set(PROVIDERS.map(({ name }) => name))

/** What the receiver counts of a shop's events by the hour. */
export function toPulses(truth: Truth): HourPulse[] {
  const pulses = new Map<number, Pulse>()
  for (const { at, status, fault, delivery } of listFirsts(truth)) {
    const hour = Math.floor(at / HOUR_MS) * HOUR_MS
    let pulse = pulses.get(hour)
    if (!pulse) pulses.set(hour, (pulse = new Pulse()))
    const { channel } = delivery.campaign.message
    const provider = channel === 'email' ? nameOf(delivery.contact.provider) : ''
    const quarter = Math.floor((at - hour) / QUARTER_MS)
    pulse.add(channel, provider, status, fault?.cause ?? '', quarter)
  }
  return [...pulses]
    .map(([hour, pulse]) => ({ hour, rows: pulse.list() }))
    .sort((one, other) => one.hour - other.hour)
}

function nameOf(provider = ''): string {
  return KNOWN_PROVIDERS.has(provider) ? provider : OTHER
}
