import { digest128 } from '../../src/event/identity.ts'
import type { Element } from '../../src/simulator/traffic.ts'
import type { Fate } from './faults.ts'
import { readEvent, type Ledger } from './ledger.ts'
import type { Server } from './server.ts'

/** How often each action happens: shares of all bodies. */
const SHARES = { plant: 0.06, erase: 0.03, replay: 0.06 }

const MAX_PLANTED_BYTES = 20_000
const MAX_TRIES = 500
const STORMY_RUNS = 8
const FIVE_MINUTES = 300_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const SCHEDULE_MS = 2 * HOUR

/** The receiver's clock, in UTC milliseconds: never behind the latest event. */
export type Clock = { readonly time: number; advance(ms: number): void }

/** Erases, replays and backfills as the receiver's operator would, and runs its schedule, while events arrive. */
export class Operator {
  readonly counts = { backfills: 0, contactsErased: 0, planted: 0, replayed: 0, runs: 0 }
  readonly #server: Server
  readonly #fate: Fate
  readonly #ledger: Ledger
  readonly #toErase: Element[] = []
  #maintainedAt = 0
  readonly #clock: Clock

  constructor(server: Server, fate: Fate, ledger: Ledger, clock: Clock) {
    this.#server = server
    this.#fate = fate
    this.#ledger = ledger
    this.#clock = clock
  }

  /**
   * Quarantines an event that an earlier version of the receiver rejected, and today's would accept.
   * @returns the body without that event
   */
  async plantOldItem(elements: readonly Element[]): Promise<readonly Element[]> {
    const { random } = this.#fate
    if (elements.length < 2 || !random.chance(SHARES.plant)) return elements
    const chosen = random.pick(elements)
    const duplicates = elements.filter(({ bytes }) => bytes.equals(chosen.bytes))
    const isLong = chosen.bytes.length > MAX_PLANTED_BYTES
    if (chosen.isPoison || duplicates.length > 1 || isLong) return elements
    this.#ledger.expect([chosen])
    const sent = chosen.bytes.toString()
    await this.#server.quarantine(digest128(`planted ${sent}`), sent, this.#clock.time)
    this.counts.planted++
    return elements.filter((element) => element !== chosen)
  }

  /** Does some of these things, at random. */
  async runAtRandom(elements: readonly Element[]): Promise<void> {
    const { random } = this.#fate
    const someone = random.pick(elements)
    if (random.chance(SHARES.erase) && !someone.isPoison) this.#toErase.push(someone)
    await this.#erase()
    // Depends on the receiver's time, so that the schedule meets faults like everything else.
    if (this.#clock.time - this.#maintainedAt >= SCHEDULE_MS) await this.#runMaintenance()
    if (random.chance(SHARES.replay)) await this.replay(random.pick(['planted', 'all']))
  }

  /** Does everything that is left. @param deliver empties the queue */
  async finish(deliver: () => Promise<void>): Promise<void> {
    let left: Record<string, number> = {}
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      await this.#erase()
      await this.replay()
      await deliver()
      this.#clock.advance(HOUR)
      await this.#runMaintenance()
      await deliver() // the time slices that it queued
      left = { ...(await this.#server.countPending()), toErase: this.#toErase.length }
      if (Object.values(left).every((count) => count === 0)) return
    }
    throw new Error(`the receiver never finishes: ${JSON.stringify(left)}`)
  }

  /** Runs the schedule until a day is in the archive. @param deliver empties the queue */
  async archiveFirstDay(deliver: () => Promise<void>): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if ((await this.#server.findFirstUnarchived()) > 0) return
      this.#clock.advance(SCHEDULE_MS)
      await this.#runMaintenance()
      await deliver()
    }
    throw new Error('no day ever moves to the archive')
  }

  /** Runs the schedule for three days. @param deliver empties the queue */
  async archive(deliver: () => Promise<void>): Promise<void> {
    for (let runs = 0; runs < STORMY_RUNS; runs++) {
      this.#clock.advance((3 * DAY) / STORMY_RUNS)
      await this.#runMaintenance()
      await deliver()
    }
  }

  /** Backfills a time range from Yespo's API: UTC milliseconds. */
  async backfill(since: number, until: number): Promise<void> {
    const [from, to] = [since, until].map((time) => new Date(time).toISOString())
    const path = `/backfill?since=${from}&until=${to}`
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const response = await this.#server.operate('POST', path, this.#clock.time)
      if (response !== undefined) {
        this.counts.backfills++
        return
      }
      this.#clock.advance(FIVE_MINUTES)
    }
    throw new Error('the backfill is never accepted')
  }

  /** Replays quarantined items: those that are valid now, or all, which takes longer. */
  async replay(items: 'planted' | 'all' = 'planted'): Promise<void> {
    let cursor: string | null = ''
    while (cursor !== null) {
      const query = new URLSearchParams({
        ...(items === 'planted' && { reason: 'planted' }),
        ...(cursor !== '' && { cursor }),
      })
      const path = `/quarantine/replay?${query}`
      const response = await this.#server.operate('POST', path, this.#clock.time)
      if (response === undefined) return // to be repeated later
      const { replayed, next } = JSON.parse(response) as { replayed: number; next: string | null }
      this.counts.replayed += replayed
      cursor = next
    }
  }

  /** Repeats a request for erasure until it succeeds; a failed one may have started, or not. */
  async #erase(): Promise<void> {
    const [element] = this.#toErase
    if (!element) return
    const { contactId, email } = readEvent(element.bytes).event
    const until = this.#clock.time
    const byEmail = email !== undefined && this.#fate.random.chance(0.5)
    const path = byEmail
      ? `/contacts?email=${encodeURIComponent(email.toUpperCase())}`
      : `/contacts/${contactId}`
    const response = await this.#server.operate('DELETE', path, until)
    if (response === undefined) return
    // An address not stored yet matches no contact: try again later, perhaps by contact ID. A contact is erased
    // even if it has no events left, or none yet.
    if (byEmail && (JSON.parse(response) as { contacts: number }).contacts === 0) return
    this.#ledger.erase(String(contactId), until)
    this.#toErase.shift()
    this.counts.contactsErased++
  }

  async #runMaintenance(): Promise<void> {
    this.#clock.advance(FIVE_MINUTES)
    this.counts.runs++
    this.#maintainedAt = this.#clock.time
    const { time } = await this.#server.runMaintenance(this.#clock.time)
    this.#clock.advance(Math.max(0, time - this.#clock.time))
  }
}
