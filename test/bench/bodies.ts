import { joinBody, makeTraffic, type Element } from '../../src/simulator/traffic.ts'

const MAX_REMEMBERED = 50_000
const MAX_EVENT_BYTES = 8_000 // the simulated traffic has events of 160 KB, for tests; Yespo's has none
const HOUR_MS = 3_600_000
const EVENTS_PER_STREAM = 90_000 // about a month
const MAX_HOURS_PER_EVENT = 0.0108 // of one stream, so that no event is in the future

/** Integers beyond the precision of JavaScript: Yespo rarely sends them, so one body in a hundred may have some. */
const BIG_NUMBER = /":-?\d{16,}[,}]/
const BODIES_WITHOUT = 99

/**
 * Bodies of events in the past month. No event is repeated: it would be stored once, and the numbers of sent and
 * stored events would differ.
 */
export function* makeBodies(count: number, eventsEach: number, seed: number): Generator<Buffer> {
  const known = new Recent()
  let body: Element[] = []
  let made = 0
  // Makes more, because some are left out, and the last campaign may be incomplete.
  const events = Math.ceil(count * eventsEach * 1.2) + 1_000
  for (const element of mixTraffic(events, seed)) {
    const text = element.bytes.toString('latin1')
    if (text.length > MAX_EVENT_BYTES) continue
    if (made % (BODIES_WITHOUT + 1) < BODIES_WITHOUT && BIG_NUMBER.test(text)) continue
    if (known.hasOrAdd(text)) continue
    body.push(element)
    if (body.length < eventsEach) continue
    yield joinBody(body)
    body = []
    if (++made === count) return
  }
  throw new Error(`the traffic had only ${made} of ${count} bodies`)
}

/** Moves the events of a body to the last minutes before a time. @param until UTC milliseconds */
export function moveTo(body: Buffer, until: number, minutes: number): Buffer {
  let index = 0
  const text = body.toString().replaceAll(/"activityDateTime":"[^"]*"/g, () => {
    const time = until - ((index++ * 7_919) % (minutes * 60_000))
    return `"activityDateTime":"${new Date(time).toISOString().slice(0, 19)}"`
  })
  return Buffer.from(text)
}

/** Mixes parallel streams, enough that each lasts a month at most. */
function* mixTraffic(events: number, seed: number): Generator<Element> {
  const streams = Math.ceil(events / EVENTS_PER_STREAM)
  const each = Math.ceil(events / streams)
  const hours = Math.ceil(24 + each * MAX_HOURS_PER_EVENT)
  const start = Math.floor(Date.now() / HOUR_MS - hours) * HOUR_MS
  let running = Array.from({ length: streams }, (_, index) =>
    makeTraffic({ seed: seed * 1_000 + index, events: each, poison: 0, start }),
  )
  while (running.length > 0) {
    const steps = running.map((stream) => ({ stream, step: stream.next() }))
    for (const { step } of steps) if (!step.done) yield* step.value
    running = steps.filter(({ step }) => !step.done).map(({ stream }) => stream)
  }
}

/** Remembers the latest texts only, because equal events are reported close to each other. */
class Recent {
  #newer = new Set<string>()
  #older = new Set<string>()

  hasOrAdd(text: string): boolean {
    if (this.#newer.has(text) || this.#older.has(text)) return true
    if (this.#newer.size === MAX_REMEMBERED) {
      this.#older = this.#newer
      this.#newer = new Set()
    }
    this.#newer.add(text)
    return false
  }
}
