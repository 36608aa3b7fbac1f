import { joinBody, makeTraffic, type Element } from '../yespo/traffic.ts'

const MOST_BYTES = 8_000 // the traffic has events of 160 KB to test with; Yespo has none

/**
 * Bodies of so many events each, no event twice: it would be stored once, and the count would be
 * waited for in vain.
 */
export function* makeBodies(count: number, eventsEach: number, seed: number): Generator<Buffer> {
  const known = new Set<string>()
  let body: Element[] = []
  let made = 0
  // Some are left out, and the last campaign may be cut off, so a tenth more is asked for.
  const events = Math.ceil(count * eventsEach * 1.1) + 1_000
  for (const elements of makeTraffic({ seed, events, poison: 0 })) {
    for (const element of elements) {
      const text = element.bytes.toString('latin1')
      if (text.length > MOST_BYTES || known.has(text)) continue
      known.add(text)
      body.push(element)
      if (body.length < eventsEach) continue
      yield joinBody(body)
      body = []
      if (++made === count) return
    }
  }
  throw new Error(`the traffic had only ${made} of ${count} bodies`)
}
