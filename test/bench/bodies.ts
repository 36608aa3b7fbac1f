import { joinBody, makeTraffic, type Element } from '../yespo/traffic.ts'

const REMEMBERED = 50_000
const MOST_BYTES = 8_000 // the traffic has events of 160 KB to test with; Yespo has none

/**
 * Bodies of so many events each, no event twice: it would be stored once, and the count would be
 * waited for in vain.
 */
export function* makeBodies(count: number, eventsEach: number, seed: number): Generator<Buffer> {
  const known = new Recent()
  let body: Element[] = []
  let made = 0
  // Some are left out, and the last campaign may be cut off, so a tenth more is asked for.
  const events = Math.ceil(count * eventsEach * 1.1) + 1_000
  for (const elements of makeTraffic({ seed, events, poison: 0 })) {
    for (const element of elements) {
      const text = element.bytes.toString('latin1')
      if (text.length > MOST_BYTES || known.hasOrAdd(text)) continue
      body.push(element)
      if (body.length < eventsEach) continue
      yield joinBody(body)
      body = []
      if (++made === count) return
    }
  }
  throw new Error(`the traffic had only ${made} of ${count} bodies`)
}

/** Remembers the last texts: equal events are reported close to each other. */
class Recent {
  #newer = new Set<string>()
  #older = new Set<string>()

  hasOrAdd(text: string): boolean {
    if (this.#newer.has(text) || this.#older.has(text)) return true
    if (this.#newer.size === REMEMBERED) {
      this.#older = this.#newer
      this.#newer = new Set()
    }
    this.#newer.add(text)
    return false
  }
}
